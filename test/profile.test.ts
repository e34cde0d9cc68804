/** Adapter policy: what an adapter is given follows from where it computes and from its subgroups, and from nothing else. */
import { describe, expect, test } from "vitest";
import { InputError } from "../src/errors.ts";
import { profileOf } from "../src/gpu/profile.ts";
import { tileForm } from "../src/gpu/program.ts";
import { kernels } from "../src/gpu/shaders.gen.ts";
import { gpu, it } from "./gpu.ts";

describe("the profile of an adapter", () => {
  const forms = (isSoftware: boolean, subgroupSize: number) => {
    const { matrixProduct, residentSteps, sortedSearch, napsWhileWaiting } = profileOf({ isSoftware, subgroupSize });
    return { matrixProduct, residentSteps, sortedSearch, napsWhileWaiting };
  };

  test("takes shuffles on a CPU with subgroups of one size, and kernels for 8 lanes where there are 8", () => {
    const lavapipe = { matrixProduct: "subgroup", residentSteps: "one", sortedSearch: "sweep_sorted" };
    const swiftShader = { matrixProduct: "subgroup", residentSteps: "many", sortedSearch: "search_sorted" };
    expect(forms(true, 8)).toEqual({ ...lavapipe, napsWhileWaiting: true });
    expect(forms(true, 4)).toEqual({ ...swiftShader, napsWhileWaiting: true });
    expect(forms(true, 0)).toEqual({ ...swiftShader, matrixProduct: "register", napsWhileWaiting: true });
  });

  test("takes tiles through workgroup memory on a GPU, whatever its subgroups", () => {
    const any = { matrixProduct: "tiled", residentSteps: "many", sortedSearch: "search_sorted" };
    for (const size of [0, 8, 32]) expect(forms(false, size)).toEqual({ ...any, napsWhileWaiting: false });
  });

  test("gives a GPU more work at a time, and a page on it more pauses", () => {
    const [cpu, card] = [true, false].map((isSoftware) => profileOf({ isSoftware, subgroupSize: 8 }));
    for (const budget of ["searchWork", "screenWork", "criticsAtOnce", "estimatesAtOnce"] as const)
      expect(card![budget]).toBeGreaterThan(cpu![budget]);
    expect(card!.trainingMilliseconds).toBeLessThan(cpu!.trainingMilliseconds);
  });

  it("of this one names kernels and forms that there are", () => {
    expect(gpu.profile).toEqual(profileOf(gpu));
    expect(Object.keys(kernels)).toContain(gpu.profile.sortedSearch);
    expect(Object.keys(kernels.forward_linear.variants)).toContain(gpu.profile.matrixProduct);
    expect(tileForm(gpu).slot).toBe(gpu.profile.matrixProduct);
    expect(tileForm(gpu, "portable").slot).toBe("register");
    expect(tileForm(gpu, "tiled").slot).toBe("tiled");
  });

  it("has no form of a product that is not asked for by its name, and says which there are", () => {
    const wrong = "register" as "portable";
    const words = '"tile" must be "tiled", "subgroup" or "portable", got "register"';
    expect(() => tileForm(gpu, wrong)).toThrow(new InputError(words));
    const anySize = Object.assign(gpu.until(new AbortController().signal), { subgroupSize: 0 });
    expect(() => tileForm(anySize, "subgroup")).toThrow(/no subgroups of one size, which tile: "subgroup" needs/);
  });
});
