/** Slurm, Redis and GNU parallel as tests start them: on free ports of this machine, in a folder that is deleted with them. */
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";

const PROGRAMS = ["slurmctld", "slurmd", "sbatch", "munged", "redis-server", "parallel"];
const missing = PROGRAMS.filter(
  (name) => spawnSync("bash", ["-c", `PATH=$PATH:/usr/sbin command -v ${name}`]).status !== 0,
);

/** Only on request is a test without a queue no failure. */
export const skip = missing.length > 0 && process.env.ALLOW_NO_QUEUES === "1";

export function needQueues(): void {
  if (missing.length === 0) return;
  throw new Error(
    `no ${missing.join(", ")} here. Install them: apt-get install -y slurmctld slurmd slurm-client munge redis-server parallel. ` +
      "Or set ALLOW_NO_QUEUES=1 to skip the tests that need them.",
  );
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Asks until something is there. */
export async function until<T>(what: string, ask: () => T | undefined | false, seconds = 60): Promise<T> {
  const end = performance.now() + 1000 * seconds;
  for (;;) {
    const found = ask();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`waited ${seconds} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A process in the background, what it said so far, and how it ended. */
export class Background {
  said = "";
  readonly child: ChildProcess;
  readonly ended: Promise<number | NodeJS.Signals | null>;

  constructor(command: string, args: string[], options: SpawnOptions = {}) {
    this.child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream!.on("data", (chunk) => {
        this.said += chunk;
      });
    }
    this.ended = new Promise((resolve, reject) => {
      this.child.on("error", reject);
      this.child.on("close", (code, signal) => resolve(signal ?? code));
    });
  }

  async stop(): Promise<void> {
    this.child.kill("SIGTERM");
    const patience = setTimeout(() => this.child.kill("SIGKILL"), 10_000);
    await this.ended;
    clearTimeout(patience);
  }
}

/** Things to end, the last that was started first. */
export class Services {
  readonly #list: { stop: () => Promise<void> }[] = [];

  start(command: string, args: string[], options?: SpawnOptions): Background {
    const started = new Background(command, args, options);
    this.#list.push(started);
    return started;
  }

  async stop(): Promise<void> {
    for (const one of this.#list.splice(0).reverse()) await one.stop();
  }
}

/** Redis that keeps nothing. Returns its URL. */
export async function startRedis(services: Services): Promise<string> {
  const port = await freePort();
  const only = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const redis = services.start("redis-server", ["--port", String(port), ...only]);
  await until("redis-server", () => /Ready to accept connections/.test(redis.said));
  return `redis://127.0.0.1:${port}`;
}

/** Slurm with this machine as its only node, for two tasks at once. Returns what its commands need in the environment. */
export async function startSlurm(services: Services, folder: string): Promise<{ SLURM_CONF: string }> {
  const at = (name: string) => join(folder, name);
  for (const name of ["state", "spool"]) mkdirSync(at(name), { recursive: true });
  writeFileSync(at("munge.key"), randomBytes(1024), { mode: 0o400 });
  const files = ["key-file", "socket", "pid-file", "log-file", "seed-file"].map(
    (name) => `--${name}=${at(`munge.${name.split("-")[0]}`)}`,
  );
  const munge = services.start("/usr/sbin/munged", ["--foreground", "--force", ...files]);
  const [controller, node] = [await freePort(), await freePort()];
  writeFileSync(at("slurm.conf"), configuration({ folder, controller, node }));
  await until("munged", () => munge.child.exitCode !== null || readdirSync(folder).includes("munge.socket"));
  const daemons = [
    services.start("/usr/sbin/slurmctld", ["-D", "-f", at("slurm.conf")]),
    services.start("/usr/sbin/slurmd", ["-D", "-f", at("slurm.conf")]),
  ];
  const environment = { SLURM_CONF: at("slurm.conf") };
  await until("an idle node of Slurm", () => {
    const ended = daemons.find(({ child }) => child.exitCode !== null);
    if (ended) throw new Error(`Slurm did not start:\n${munge.said}${ended.said}`);
    return /idle/.test(
      String(spawnSync("sinfo", ["-h", "-o", "%T"], { env: { ...process.env, ...environment } }).stdout),
    );
  });
  return environment;
}

/** No accounting, no cgroups, and a task that is sent again waits for five seconds instead of two minutes (cred_expire). */
function configuration({ folder, controller, node }: { folder: string; controller: number; node: number }): string {
  const user = userInfo().username;
  return `ClusterName=remine
SlurmctldHost=${hostname()}(127.0.0.1)
SlurmctldPort=${controller}
SlurmdPort=${node}
AuthType=auth/munge
AuthInfo=socket=${folder}/munge.socket,cred_expire=5
SlurmUser=${user}
SlurmdUser=${user}
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
ReturnToService=2
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1
SelectType=select/cons_res
SelectTypeParameters=CR_CPU
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
NodeName=${hostname()} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`;
}

/** The process of remine that writes to a file, if there is one. */
export function writerOf(path: string): number | undefined {
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const [command = "", ...args] = textOf(`/proc/${name}/cmdline`).split("\0");
    // A shell that starts it has the path too.
    if (/node$/.test(command) && args.includes(path) && args.includes("matrix")) return Number(name);
  }
  return undefined;
}

/** The process that started another one. */
export const parentOf = (pid: number): number => Number(/^PPid:\s+(\d+)/m.exec(textOf(`/proc/${pid}/status`))?.[1]);

export const isAlive = (pid: number): boolean => /^State:\s+[^ZX]/m.test(textOf(`/proc/${pid}/status`));

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** A checkpoint that is read to its end though it is deleted when its pairs are finished. */
export class Followed {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, "r");
  }

  /** The pairs of each chunk that is in it, the ones that were finished first at first. */
  chunks(): string[][] {
    const bytes = Buffer.alloc(2 ** 24);
    const length = readSync(this.#file, bytes, 0, bytes.length, 0);
    const lines = bytes.toString("utf8", 0, length).split("\n").slice(1, -1);
    return lines.map((line) => JSON.parse(line).pairs.map(({ x, y }: { x: number; y: number }) => `${x} ${y}`));
  }

  close(): void {
    closeSync(this.#file);
  }
}
