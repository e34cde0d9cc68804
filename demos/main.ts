/** The start: what mutual information is, and why its measurement drifts, with two figures that train. */
import type { Gpu } from "../src/index.ts";
import { count, nats } from "./kit/format.ts";
import { onThemeChange } from "./kit/inks.ts";
import { frame, live, Pace, Speaker } from "./kit/live.ts";
import { element, say } from "./kit/page.ts";
import { sourceOf, truthOf } from "./lab/data.ts";
import { defaults, type Settings } from "./lab/settings.ts";
import { type Key, Side, SideCurves } from "./lab/side.ts";
import { drawSample } from "./sample.ts";

const demo = element("demo");
const [rho, lambda] = [element<HTMLInputElement>("rho"), element<HTMLInputElement>("lambda")];
const sample = element<HTMLCanvasElement>("sample");
const speaker = new Speaker("spoken");

const settings = (): Record<Key, Settings> => ({
  a: { ...defaults, a: "remine", data: "gaussian", rho: Number(rho.value), batch: 200 },
  b: { ...defaults, lambda: Number(lambda.value) },
});

function showControls(): void {
  const now = settings();
  say("rho-value", now.a.rho.toFixed(2));
  say("lambda-value", now.b.lambda.toFixed(2));
  sample.setAttribute("aria-label", `Samples of x and y with correlation ${now.a.rho.toFixed(2)}`);
  drawSample(sample, now.a.rho);
  demo.dataset.truth = truthOf(now.a).toFixed(5);
  say("truth-a", nats(truthOf(now.a)));
  say("truth-b", nats(truthOf(now.b)));
}

for (const slider of [rho, lambda]) slider.addEventListener("input", showControls);
onThemeChange(showControls);
new ResizeObserver(showControls).observe(sample);

/** Only the figures in sight are trained. */
const seen = new Set<Key>();
let wake = () => {};
const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const key = target.id === "side-a" ? "a" : "b";
    if (isIntersecting) seen.add(key);
    else seen.delete(key);
  }
  wake();
});
for (const key of ["a", "b"]) observer.observe(element(`side-${key}`));

const curves = { a: new SideCurves("a", ["estimate", "truth"]), b: new SideCurves("b") };

async function work(gpu: Gpu): Promise<void> {
  const sides = { a: await Side.create(gpu, "a", curves.a), b: await Side.create(gpu, "b", curves.b) };
  const pace = new Pace(gpu);
  const told = { a: "", b: "" };
  for (;;) {
    const now = settings();
    const keys = (["a", "b"] as const).filter((key) => seen.has(key));
    if (keys.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      pace.restart();
      continue;
    }
    for (const key of keys) {
      if (told[key] === "") await sides[key].make(now[key], sourceOf(now[key]), true);
      const text = JSON.stringify(now[key]);
      if (told[key] !== text) sides[key].set(now[key]);
      told[key] = text;
    }
    await pace.step(
      keys.map((key) => sides[key]),
      defaults.speed,
    );
    if (pace.due()) {
      await Promise.all(keys.map((key) => sides[key].show(now[key], truthOf(now[key]))));
      say("rate", Number.isFinite(pace.rate) ? count(pace.rate) : "–");
      speaker.say(() =>
        keys.map((key) => `Truth ${nats(truthOf(now[key]))} nats, ${sides[key].describe()}.`).join(" "),
      );
    }
    await frame();
  }
}

showControls();
live(demo, work);
