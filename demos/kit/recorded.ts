/** Runs that were recorded, for visitors whose browser has no WebGPU: frames as plain values, drawn as those of a live run are. */

/** What `demos/PAGE/recorded.json` holds; scripts/record.mjs writes it. */
export interface Recording<Frame = unknown> {
  adapter: string;
  /** Milliseconds from the first frame to each. */
  times: number[];
  frames: Frame[];
}

declare global {
  /** Where scripts/record.mjs takes frames from. */
  var recorder: { time: number; frame: unknown }[] | undefined;
  /** What recorded.js leaves. */
  var recordedRun: Recording | undefined;
}

/** Hands over what is being drawn, if somebody records. */
export function record(frame: unknown): void {
  globalThis.recorder?.push({ time: performance.now(), frame });
}

/** The recording of this page, or undefined if it has none. */
export async function loadRecording(): Promise<Recording | undefined> {
  if (globalThis.recordedRun) return globalThis.recordedRun;
  const script = Object.assign(document.createElement("script"), { src: "recorded.js" });
  await new Promise<void>((resolve) => {
    script.addEventListener("load", () => resolve());
    script.addEventListener("error", () => resolve());
    document.head.append(script);
  });
  return globalThis.recordedRun;
}

/** The pause between the end and the beginning, in milliseconds. */
const HOLD = 3000;

const delay = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Draws the frames as they came, over and over. Who begins paused sees the end. */
export async function play<Frame>(
  { frames, times }: Recording<Frame>,
  pause: { readonly paused: boolean; wait(): Promise<void> },
  draw: (frame: Frame) => void,
): Promise<never> {
  if (pause.paused) draw(frames.at(-1)!);
  for (;;) {
    for (const [i, frame] of frames.entries()) {
      await pause.wait();
      draw(frame);
      await delay(i + 1 < frames.length ? times[i + 1]! - times[i]! : HOLD);
    }
  }
}

/** Values in [low, high] as text, a byte each. */
export function packed(values: ArrayLike<number>, low: number, high: number): string {
  let text = "";
  for (let i = 0; i < values.length; i++) {
    const share = (values[i]! - low) / (high - low);
    text += String.fromCharCode(Math.round(255 * Math.min(1, Math.max(0, share))));
  }
  return btoa(text);
}

/** What {@link packed} packed, to 1/510 of the range. */
export const unpacked = (text: string, low: number, high: number): Float32Array =>
  Float32Array.from(atob(text), (byte) => low + (byte.charCodeAt(0) / 255) * (high - low));
