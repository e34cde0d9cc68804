/** What the page of the landscape says of its runs, with the settings it exports; and its picture's labels. */
import { describe, expect, test } from "vitest";
import { labelsOf, touches } from "../demos/surface/labels.ts";
import { heights, lossAt, piecesOf, shoreOf } from "../demos/surface/landscape.ts";
import { extended, type Point, verdictOf } from "../demos/surface/path.ts";
import { choices, defaults, figures, settingsAt, TRUTH, trainerOptions } from "../demos/surface/settings.ts";
import { viewOf } from "../demos/surface/view.ts";
import { createTrainer, remine } from "../src/index.ts";
import { gpu, it } from "./gpu.ts";

describe("runs of the landscape", () => {
  const LAMBDAS = [0, 0.01, 0.1, 1];
  const SEEDS = 6;
  const STEPS = 3000;

  it("do what the figures' sentences say, over six seeds", async () => {
    const all = LAMBDAS.flatMap((lambda) => Array.from({ length: SEEDS }, (_, stream) => ({ lambda, stream })));
    using trainer = await createTrainer(gpu, {
      ...trainerOptions({ ...defaults, batch: settingsAt("#fig5").batch }, 0),
      replicas: all.length,
      streams: all.map(({ stream }) => stream),
      estimator: remine({ lambda: all.map(({ lambda }) => lambda), C: 0 }),
    });
    const paths: Point[][] = all.map(() => [{ steps: 0, j: 0, jbar: 0 }]);
    while (trainer.steps < STEPS) {
      await trainer.step(125);
      const { averages } = await trainer.read();
      for (const [r, { joint, logPartition }] of averages.entries()) {
        paths[r] = extended(paths[r]!, { steps: trainer.steps, j: joint, jbar: logPartition });
      }
    }
    const of = (lambda: number) => paths.filter((_, r) => all[r]!.lambda === lambda);
    const settled = (path: Point[]) => path.filter(({ steps }) => steps >= 1000);
    const jbars = (path: Point[]) => path.map(({ jbar }) => jbar);
    for (const lambda of [0, 0.01, 0.1]) {
      // "comes to", or "falls to", "the dashed line within 1000 steps".
      const estimates = of(lambda).flatMap((path) => settled(path).map(({ j, jbar }) => j - jbar));
      for (const estimate of estimates) expect(Math.abs(estimate - TRUTH)).toBeLessThan(0.4);
    }
    // "There is no network beyond it."
    for (const { j, jbar } of paths.flat()) expect(j - jbar).toBeLessThan(TRUTH + 0.25);
    for (const path of of(0)) {
      expect(verdictOf(path, { lambda: 0, C: 0 }).state).toBe("drifts");
      expect(Math.max(...jbars(settled(path))) - Math.min(...jbars(settled(path)))).toBeGreaterThan(0.8);
    }
    for (const path of of(0.01)) {
      expect(path.at(-1)!.jbar).toBeGreaterThan(-0.65);
      expect(path.at(-1)!.jbar).toBeLessThan(-0.05);
    }
    for (const path of of(0.1)) {
      expect(verdictOf(path, { lambda: 0.1, C: 0 }).state).toBe("stays");
      for (const jbar of jbars(settled(path))) expect(Math.abs(jbar)).toBeLessThan(0.4);
    }
    for (const path of of(1)) {
      for (const jbar of jbars(path)) expect(Math.abs(jbar)).toBeLessThan(1);
    }
  });
});

