/**
 * Takes one job after the other from the queue: one device, one worker. Start one for each device, on any machine that sees
 * the files.
 *
 *   node worker.mjs
 */
import { Worker } from "bullmq";
import { connection, QUEUE, reachRedis, remine, TRIES, watch } from "./queue.mjs";

remine();
await reachRedis();

/** So long after the last sign of life of a worker its job is another's. */
const lockDuration = Number(process.env.LOCK_SECONDS ?? 30) * 1000;

const worker = new Worker(QUEUE, new URL("./task.mjs", import.meta.url), {
  connection,
  concurrency: 1,
  lockDuration,
  stalledInterval: lockDuration,
  maxStalledCount: TRIES - 1,
});
watch(worker, `worker ${process.pid}`);
const say = (text) => console.log(`worker ${process.pid}: ${text}`);
worker.on("active", (job) => say(`${job.name}, try ${job.attemptsStarted}`));
worker.on("completed", (job) => say(`${job.name} is done`));
worker.on("failed", (job, error) => say(`${job?.name}: ${error.message}`));
say(`waits for jobs of queue "${QUEUE}"`);

// A first signal lets the job that runs come to its end; after a second one another worker goes on with it.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => worker.close());
