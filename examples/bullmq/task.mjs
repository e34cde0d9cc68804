/** One job, in a process of its own that BullMQ starts: runs the command line of remine and tells how far it is. */
import { spawn } from "node:child_process";
import { open } from "node:fs/promises";
import { UnrecoverableError } from "bullmq";
import { remine } from "./queue.mjs";

/** Milliseconds between two reports. */
const REPORT = 1000;

export default async function task(job) {
  const { args, checkpoint } = job.data;
  const child = spawn(process.execPath, [remine(), ...args], { stdio: ["ignore", "ignore", "pipe"] });
  // A worker that was killed takes this process's channel with it. Two that write to one checkpoint would be one too many.
  const die = () => {
    child.kill("SIGKILL");
    process.exit(1);
  };
  process.once("disconnect", die);
  const reports = checkpoint && setInterval(report(job, checkpoint), REPORT);
  let said = "";
  child.stderr.on("data", (chunk) => {
    said = `${said}${chunk}`.slice(-2000);
  });
  try {
    const [code, signal] = await new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (...ended) => resolve(ended));
    });
    if (code === 0) return;
    const why = `remine ended with ${signal ?? code}${said.trim() && `: ${said.trim().split("\n").at(-1)}`}`;
    // 2: the call or its input is wrong, and would be so again.
    throw code === 2 ? new UnrecoverableError(why) : new Error(why);
  } finally {
    clearInterval(reports);
    process.off("disconnect", die);
  }
}

/** Counts the finished pairs in what the checkpoint has grown by. */
function report(job, path) {
  let [at, pairs] = [0, 0];
  return async () => {
    const file = await open(path).catch(() => undefined);
    if (!file) return;
    try {
      const { size } = await file.stat();
      const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.max(0, size - at)), 0, undefined, at);
      const text = buffer.toString("latin1", 0, buffer.lastIndexOf(10, bytesRead - 1) + 1);
      at += text.length;
      const before = pairs;
      pairs += text.split('{"x":').length - 1;
      if (pairs > before) await job.updateProgress(`${pairs} pairs`);
    } finally {
      await file.close();
    }
  };
}
