/** Where the scene is seen from. Matrices are column-major, as WGSL has them. */

export interface Turn {
  /** Radians around the vertical axis. */
  yaw: number;
  /** Radians above the horizon. */
  pitch: number;
  distance: number;
}

/** World to clip space: a perspective view of the origin. `aspect`: width of the canvas over its height. */
export function cameraMatrix({ yaw, pitch, distance }: Turn, aspect: number): Float32Array {
  const [sy, cy, sp, cp] = [Math.sin(yaw), Math.cos(yaw), Math.sin(pitch), Math.cos(pitch)];
  // Rows of the view: right, up, back.
  const right = [cy, 0, -sy];
  const up = [-sp * sy, cp, -sp * cy];
  const back = [cp * sy, sp, cp * cy];
  const focus = 1 / Math.tan(0.32);
  // A narrow canvas is fitted by its width.
  const fit = focus * Math.min(1, aspect / 1.25);
  const [near, far] = [distance - 2.5, distance + 2.5];
  const [scale, shift] = [far / (near - far), (near * far) / (near - far)];
  const out = new Float32Array(16);
  for (let k = 0; k < 3; k++) {
    out[4 * k] = (fit / aspect) * right[k]!;
    out[4 * k + 1] = fit * up[k]!;
    out[4 * k + 2] = scale * back[k]!;
    out[4 * k + 3] = -back[k]!;
  }
  out[14] = -scale * distance + shift;
  out[15] = distance;
  return out;
}

/** Clip space of a point, as shares of the canvas from its top left. */
export function project(m: Float32Array, [x, y, z]: readonly [number, number, number]): [number, number] {
  const row = (r: number) => m[r]! * x + m[4 + r]! * y + m[8 + r]! * z + m[12 + r]!;
  return [0.5 + row(0) / row(3) / 2, 0.5 - row(1) / row(3) / 2];
}
