/** The page's side of its reader. */
import type { Answerer, Asks, Kind, Source } from "./answers.ts";
import type { Told } from "./independence.ts";
import { loadScript } from "./script.ts";
import { Refusal } from "./text.ts";

export type Question = { [K in Kind]: { id: number; kind: K; ask: Asks[K]["ask"] } }[Kind] | { stop: number };
export type Reply =
  | { id: number; answer: unknown }
  | { id: number; told: Told[] }
  | { id: number; error: string; isRefusal: boolean };

declare global {
  /** What reader.worker.js leaves in a page that loads it as a script. */
  var tableAnswerer: Answerer | undefined;
}

interface Open {
  question: Exclude<Question, { stop: number }>;
  resolve: (answer: never) => void;
  reject: (error: Error) => void;
  tell: (told: Told[]) => void;
  isStopped: boolean;
}

export class Reader {
  #worker: Worker | undefined;
  #here: Promise<Answerer> | undefined;
  #open = new Map<number, Open>();
  #last = 0;

  constructor() {
    try {
      this.#worker = new Worker("reader.worker.js");
      this.#worker.addEventListener("message", ({ data }: MessageEvent<Reply>) => this.#take(data));
      this.#worker.addEventListener("error", () => this.#goOnHere());
    } catch {
      // A page from a folder on disk has none.
    }
  }

  /**
   * @throws {Refusal} naming cause and mend
   */
  ask<K extends Kind>(
    kind: K,
    ask: Asks[K]["ask"],
    tell: (told: Told[]) => void = () => {},
    signal?: AbortSignal,
  ): Promise<Asks[K]["answer"]> {
    const id = ++this.#last;
    const question = { id, kind, ask } as Open["question"];
    return new Promise((resolve, reject) => {
      const open: Open = { question, resolve, reject, tell, isStopped: false };
      this.#open.set(id, open);
      signal?.addEventListener("abort", () => {
        open.isStopped = true;
        this.#worker?.postMessage({ stop: id } satisfies Question);
      });
      if (this.#worker) this.#worker.postMessage(question);
      else void this.#answerHere(open);
    });
  }

  #take(reply: Reply): void {
    const open = this.#open.get(reply.id);
    if (!open) return;
    if ("told" in reply) {
      if (!open.isStopped) open.tell(reply.told);
      return;
    }
    this.#open.delete(reply.id);
    if ("error" in reply) open.reject(reply.isRefusal ? new Refusal(reply.error) : new Error(reply.error));
    else open.resolve(reply.answer as never);
  }

  /** There is no worker after all. */
  #goOnHere(): void {
    this.#worker = undefined;
    for (const open of this.#open.values()) void this.#answerHere(open);
  }

  async #answerHere({ question, tell, ...open }: Open): Promise<void> {
    const { id, kind, ask } = question;
    const isStopped = () => this.#open.get(id)?.isStopped !== false;
    try {
      this.#here ??= answererHere();
      const here = await this.#here;
      const answer =
        kind === "read"
          ? await here.read(ask as Source)
          : kind === "column"
            ? await here.column(ask)
            : await here.pairs(ask, tell, isStopped);
      open.resolve(answer as never);
    } catch (error) {
      const { name, message } = error as Error;
      open.reject(name === "Refusal" ? new Refusal(message) : (error as Error));
    } finally {
      this.#open.delete(id);
    }
  }
}

/** A page from a folder on disk may load scripts, but begin no workers. */
async function answererHere(): Promise<Answerer> {
  await loadScript("reader.worker.js");
  return globalThis.tableAnswerer!;
}
