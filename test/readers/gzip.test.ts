/** Files of gzip with one member and with several, whole, cut, padded and broken, in pieces of every size. */
import { deflateRawSync, gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { crc32 } from "../../src/readers/bytes.ts";
import { unzipped } from "../../src/readers/gzip.ts";
import { bytesSource, StreamSource, wholeOf } from "../../src/readers/source.ts";
import { range } from "../gpu.ts";
import { refusal } from "./refused.ts";

async function* cut(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const unpack = (bytes: Uint8Array, size: number) => wholeOf(unzipped(new StreamSource(cut(bytes, size), "x.gz")));
const unpackText = async (bytes: Uint8Array, size = 64) => new TextDecoder().decode(await unpack(bytes, size));

/** As bgzip writes: blocks with their size in a field of the header, and an empty one at the end. */
function blocked(text: string, size: number): Buffer {
  const blocks = range(Math.ceil(text.length / size) + 1).map((i) => {
    const plain = Buffer.from(text.slice(i * size, (i + 1) * size));
    const packed = deflateRawSync(plain);
    const head = Buffer.from("1f8b08040000000000ff0600424302000000", "hex");
    head.writeUInt16LE(head.length + packed.length + 8 - 1, 16);
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(crc32(plain, 0), 0);
    trailer.writeUInt32LE(plain.length, 4);
    return Buffer.concat([head, packed, trailer]);
  });
  return Buffer.concat(blocks);
}

const one = gzipSync("a,b\n1,2\n");
const two = Buffer.concat([one, gzipSync("3,4\n")]);
const text = range(40_000)
  .map((i) => `${(i * 7919) % 10007},${Math.sin(i).toFixed(7)}`)
  .join("\n");
const large = gzipSync(text);

describe("gzip", () => {
  it.each([1, 2, 7, 28, 29, 4096])("is unpacked member after member, in pieces of %i bytes", async (size) => {
    expect(await unpackText(one, size)).toBe("a,b\n1,2\n");
    expect(await unpackText(two, size)).toBe("a,b\n1,2\n3,4\n");
    const empty = Buffer.concat([gzipSync(""), one, gzipSync(""), gzipSync("5,6\n"), gzipSync("")]);
    expect(await unpackText(empty, size)).toBe("a,b\n1,2\n5,6\n");
  });

  it.each([997, 16_384, 16_385, 2 ** 20])(
    "gives what zlib gives of large files, in pieces of %i bytes",
    async (size) => {
      for (const bytes of [large, Buffer.concat([large, one, large]), blocked(text, 5000)]) {
        expect(Buffer.compare(await unpack(bytes, size), gunzipSync(bytes))).toBe(0);
      }
    },
  );

  it("may be padded with zeros, of any number", async () => {
    for (const zeros of [1, 3, 4, 7, 8, 500, 70_000]) {
      for (const size of [5, 4096]) {
        expect(await unpackText(Buffer.concat([two, Buffer.alloc(zeros)]), size)).toBe("a,b\n1,2\n3,4\n");
      }
    }
  });

  it("that is cut off anywhere is refused", async () => {
    for (const end of range(two.length).slice(18)) {
      if (end === one.length) continue; // a whole file
      expect(await refusal(unpack(two.subarray(0, end), 11))).toMatch(/^a broken gzip file \((it is cut off|unexp)/);
    }
  });

  it("with a wrong bit in any member is refused, or has the same bytes", async () => {
    const good = gunzipSync(two);
    const results = await Promise.all(
      range(8 * two.length).map(async (bit) => {
        const bytes = Uint8Array.from(two);
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        const found = await unpack(bytes, 16).catch((error) => String(error.message));
        return typeof found === "string" ? found.startsWith("a broken gzip file") : Buffer.compare(found, good) === 0;
      }),
    );
    expect(results.filter((isRight) => !isRight)).toEqual([]);
  });

  it("is refused where something else stands after it", async () => {
    for (const junk of ["junk", "\0\0\0\0\0\0\0\0\0\0junk", "\x1f\x8c and more of it"]) {
      expect(await refusal(unpack(Buffer.concat([two, Buffer.from(junk)]), 6))).toMatch(/^a broken gzip file/);
    }
  });

  it("holds memory and time where members are many and small, or a name has no end", async () => {
    const many = Buffer.concat(range(10_000).map(() => one));
    const began = performance.now();
    expect((await unpack(many, 2 ** 20)).length).toBe(10_000 * 8);
    const silent = Buffer.concat(range(10_000).map(() => gzipSync("")));
    expect((await unpack(silent, 2 ** 20)).length).toBe(0);
    const endless = Buffer.concat([Buffer.from("1f8b08080000000000ff", "hex"), Buffer.alloc(2 ** 21, 65)]);
    expect(await refusal(wholeOf(unzipped(bytesSource(endless, "x.gz"))))).toMatch(/a header has no end/);
    expect(performance.now() - began).toBeLessThan(5000);
  });
});
