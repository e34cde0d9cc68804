/** What stands in a zip archive, by its directory (APPNOTE 6.3), and the bytes of its members. */
import { Inflate } from "fflate/browser";
import { InputError } from "../errors.ts";
import { BOMB, crc32, isBomb, viewOf } from "./bytes.ts";
import { type ByteSource, PIECE, sizeOf } from "./source.ts";

export interface ZipMember {
  name: string;
  /** 0 is as it stands, 8 is deflate. */
  method: number;
  isEncrypted: boolean;
  checksum: number;
  /** Bytes in the archive, and those that they become. */
  packed: number;
  size: number;
  /** Where its own header stands. */
  at: number;
}

/** Of the record at the end of an archive, and of the longest remark after it. */
const END = 22;
const REMARK = 0xffff;
/** Signatures of records. */
const SIGN = { end: 0x06054b50, end64: 0x06064b50, place64: 0x07064b50, entry: 0x02014b50, member: 0x04034b50 };
/** Says that the true value stands in a field of eight bytes. */
const ELSEWHERE = 0xffffffff;
/** A directory, in bytes: a million members at most. */
const MOST_DIRECTORY = 1 << 26;

/** Deflate makes at most so many bytes of one. */
const DEFLATE_MOST = 1032;

const cutOff = (): InputError =>
  new InputError(
    "the archive is cut off or no zip file: its directory, which stands at the end, is not there. Copy or download it again",
  );

const broken = (why: string): InputError =>
  new InputError(`a broken zip archive (${why}). Write it again, or download it again`);

/** @throws {InputError} for an archive that is cut off or in parts */
export async function readDirectory(source: ByteSource): Promise<ZipMember[]> {
  const size = await sizeOf(source);
  const from = Math.max(0, size - END - REMARK);
  const tail = viewOf(await source.slice(from, size));
  let end = tail.byteLength - END;
  while (end >= 0 && tail.getUint32(end, true) !== SIGN.end) end--;
  if (end < 0) throw cutOff();
  const found = (await zip64(source, tail, end)) ?? {
    bytes: tail.getUint32(end + 12, true),
    at: tail.getUint32(end + 16, true),
  };
  if (tail.getUint16(end + 4, true) !== 0 && tail.getUint16(end + 4, true) !== 0xffff) {
    throw new InputError("the archive is in several parts. Join them to one file");
  }
  if (found.bytes > MOST_DIRECTORY) throw broken(`its directory claims ${found.bytes} bytes`);
  const directory = await source.slice(found.at, found.at + found.bytes);
  if (directory.length < found.bytes) throw cutOff();
  return entriesOf(directory);
}

/** Where the directory is, of an archive that is too large for the old record. */
async function zip64(
  source: ByteSource,
  tail: DataView,
  end: number,
): Promise<{ bytes: number; at: number } | undefined> {
  const place = end - 20;
  if (place < 0 || tail.getUint32(place, true) !== SIGN.place64) return undefined;
  const record = viewOf(await source.slice(int64(tail, place + 8), int64(tail, place + 8) + 56));
  if (record.byteLength < 56 || record.getUint32(0, true) !== SIGN.end64)
    throw broken("its zip64 record is not where it says");
  return { bytes: int64(record, 40), at: int64(record, 48) };
}

function int64(view: DataView, at: number): number {
  const value = Number(view.getBigUint64(at, true));
  if (!Number.isSafeInteger(value)) throw broken("a size that no file has");
  return value;
}

function entriesOf(bytes: Uint8Array): ZipMember[] {
  const view = viewOf(bytes);
  const members: ZipMember[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== SIGN.entry)
      throw broken("its directory ends in between");
    const [name, extra, remark] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true)) as [
      number,
      number,
      number,
    ];
    const next = at + 46 + name + extra + remark;
    if (next > bytes.length) throw broken("its directory ends in between");
    members.push({
      name: new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + name)),
      method: view.getUint16(at + 10, true),
      isEncrypted: (view.getUint16(at + 8, true) & 1) === 1,
      checksum: view.getUint32(at + 16, true),
      ...sizesOf(view, at, new DataView(view.buffer, view.byteOffset + at + 46 + name, extra)),
    });
    at = next;
  }
  return members;
}

