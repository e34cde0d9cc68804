import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Tests of what a wait or a picture takes: nothing else computes beside them. */
const TIMED = [
  "test/browser/{bench,depends,depends-results,everyone,faults,field,firefox,front,lab,surface}.test.ts",
  "test/abort.test.ts",
];

/** Files that take minutes: begun last, they would keep one worker busy while the other has nothing to do. */
const LONG = ["paper", "every-estimator", "docs", "band", "cli", "diagnostics"];

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = LONG.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return at < 0 ? LONG.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    pool: "forks",
    // A software adapter on two busy cores takes its time.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    reporters: ["default", "./test/closing-line.ts"],
    sequence: { sequencer: LongFirst },
    globalSetup: "test/built.ts",
    projects: [
      {
        extends: true,
        test: {
          name: "computing",
          include: ["test/**/*.test.ts"],
          exclude: TIMED,
          // Two files side by side with a thread of lavapipe each end in two thirds of the time of one with two.
          maxWorkers: 2,
          env: { LP_NUM_THREADS: "1" },
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: "timed", include: TIMED, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
