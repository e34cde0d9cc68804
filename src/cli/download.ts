/** What a setup shows while it downloads. */
import { createProgress, type ProgressStream } from "../report/progress.ts";
import type { Told } from "./driver/lavapipe.ts";

/** How a setup speaks. */
export interface DownloadProgress extends Told {
  /** Prints a line, and ends what was shown before. */
  say(text: string): void;
  /** Ends what is shown. */
  finish(): void;
}

/** What is done meanwhile, and downloads in MB, on `stream`; lines by `print`. Quiet: nothing. */
export function downloadProgress(
  stream: ProgressStream,
  { quiet = false, print = (text: string) => void stream.write(`${text}\n`) } = {},
): DownloadProgress {
  const show = (waiting: string) => createProgress({ stream, quiet, unit: "", waiting });
  let progress = show("looking for an adapter");
  const next = (waiting: string) => {
    progress.finish();
    progress = show(waiting);
  };
  return {
    say(text) {
      progress.finish();
      if (!quiet) print(text);
    },
    onWait: next,
    onDownload(done, total) {
      if (done === 0) next("downloading");
      progress.update({ done: done / 1e6, total: total / 1e6, stepsPerSecond: 0, steps: "MB" });
    },
    finish: () => progress.finish(),
  };
}
