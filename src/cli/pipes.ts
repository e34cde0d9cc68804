/** Standard output and error that somebody else closes. */

/**
 * Whoever reads may stop before the end, as `head` does: that is no error, and what comes after is written to nobody. Anything
 * else that keeps a stream from being written ends the command with 1.
 */
export function endQuietly(stream: NodeJS.WriteStream): void {
  stream.on("error", ({ code, message }: NodeJS.ErrnoException) => {
    if (code === "EPIPE") return;
    process.exitCode = 1;
    if (stream === process.stdout) console.error(`remine: standard output cannot be written: ${message}`);
  });
}
