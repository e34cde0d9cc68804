/** NPZ files: NumPy arrays by name, each a column or, with two axes, the columns of a side. */
import { type Format, reading, refuseTextOptions, startsWith } from "./format.ts";

export const npz: Format = {
  name: "NPZ",
  matches: (head) => startsWith(head, "PK\x03\x04") || startsWith(head, "PK\x05\x06"),
  async read(source, options) {
    refuseTextOptions("NPZ", options);
    const { readNpz } = await import("./npz-arrays.ts");
    return reading("NPZ", () => readNpz(source, options));
  },
};
