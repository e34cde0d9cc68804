import { defineConfig } from "vitest/config";

/** Tests of what a wait or a picture takes: nothing else computes beside them. */
const TIMED = ["test/browser/**/*.test.ts", "test/abort.test.ts"];

export default defineConfig({
  test: {
    pool: "forks",
    // A software adapter on two busy cores takes its time.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    reporters: ["default", "./test/closing-line.ts"],
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
