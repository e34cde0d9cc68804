/** From j, j̄ and loss to places on the canvas: a perspective view, fitted into it, that one can turn. */
import { heights, type Land, type Spot } from "./landscape.ts";

export interface Turn {
  /** Radians around the vertical axis. */
  yaw: number;
  /** Radians above the horizon. */
  pitch: number;
  zoom: number;
}

/** Faces the cliff. */
export const FIRST_TURN: Turn = { yaw: 0.75, pitch: 0.47, zoom: 1 };

export interface Frame {
  width: number;
  height: number;
}

/** Half a side of the box is 1; it is so high. */
const HEIGHT = 0.9;
const DISTANCE = 6;
/** Room for numbers and names around the box, in pixels. */
const MARGIN = { side: 38, top: 22, bottom: 30 };

export interface View {
  /** Pixels from the top left. */
  place(spot: Spot): [number, number];
  /** How near to the eye. */
  nearness(spot: Spot): number;
  /** The eye's side of the box along j and along j̄: 1 or −1. */
  side: [number, number];
  /** As if lit from the eye's left and above: 0 to 1. */
  light(corners: readonly Spot[]): number;
}

type Vector = readonly [number, number, number];
const dot = (a: Vector, b: Vector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];

export function viewOf({ yaw, pitch, zoom }: Turn, land: Pick<Land, "reach">, frame: Frame): View {
  const [floor, lid] = heights(land);
  const [sy, cy, sp, cp] = [Math.sin(yaw), Math.cos(yaw), Math.sin(pitch), Math.cos(pitch)];
  const right: Vector = [cy, 0, -sy];
  const up: Vector = [-sp * sy, cp, -sp * cy];
  const back: Vector = [cp * sy, sp, cp * cy];
  const worldOf = ([j, jbar, loss]: Spot): Vector => [
    j / land.reach,
    HEIGHT * ((loss - floor) / (lid - floor) - 0.5),
    -jbar / land.reach,
  ];
  const seen = (spot: Spot): [number, number] => {
    const world = worldOf(spot);
    const depth = DISTANCE - dot(back, world);
    return [dot(right, world) / depth, -dot(up, world) / depth];
  };
  const { scale, x, y } = fit(cornersOf(land.reach, floor, lid).map(seen), frame);
  const [middleX, middleY] = [frame.width / 2, frame.height / 2];
  const lamp = minus([0.9 * up[0], 0.9 * up[1], 0.9 * up[2]], [0.6 * right[0], 0.6 * right[1], 0.6 * right[2]]);
  return {
    place(spot) {
      const [a, b] = seen(spot);
      return [middleX + zoom * (scale * a + x - middleX), middleY + zoom * (scale * b + y - middleY)];
    },
    nearness: (spot) => dot(back, worldOf(spot)),
    side: [sy > 0 ? 1 : -1, cy > 0 ? -1 : 1],
    light(corners) {
      const [a, b, c] = [corners[0]!, corners[1]!, corners[2]!].map(worldOf) as [Vector, Vector, Vector];
      const [u, v] = [minus(b, a), minus(c, a)];
      const normal: Vector = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
      const length = Math.sqrt(dot(normal, normal) * dot(lamp, lamp));
      return length > 0 ? Math.abs(dot(normal, lamp)) / length : 1;
    },
  };
}

export const cornersOf = (reach: number, floor: number, lid: number): Spot[] =>
  [-reach, reach].flatMap((j) => [-reach, reach].flatMap((jbar) => [floor, lid].map((loss): Spot => [j, jbar, loss])));

/** Scale and shift that put what is seen into the frame, as large as it goes. */
function fit(seen: readonly [number, number][], { width, height }: Frame) {
  const [xs, ys] = [seen.map(([x]) => x), seen.map(([, y]) => y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const [roomX, roomY] = [width - 2 * MARGIN.side, height - MARGIN.top - MARGIN.bottom];
  const scale = Math.max(1, Math.min(roomX / (right - left), roomY / (bottom - top)));
  return {
    scale,
    x: width / 2 - (scale * (left + right)) / 2,
    y: MARGIN.top + roomY / 2 - (scale * (top + bottom)) / 2,
  };
}
