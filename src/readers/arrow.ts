/** Arrow IPC: files (Feather of version 2 is one), and streams. */
import { viewOf } from "./bytes.ts";
import { type Format, reading, refuseTextOptions, startsWith } from "./format.ts";

export const arrow: Format = {
  name: "Arrow",
  matches: (head) => startsWith(head, "ARROW1") || startsWith(head, "FEA1") || isStream(head),
  async read(source, options) {
    refuseTextOptions("Arrow", options);
    const { readArrow } = await import("./arrow-batches.ts");
    return reading("Arrow", () => readArrow(source, options));
  },
};

/** A stream begins with the length of its schema, which is a message by its own first bytes. */
function isStream(head: Uint8Array): boolean {
  if (!startsWith(head, "\xff\xff\xff\xff") || head.length < 16) return false;
  const view = viewOf(head);
  const [length, root] = [view.getUint32(4, true), view.getUint32(8, true)];
  return length > 0 && length % 8 === 0 && length < 2 ** 28 && root < 256;
}
