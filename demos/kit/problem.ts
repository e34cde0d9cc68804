/** The panel that says what went wrong and what to do about it. */
import { AdapterError, DeviceLostError, NonFiniteError } from "../../src/index.ts";

export interface Problem {
  title: string;
  /** What stands between backticks is code. */
  remedies: string[];
}

/** What an error means to a visitor. `diverged`: what to change on this page when the training blows up. */
export function problemOf(error: unknown, diverged: string): Problem {
  if (!globalThis.isSecureContext) {
    return {
      title: "WebGPU needs a secure address",
      remedies: ["Open this page over https://, or from this computer as http://127.0.0.1 or http://localhost."],
    };
  }
  if (error instanceof AdapterError) {
    return {
      title: "This browser gives no access to a GPU",
      remedies: [
        "Use a current Chrome, Edge, Firefox or Safari.",
        "Chrome on Linux: start it with `--enable-unsafe-webgpu --enable-features=Vulkan`, or turn on " +
          "`chrome://flags/#enable-unsafe-webgpu`.",
        "Firefox on Linux: in `about:config`, turn on `dom.webgpu.enabled` and `gfx.webgpu.ignore-blocklist`.",
      ],
    };
  }
  if (error instanceof DeviceLostError || error instanceof DOMException) {
    return {
      title: "The GPU stopped answering",
      remedies: ["This happens when the driver restarts or the computer sleeps. Try again."],
    };
  }
  if (error instanceof NonFiniteError) return { title: "The training diverged", remedies: [diverged] };
  return { title: "The page met an error", remedies: [] };
}

/** The panel, hidden, as the first thing in `main`. */
export class ProblemPanel {
  #panel = Object.assign(document.createElement("section"), { className: "problem", hidden: true });

  constructor(main: HTMLElement) {
    this.#panel.setAttribute("role", "alert");
    main.prepend(this.#panel);
  }

  /** @param options.folded the page goes on without what is wrong, so that the remedies are for who asks for them */
  show({ title, remedies }: Problem, cause: string, retry: () => void, options: { folded?: boolean } = {}): void {
    const { folded = false } = options;
    const heading = Object.assign(document.createElement(folded ? "summary" : "h2"), { textContent: title });
    const why = Object.assign(document.createElement("p"), {
      textContent: cause.charAt(0).toUpperCase() + cause.slice(1),
    });
    const list = document.createElement("ul");
    list.append(...remedies.map(listItem));
    const again = Object.assign(document.createElement("button"), { type: "button", textContent: "Try again" });
    again.addEventListener("click", retry);
    const parts = [heading, why, list, again];
    const details = document.createElement("details");
    if (folded) details.append(...parts);
    this.#panel.replaceChildren(...(folded ? [details] : parts));
    this.#panel.classList.toggle("folded", folded);
    this.#panel.hidden = false;
  }

  hide(): void {
    this.#panel.hidden = true;
  }
}

function listItem(text: string): HTMLLIElement {
  const item = document.createElement("li");
  text.split("`").forEach((part, i) => {
    const code = Object.assign(document.createElement("code"), { textContent: part });
    item.append(i % 2 === 1 ? code : part);
  });
  return item;
}
