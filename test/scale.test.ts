/** Scales on which MI can be compared, against closed forms. */
import { describe, expect, it } from "vitest";
import { asCorrelation, entropyOf, shareOfEntropy } from "../src/math/scale.ts";
import { normalMi } from "../src/report/heatmap.ts";

describe("as a correlation", () => {
  it.each([0, 0.001, -0.41, 0.9999, 1])("the MI of normals with r = %s is |r|", (r) => {
    expect(asCorrelation(normalMi(r))).toBeCloseTo(Math.abs(r), 12);
  });

  it("noise below 0 is 0, and infinite MI is 1", () => {
    expect([asCorrelation(-0.02), asCorrelation(Number.POSITIVE_INFINITY)]).toEqual([0, 1]);
  });
});

describe("as a share of entropy", () => {
  it("entropy is that of the counts", () => {
    expect(entropyOf([3, 3, 1, 2])).toBeCloseTo(1.5 * Math.LN2, 12);
    expect(entropyOf([5, 5, 5])).toBeCloseTo(0, 12);
  });

  it("MI is at most all of it and at least nothing", () => {
    expect(shareOfEntropy(Math.LN2 / 2, Math.LN2)).toBe(0.5);
    expect([shareOfEntropy(0.7, Math.LN2), shareOfEntropy(-0.1, Math.LN2)]).toEqual([1, 0]);
  });
});
