/** The start: draw a shape, and see how much x tells about y. */
import { driftScenes } from "./drift.ts";
import { Board, DIVERGED } from "./kit/board.ts";
import { live } from "./kit/live.ts";
import { element, say } from "./kit/page.ts";
import { hundredths, readingOf } from "./kit/reading.ts";
import { type Kind, shapeFrom } from "./kit/shapes.ts";

const controls = element<HTMLFormElement>("controls");
const radios = [...controls.querySelectorAll<HTMLInputElement>("input[name=kind]")];
const standard = { kind: "ring", width: 0.2, rho: 0, centres: [] } as const;

const shape = () => ({ ...standard, kind: radios.find(({ checked }) => checked)!.value as Kind });

function choose(kind: Kind): void {
  for (const radio of radios) radio.checked = radio.value === kind;
}

/** The address holds the kind of shape, beside what the rest of the page keeps there. */
function keep(): void {
  const address = new URLSearchParams(location.hash.slice(1));
  const { kind } = shape();
  if (address.get("kind") === kind) return;
  address.set("kind", kind);
  history.replaceState(null, "", `#${address}`);
}

choose(shapeFrom(location.hash, standard).kind);
const board = new Board({
  shape,
  drawOwn() {
    choose("own");
    keep();
  },
  format: hundredths,
  begin(given) {
    say("pearson", given ? hundredths(given.r) : "–");
    say(
      "reading",
      given ? readingOf({ estimate: null, steps: 0 }, given).text : "Nothing is drawn yet: draw on the square.",
    );
  },
  draw(moment, given) {
    const reading = readingOf(moment, given);
    say("reading", reading.text);
    return reading;
  },
});

controls.addEventListener("change", () => {
  keep();
  board.choose();
});
addEventListener("hashchange", () => {
  const { kind } = shapeFrom(location.hash, standard);
  if (kind === shape().kind) return;
  choose(kind);
  board.choose();
});
controls.addEventListener("submit", (event) => event.preventDefault());

const scenes = driftScenes(board.pause);
live(element("demo"), (gpu) => Promise.race([board.work(gpu), scenes.work(gpu)]), {
  diverged: DIVERGED,
  recorded: (recording) => Promise.race([board.recorded(recording), scenes.recorded(recording)]),
});
