import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    // Two cores and one software adapter: files that train at the same time only slow each other down.
    fileParallelism: false,
    // A software adapter on two busy cores takes its time.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    reporters: ["default", "./test/closing-line.ts"],
  },
});
