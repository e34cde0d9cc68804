/** Figures 7 and 12 to 14: self-consistency on images, by data set and critic. */
import { type ConvImages, resnet18, selfConsistencyNet } from "../../critics/conv.ts";
import type { Critic } from "../../critics/critic.ts";
import { InputError } from "../../errors.ts";
import { correlation, mean, ranksOf, standardScores } from "../../math/statistics.ts";
import { type LinesPanel, panelsFigure } from "../../report/lines.ts";
import { estimators, halved, type Measured, measure, type Scale, TESTS, type Test } from "./consistency.ts";
import {
  type Bench,
  type Experiment,
  type Outcome,
  type Settings,
  shown,
  type Verdict,
  verdict,
} from "./experiment.ts";
import { type ImageSetName, readImages } from "./image-files.ts";
import { PLACES } from "./image-places.ts";

interface Figure {
  title: string;
  images: ImageSetName;
  critic: (sizes: ConvImages) => Critic;
  /** In words. */
  network: string;
  /** What the short form takes: of the largest networks, not all. */
  quick: Partial<Scale>;
}

const WHY =
  "A ratio of two estimates shows bias where no truth is known. MINE and SMILE explode on images, which differ so much that a batch tells " +
  "them all apart; InfoNCE stops at the logarithm of the batch, so that its ratio is 1 whatever it is asked.";

export const consistencyFigures: Readonly<Record<string, Experiment>> = {
  fig7: experiment({
    ...{ title: "Figure 7: self-consistency on CIFAR-10", images: "cifar-10" },
    ...{ critic: selfConsistencyNet, network: "convolutional network", quick: {} },
  }),
  fig12: experiment({
    ...{ title: "Figure 12: self-consistency on Fashion-MNIST", images: "fashion-mnist" },
    ...{ critic: selfConsistencyNet, network: "convolutional network", quick: {} },
  }),
  fig13: experiment({
    ...{ title: "Figure 13: self-consistency on MNIST", images: "mnist" },
    ...{ critic: selfConsistencyNet, network: "convolutional network", quick: {} },
  }),
  fig14: experiment({
    ...{ title: "Figure 14: self-consistency on MNIST, with a modified ResNet-18", images: "mnist" },
    ...{ critic: (sizes) => resnet18(sizes), network: "ResNet-18 with one output, without batch normalisation" },
    quick: { batch: 2, steps: 2, estimators: ["ReMINE"], tests: ["baseline"] },
  }),
};

function experiment({ title, images: set, critic, network, quick }: Figure): Experiment {
  return {
    ...{ title, why: WHY, images: set },
    async run(bench) {
      const { settings } = bench;
      const whole = await readImages(set, { folder: settings.images });
      const small = settings.quick || settings.half;
      const images = small ? halved(whole) : whole;
      const scale = scaleOf(settings, images.height, quick);
      const name = `consistency-${set}-${critic === selfConsistencyNet ? "cnn" : "resnet"}${small ? "-halved" : ""}`;
      const measured = await measure(bench, { images, critic, name, scale });
      return outcome(bench, {
        title,
        network,
        measured,
        scale,
        images: `${PLACES[set].title}, ${images.height} × ${images.width}`,
      });
    },
  };
}

/** Nine numbers of rows, evenly up to all of them. */
function scaleOf({ quick, steps, runs, batch, rows }: Settings, height: number, short: Partial<Scale>): Scale {
  if (batch === 1) {
    throw new InputError(
      "--batch must be 2 or more where images are compared: each is set against the others of its batch",
    );
  }
  const usual: Scale = {
    rows: rows ?? Array.from({ length: 9 }, (_, i) => Math.round(((i + 1) * height) / 9)),
    ...{ batch: batch ?? 16, steps: steps ?? 100, runs: runs ?? 10 },
    ...{ estimators: Object.keys(estimators), tests: [...TESTS] },
  };
  if (!quick) return usual;
  return { ...usual, rows: [Math.ceil(height / 2), height], batch: 4, steps: steps ?? 4, runs: 1, ...short };
}

interface Found {
  title: string;
  network: string;
  images: string;
  measured: Measured;
  scale: Scale;
}

/** Of the ratio to the baseline; of the baseline itself there is none. */
const IDEAL: Record<Test, number> = { baseline: Number.NaN, "data processing": 1, additivity: 2 };

