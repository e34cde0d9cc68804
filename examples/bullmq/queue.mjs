/** What the producer and the workers share: where Redis is, and the command of remine. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";

export const QUEUE = process.env.QUEUE ?? "remine";

/** Tries of a shard, and how often a worker that died may have had it. */
export const TRIES = 4;

const url = process.env.REDIS_URL ?? "redis://127.0.0.1:6379";

/** For BullMQ, which asks for ever; the first answer is waited for in {@link reachRedis}. */
export const connection = { url, maxRetriesPerRequest: null };

/** Ends the process with the mend where no Redis answers. */
export async function reachRedis() {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: null, connectTimeout: 5000 });
  const errors = [];
  redis.on("error", (error) => errors.push(error));
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    end(
      `no Redis answers at ${url}: ${reasonOf(errors[0] ?? error)}. Start it (redis-server), or say where it is: REDIS_URL=redis://HOST:6379`,
    );
  } finally {
    redis.disconnect();
  }
}

/** Says once that Redis is away, and once that it is back. BullMQ goes on by itself. */
export function watch(emitter, name) {
  let isAway = false;
  emitter.on("error", (error) => {
    if (!isAway) console.error(`${name}: Redis is away (${reasonOf(error)}); trying again until it is back`);
    isAway = true;
  });
  emitter.on("ready", () => {
    if (isAway) console.error(`${name}: Redis is back`);
    isAway = false;
  });
}

export const reasonOf = ({ code, message }) => message || code;

export function end(message, code = 1) {
  console.error(message);
  process.exit(code);
}

/** The command line of remine: of the package where that is installed, else of the repository that this folder lies in. */
export function remine() {
  const inRepository = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
  try {
    return fileURLToPath(new URL("cli.js", import.meta.resolve("remine")));
  } catch {
    if (existsSync(inRepository)) return inRepository;
    return end("remine is not there. Install it: npm install remine", 2);
  }
}
