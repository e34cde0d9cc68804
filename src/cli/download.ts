/** What a setup shows while it downloads. */
import { createProgress, type ProgressStream } from "../report/progress.ts";
import type { OnDownload } from "./driver/lavapipe.ts";

/** How a setup speaks: sentences, and how far a download is. */
export interface DownloadProgress {
  say(text: string): void;
  onDownload: OnDownload;
  /** Clears the line of the download. */
  finish(): void;
}

/** Progress of downloads on `stream`, in MB. Sentences go above it, to `say` if that is given. */
export function downloadProgress(
  stream: ProgressStream,
  { quiet = false, say }: { quiet?: boolean; say?: (text: string) => void } = {},
): DownloadProgress {
  let progress = createProgress({ stream, quiet, unit: "" });
  return {
    say: say ?? ((text) => progress.message(text)),
    onDownload(done, total) {
      if (done === 0) progress = createProgress({ stream, quiet, unit: "" });
      progress.update({ done: done / 1e6, total: total / 1e6, stepsPerSecond: 0, steps: "MB" });
      if (done >= total) progress.finish();
    },
    finish: () => progress.finish(),
  };
}
