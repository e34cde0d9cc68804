/** WGSL structs as bytes, by the layouts that the shaders were compiled to. */

import { ShaderError } from "../errors.ts";
import { structs } from "./shaders.gen.ts";

/** The name of a struct of the WGSL. */
export type StructName = keyof typeof structs;
type Field = readonly [string, string, number];

/** The bytes of one WGSL struct. */
export function pack(name: StructName, values: object): ArrayBuffer {
  return packArray(name, [values]);
}

/** The bytes of an array of WGSL structs. */
export function packArray(name: StructName, values: readonly object[]): ArrayBuffer {
  const { size, fields } = structs[name] as { size: number; fields: readonly Field[] };
  const view = new DataView(new ArrayBuffer(size * values.length));
  values.forEach((record, i) => {
    for (const [field, type, offset] of fields) {
      const value = (record as Record<string, number>)[field];
      if (value === undefined) throw new ShaderError(`${name} needs "${field}"`);
      if (type === "f32") view.setFloat32(i * size + offset, value, true);
      else view.setUint32(i * size + offset, value, true);
    }
  });
  return view.buffer;
}

/** Reads an array of WGSL structs. */
export function unpackArray<T>(name: StructName, data: ArrayBuffer): T[] {
  const { size, fields } = structs[name] as { size: number; fields: readonly Field[] };
  const view = new DataView(data);
  return Array.from({ length: data.byteLength / size }, (_, i) =>
    Object.fromEntries(
      fields.map(([field, type, offset]) => [
        field,
        type === "f32" ? view.getFloat32(i * size + offset, true) : view.getUint32(i * size + offset, true),
      ]),
    ),
  ) as T[];
}
