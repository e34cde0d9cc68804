/** What `--shard auto` makes of what Slurm, Kubernetes and GNU parallel tell their tasks, right and wrong. */
import { describe, expect, it } from "vitest";
import { shardOf } from "../src/cli/matrix/shard.ts";
import { range } from "./gpu.ts";

const found = (text: string, environment: Record<string, string> = {}) => {
  const { index, count } = shardOf(text, environment);
  return `${index}/${count}`;
};

const array = (id: number, { count, min = 1, max, step = 1 }: Record<string, number>) => ({
  SLURM_ARRAY_TASK_ID: String(id),
  SLURM_ARRAY_TASK_COUNT: String(count),
  SLURM_ARRAY_TASK_MIN: String(min),
  SLURM_ARRAY_TASK_MAX: String(max),
  SLURM_ARRAY_TASK_STEP: String(step),
});

describe("a shard", () => {
  it("by hand looks at no variable", () => {
    expect(found("3/8", { SLURM_ARRAY_TASK_ID: "1", PARALLEL_SEQ: "x" })).toBe("3/8");
    expect(found("03/08")).toBe("3/8");
  });

  it("of a job array counts from its least number, in its steps", () => {
    expect(range(4).map((i) => found("auto", array(i + 1, { count: 4, max: 4 })))).toEqual([
      "1/4",
      "2/4",
      "3/4",
      "4/4",
    ]);
    expect(range(3).map((i) => found("auto", array(i, { count: 3, min: 0, max: 2 })))).toEqual(["1/3", "2/3", "3/3"]);
    const tens = { count: 3, min: 10, max: 30, step: 10 };
    expect([10, 20, 30].map((id) => found("auto", array(id, tens)))).toEqual(["1/3", "2/3", "3/3"]);
  });

  it("of some tasks of an array that are sent again is what it was, with the count by hand", () => {
    expect(found("auto/8", array(3, { count: 1, min: 3, max: 3 }))).toBe("3/8");
    expect(found("auto", { ...array(5, { count: 2, min: 2, max: 5 }), REMINE_SHARDS: "8" })).toBe("5/8");
  });

  it("of an indexed Job counts from 0, and of GNU parallel from 1", () => {
    expect(found("auto", { JOB_COMPLETION_INDEX: "0", JOB_COMPLETIONS: "8" })).toBe("1/8");
    expect(found("auto/8", { JOB_COMPLETION_INDEX: "7" })).toBe("8/8");
    expect(found("auto/8", { PARALLEL_SEQ: "8", PARALLEL_JOBSLOT: "2" })).toBe("8/8");
    expect(found("auto", { PARALLEL_SEQ: "2", REMINE_SHARDS: " 4 " })).toBe("2/4");
    expect(found("auto/2", { PARALLEL_SEQ: "2", SLURM_ARRAY_TASK_ID: "" })).toBe("2/2");
  });

  it("says what it was read from", () => {
    expect(shardOf("auto/8", { PARALLEL_SEQ: "2" }).from).toBe("PARALLEL_SEQ=2, --shard auto/8");
    expect(shardOf("1/8", {}).from).toBeUndefined();
  });

  const wrong: [string, string, Record<string, string>, RegExp][] = [
    ["outside of any queue", "auto", {}, /none of them is set.*--shard i\/n/],
    ["a task of two queues", "auto/8", { PARALLEL_SEQ: "2", SLURM_ARRAY_TASK_ID: "1" }, /both SLURM.*=1 and PARA.*=2/],
    ["without a count", "auto", { JOB_COMPLETION_INDEX: "2" }, /not of how many\. Give --shard auto\/8, set REMINE/],
    ["beyond the count", "auto/8", { PARALLEL_SEQ: "9" }, /PARALLEL_SEQ=9 is beyond the 8 shards that --shard auto\/8/],
    ["the last index that is a count", "auto/8", { JOB_COMPLETION_INDEX: "8" }, /=8 is beyond the 8 shards/],
    ["counts that differ", "auto/8", { PARALLEL_SEQ: "1", REMINE_SHARDS: "4" }, /auto\/8 says 8 .*SHARDS=4 says 4/],
    ["a pod whose counts differ", "auto/4", { JOB_COMPLETION_INDEX: "1", JOB_COMPLETIONS: "8" }, /says 4 .* says 8/],
    ["a number that is none", "auto/8", { PARALLEL_SEQ: "two" }, /PARALLEL_SEQ=two is no whole number from 1 on/],
    ["a count of none", "auto", { PARALLEL_SEQ: "1", REMINE_SHARDS: "0" }, /REMINE_SHARDS=0 is no whole number from 1/],
    [
      "an array with gaps",
      "auto",
      array(5, { count: 2, min: 2, max: 5 }),
      /has gaps \(2 tasks from 2 to 5 by 1; this is 5/,
    ],
    ["an array from 0 by hand", "auto/8", array(3, { count: 8, min: 0, max: 7 }), /begins at 0.*--array=1-8/],
    ["an array without its count", "auto", { SLURM_ARRAY_TASK_ID: "3" }, /not of how many/],
    ["no shard at all", "automatic", {}, /or auto, or auto\/8; got automatic/],
    ["a count by hand of none", "auto/0", { PARALLEL_SEQ: "1" }, /got auto\/0/],
    ["an index beyond", "3/2", {}, /a shard is i\/n .* got 3\/2/],
  ];
  it.each(wrong)("%s is refused with the mend", (_, text, environment, message) => {
    expect(() => shardOf(text, environment)).toThrow(message);
    expect(() => shardOf(text, environment)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});
