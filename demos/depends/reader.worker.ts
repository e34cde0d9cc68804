/** Answers what a page asks, beside the page, which stays free; or within it, where a browser gives no worker. */
import { Answerer, type Source } from "./answers.ts";
import type { Question, Reply } from "./reader.ts";
import type { Choice } from "./table.ts";
import { Refusal } from "./text.ts";

const answerer = new Answerer();
const stopped = new Set<number>();
const post = (reply: Reply, moved: Transferable[] = []) => postMessage(reply, { transfer: moved });

if (globalThis.document) globalThis.tableAnswerer = answerer;
else {
  addEventListener("message", ({ data }: MessageEvent<Question>) => {
    if ("stop" in data) stopped.add(data.stop);
    else void answer(data);
  });
}

async function answer({ id, kind, ask }: Extract<Question, { kind: unknown }>): Promise<void> {
  try {
    if (kind === "read") {
      const sheet = await answerer.read(ask as Source);
      post({ id, answer: sheet }, sheet.columns.map(bufferOf));
    } else if (kind === "column") {
      const choice = await answerer.column(ask);
      post({ id, answer: choice }, [bufferOf(choice)]);
    } else {
      await answerer.pairs(
        ask,
        (told) => post({ id, told }),
        () => stopped.has(id),
      );
      post({ id, answer: undefined });
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    post({ id, error: message, isRefusal: error instanceof Refusal });
  }
}

const bufferOf = ({ values }: Choice): ArrayBuffer => values.buffer as ArrayBuffer;