/** Those that do not fit four bytes stand in a field for zip64, in this order. */
function sizesOf(view: DataView, at: number, extra: DataView): Pick<ZipMember, "packed" | "size" | "at"> {
  const wide = wideField(extra);
  let used = 0;
  const take = (offset: number) => {
    const value = view.getUint32(at + offset, true);
    if (value !== ELSEWHERE || !wide) return value;
    if (used + 8 > wide.byteLength) throw broken("a size of a member is missing");
    used += 8;
    return int64(wide, used - 8);
  };
  const size = take(24);
  const packed = take(20);
  return { size, packed, at: take(42) };
}

function wideField(extra: DataView): DataView | undefined {
  for (let at = 0; at + 4 <= extra.byteLength; ) {
    const bytes = extra.getUint16(at + 2, true);
    if (at + 4 + bytes > extra.byteLength) return undefined;
    if (extra.getUint16(at, true) === 1) return new DataView(extra.buffer, extra.byteOffset + at + 4, bytes);
    at += 4 + bytes;
  }
  return undefined;
}

/**
 * The bytes of a member as they come, with its checksum held at the end.
 *
 * @throws {InputError} for one that is encrypted, packed in another way, broken, or a bomb
 */
export async function* readMember(source: ByteSource, member: ZipMember): AsyncGenerator<Uint8Array> {
  refuseMember(member);
  const head = viewOf(await source.slice(member.at, member.at + 30));
  if (head.byteLength < 30 || head.getUint32(0, true) !== SIGN.member)
    throw broken(`${shown(member)} is not where its directory says`);
  const start = member.at + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  const packed = packedPieces(source, start, start + member.packed);
  let [size, checksum] = [0, 0];
  for await (const bytes of member.method === 8 ? inflated(packed, member) : packed) {
    size += bytes.length;
    if (size > member.size) throw broken(`${shown(member)} holds more than the ${member.size} bytes that it says`);
    checksum = crc32(bytes, checksum);
    yield bytes;
  }
  if (size < member.size) throw broken(`${shown(member)} holds ${size} bytes, and says ${member.size}`);
  if (checksum !== member.checksum) throw broken(`the checksum of ${shown(member)} is wrong`);
}

const shown = ({ name }: ZipMember): string => `"${name.slice(0, 60)}"`;

function refuseMember(member: ZipMember): void {
  const { method, isEncrypted, size, packed } = member;
  if (isEncrypted)
    throw new InputError(
      `${shown(member)} in the archive is encrypted. Unpack it with its password, and save it without`,
    );
  if (method !== 0 && method !== 8) {
    throw new InputError(
      `${shown(member)} in the archive is packed in a way (${method}) that is not read. Save it with numpy.savez or numpy.savez_compressed`,
    );
  }
  if (method === 0 && size !== packed) throw broken(`${shown(member)} has two sizes`);
  if (size > DEFLATE_MOST * (packed + 1)) throw broken(`${shown(member)} claims ${size} bytes out of ${packed}`);
  if (isBomb(packed, size)) {
    throw new InputError(
      `${shown(member)} in the archive would become ${Math.ceil(size / 2 ** 20)} MiB out of ${Math.ceil(packed / 2 ** 10)} KiB, as only bombs and constants do: past ${BOMB.bytes / 2 ** 20} MiB at most ${BOMB.ratio} times as much is unpacked. If it is to be trusted, save it with numpy.savez, which does not pack`,
    );
  }
}

async function* packedPieces(source: ByteSource, start: number, end: number): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; at += PIECE) {
    const bytes = await source.slice(at, Math.min(end, at + PIECE));
    if (bytes.length === 0) return;
    yield bytes;
  }
}

/** Bytes that are given to inflate at once: few, for each may become {@link DEFLATE_MOST}. */
const AT_ONCE = 1 << 12;

async function* inflated(packed: AsyncIterable<Uint8Array>, member: ZipMember): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = [];
  const inflate = new Inflate((bytes) => ready.push(bytes));
  const push = (bytes: Uint8Array, isLast: boolean) => {
    try {
      inflate.push(bytes, isLast);
    } catch (error) {
      throw broken(`${shown(member)}: ${(error as Error).message}`);
    }
  };
  for await (const piece of packed) {
    for (let at = 0; at < piece.length; at += AT_ONCE) {
      push(piece.subarray(at, at + AT_ONCE), false);
      yield* ready.splice(0);
    }
  }
  push(new Uint8Array(), true);
  yield* ready.splice(0);
}