/** The mean over runs at each t, and a ratio of two such. */
const curve = (measured: Measured, name: string, test: Test) => measured[name]![test]!.map((runs) => mean(runs));
const ratio = (measured: Measured, name: string, test: Test) =>
  curve(measured, name, test).map((value, i) => value / curve(measured, name, "baseline")[i]!);

function outcome(bench: Bench, found: Found): Outcome {
  const { title, network, images, measured, scale } = found;
  const setting = `${images}, ${network}, batch ${scale.batch}, ${scale.steps} steps, Adam 1e-4, ${scale.runs} run${scale.runs > 1 ? "s" : ""}`;
  return {
    setting,
    verdicts: verdicts(bench, found),
    svg: panelsFigure({
      title,
      subtitle: setting,
      panels: scale.tests.map((test) => panel(measured, scale, test)),
      columns: Math.max(2, scale.tests.length),
    }),
    data: { ...scale, measured },
    csv: csvOf(measured, scale),
  };
}

/** One claim of each test that was run. */
function verdicts(bench: Bench, { measured, scale }: Found): Verdict[] {
  const names = scale.estimators;
  const listed = (value: (name: string) => number) =>
    names.map((name) => `${name} ${shown(value(name), 2)}`).join(", ");
  const growth = (name: string) => rankCorrelation(curve(measured, name, "baseline"));
  const away = (test: Test) => (name: string) =>
    mean(ratio(measured, name, test).map((value) => Math.abs(value - IDEAL[test])));
  const nearest = (test: Test) => names.toSorted((a, b) => away(test)(a) - away(test)(b)).slice(0, 3);
  const claims: Record<Test, () => { holds: boolean; claim: string; measured: string }> = {
    baseline: () => ({
      holds: names.every((name) => growth(name) > 0.6),
      claim: "baseline: I(X; h_t X) grows with t, for every estimator",
      measured: `correlation of ranks ${listed(growth)}`,
    }),
    "data processing": () => ({
      holds: ["ReMINE", "SMILE+JS"].every((name) => nearest("data processing").includes(name)),
      claim: "data processing: ReMINE and SMILE+JS are among the three nearest to the ideal ratio 1",
      measured: `mean distance ${listed(away("data processing"))}`,
    }),
    additivity: () => ({
      holds: names.every((name) => away("additivity")(name) > 0.2),
      claim: "additivity: no estimator reaches the ideal ratio 2",
      measured: `mean distance ${listed(away("additivity"))}`,
    }),
  };
  // One number of rows shows no growth.
  const shownBy = scale.tests.filter((test) => test !== "baseline" || scale.rows.length > 1);
  return shownBy.map((test) => verdict(bench.settings, { ...claims[test](), needs: "full" }));
}

/** Spearman's correlation of values with their places. */
function rankCorrelation(values: number[]): number {
  const places = Float64Array.from(values, (_, i) => i);
  return correlation(standardScores(ranksOf(Float64Array.from(values))), standardScores(places));
}

function panel(measured: Measured, { rows, estimators }: Scale, test: Test): LinesPanel {
  const x = { label: "rows t that Y keeps", values: rows };
  if (test === "baseline") {
    const series = estimators.map((name) => {
      const runs = measured[name]![test]!;
      return {
        ...{ name, values: curve(measured, name, test), marks: true },
        band: { lo: runs.map((all) => Math.min(...all)), hi: runs.map((all) => Math.max(...all)) },
      };
    });
    return { title: "baseline: I(X; h_t X)", x, y: { label: "nats", domain: [-1, 25] }, series };
  }
  return {
    title: test === "additivity" ? "additivity: [X1, X2]" : "data processing: [X, X]",
    x,
    y: { label: "ratio to I(X; h_t X)", domain: [-0.5, 3] },
    series: estimators.map((name) => ({ name, values: ratio(measured, name, test), marks: true })),
    references: [{ label: "ideal", y: IDEAL[test] }],
  };
}

function csvOf(measured: Measured, { rows, estimators, tests }: Scale): string {
  const lines = estimators.flatMap((name) =>
    tests.flatMap((test) =>
      measured[name]![test]!.flatMap((runs, i) =>
        runs.map((value, run) => [name, test, rows[i], run + 1, value].join(",")),
      ),
    ),
  );
  return ["estimator,test,rows,run,nats", ...lines, ""].join("\n");
}
