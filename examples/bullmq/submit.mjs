/**
 * Puts a matrix into the queue, as shards and a merge that waits for them, and follows it.
 *
 *   node submit.mjs DATA SHARDS OUTPUT [options of remine matrix]
 */
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { FlowProducer, QueueEvents } from "bullmq";
import { connection, end, QUEUE, reachRedis, reasonOf, TRIES, watch } from "./queue.mjs";

const [data, count, output, ...options] = process.argv.slice(2);
const shards = Number(count);
if (!(output && Number.isInteger(shards) && shards > 0)) {
  end(
    "node submit.mjs DATA SHARDS OUTPUT [options of remine matrix], such as: genes.csv 16 pairs.csv --permutations 200",
    2,
  );
}
await reachRedis();

const parts = `${resolve(output)}.parts`;
mkdirSync(parts, { recursive: true });
const partOf = (shard) => `${parts}/part-${shard}.ndjson`;
const all = Array.from({ length: shards }, (_, i) => i + 1);
const again = { attempts: TRIES, backoff: { type: "exponential", delay: 1000 }, removeOnComplete: { age: 3600 } };

const events = new QueueEvents(QUEUE, { connection });
watch(events, "submit");
await events.waitUntilReady();
const nameOf = new Map();
const say = (id, text) => nameOf.has(id) && console.log(`${nameOf.get(id)}: ${text}`);
events.on("active", ({ jobId }) => say(jobId, "started"));
events.on("progress", ({ jobId, data }) => say(jobId, data));
events.on("stalled", ({ jobId }) => say(jobId, "its worker is gone; another one takes it"));
events.on("completed", ({ jobId }) => say(jobId, "done"));
events.on("delayed", ({ jobId }) => say(jobId, "failed, and is tried again"));
/** BullMQ says of a job that waited for others which of them failed, by a key that ends in its number. */
const named = (reason) => reason.replace(/child \S*:(\S+)/, (key, id) => nameOf.get(id) ?? key);
events.on("failed", ({ jobId, failedReason }) => say(jobId, named(failedReason)));

const producer = new FlowProducer({ connection });
watch(producer, "submit");
const { job, children } = await producer.add({
  name: "merge",
  queueName: QUEUE,
  data: { args: ["merge", ...all.map(partOf), "--output", resolve(output), "--quiet"] },
  opts: again,
  children: all.map((shard) => ({
    name: `shard ${shard}/${shards}`,
    queueName: QUEUE,
    data: {
      args: ["matrix", resolve(data), ...options, "--shard", `${shard}/${shards}`, "--output", partOf(shard)],
      checkpoint: `${partOf(shard)}.checkpoint`,
    },
    opts: { ...again, failParentOnFailure: true },
  })),
});
for (const one of [job, ...children.map((child) => child.job)]) nameOf.set(one.id, one.name);
console.log(`${shards} shards in queue "${QUEUE}"`);

try {
  await job.waitUntilFinished(events);
  console.log(`all pairs are in ${resolve(output)}`);
} catch (error) {
  console.error(
    `not finished: ${named(reasonOf(error))}. Finished shards and pairs are kept: mend it and give the same command again`,
  );
  process.exitCode = 1;
} finally {
  await Promise.all([producer.close(), events.close()]);
}
