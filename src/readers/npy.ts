/** NPY files: one NumPy array, whose columns are those of the table. */
import { type Format, reading, refuseTextOptions, startsWith } from "./format.ts";

export const npy: Format = {
  name: "NPY",
  matches: (head) => startsWith(head, "\x93NUMPY"),
  async read(source, options) {
    refuseTextOptions("NPY", options);
    const { readNpy } = await import("./npy-values.ts");
    return reading("NPY", () => readNpy(source, options));
  },
};