describe("what the page says", () => {
  const path = (j: number, jbar: number): Point[] =>
    Array.from({ length: 100 }, (_, i) => ({ steps: 30 * (i + 1), j, jbar }));

  test("follows what was measured", () => {
    const said = (j: number, jbar: number) => verdictOf(path(j, jbar), { lambda: 0, C: 0 });
    expect(verdictOf([], { lambda: 0.1, C: 0 }).state).toBe("on its way");
    expect(said(2.8, 0.1).text).toContain("kept within 0.100 of 0.000; the estimate is 2.700, the truth 2.773");
    expect(said(0.2, -2.5)).toMatchObject({ state: "drifts", text: expect.stringContaining("to −2.500") });
    expect(said(6, 5)).toMatchObject({ state: "off" });
    expect(said(-3.3e7, -5).text).toContain("the estimate is −3.3e7, the truth 2.773");
    expect(said(Number.NaN, 0).state).toBe("exploded");
  });

  test("a path of any length keeps its ends", () => {
    let long: Point[] = [];
    for (let steps = 0; steps <= 5000; steps++) long = extended(long, { steps, j: 0, jbar: 0 });
    expect(long.length).toBeLessThanOrEqual(256);
    expect([long[0]!.steps, long.at(-1)!.steps]).toEqual([0, 5000]);
  });

  test("an address opens a figure, valid settings, or the default", () => {
    expect(settingsAt("#fig5-0")).toEqual({ lambda: 0, C: 0, batch: 100 });
    expect(settingsAt("#lambda=0.3&C=-1.5&batch=10")).toEqual({ lambda: 0.3, C: -1.5, batch: 10 });
    for (const hash of ["", "#fig99", "#lambda=&C=x&batch=777", "#toString"])
      expect(settingsAt(hash)).toEqual(defaults);
    for (const name of Object.keys(figures)) expect(choices.lambda).toContain(settingsAt(`#${name}`).lambda);
  });
});

describe("the picture", () => {
  const turns = [0, 0.4, 0.75, 1.57, 3, 4.4].flatMap((yaw) =>
    [0.05, 0.47, 1.5].map((pitch) => ({ yaw, pitch, zoom: 1 })),
  );
  const frames = [
    { width: 574, height: 390 },
    { width: 348, height: 288 },
    { width: 278, height: 240 },
  ];

  test("labels never touch, and lie inside of it, at any turn, size and range", () => {
    const measure = (text: string, symbol: string) => 7 * text.length + (symbol ? 14 : 0);
    for (const frame of frames) {
      for (const turn of turns) {
        for (const reach of [5, 7.3, 30]) {
          const labels = labelsOf(viewOf(turn, { reach }, frame), reach, frame, measure);
          expect(labels.length).toBeGreaterThan(5);
          labels.forEach((label, i) => {
            expect(Math.abs(label.x - frame.width / 2)).toBeLessThanOrEqual((frame.width - label.width) / 2);
            expect(Math.abs(label.y - frame.height / 2)).toBeLessThanOrEqual((frame.height - label.height) / 2);
            expect(labels.slice(0, i).some((other) => touches(label, other))).toBe(false);
          });
        }
      }
    }
  });

  test("the land lies within the box and ends at the dashed line, whose lowest point is at C", () => {
    for (const lambda of choices.lambda) {
      const land = { lambda, C: 1, reach: 5 };
      const [floor, lid] = heights(land);
      const spots = piecesOf(land).flatMap(({ corners }) => corners);
      for (const [j, jbar, loss] of spots) {
        expect(Math.max(Math.abs(j), Math.abs(jbar))).toBeLessThan(5 + 1e-9);
        expect(loss).toBeGreaterThan(floor - 1e-9);
        expect(loss).toBeLessThan(lid + 1e-9);
        expect(j - jbar).toBeLessThan(TRUTH + 1e-9);
      }
      const losses = shoreOf(land).map(([, , loss]) => loss);
      expect(Math.min(...losses)).toBeCloseTo(lossAt(land, 1 + TRUTH, 1), 2);
      if (lambda === 0) expect(Math.max(...losses)).toBeCloseTo(-TRUTH);
    }
  });

  test("the box fills the canvas from every side", () => {
    for (const frame of frames) {
      for (const turn of turns) {
        const view = viewOf(turn, { reach: 5 }, frame);
        const [floor, lid] = heights({ reach: 5 });
        const places = [-5, 5].flatMap((j) =>
          [-5, 5].flatMap((jbar) => [floor, lid].map((loss) => view.place([j, jbar, loss]))),
        );
        const spans = [0, 1].map((axis) => {
          const along = places.map((place) => place[axis as 0 | 1]);
          return (Math.max(...along) - Math.min(...along)) / [frame.width, frame.height][axis]!;
        });
        expect(Math.max(...spans)).toBeGreaterThan(0.7);
        expect(Math.max(...spans)).toBeLessThan(1);
      }
    }
  });
});
