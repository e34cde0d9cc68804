/** Code under a figure that gives its very number, folded, with a button that copies it. */
import { element } from "./page.ts";

export class Snippet {
  #code = document.createElement("code");
  #note = Object.assign(document.createElement("p"), { className: "note" });
  #said = Object.assign(document.createElement("span"), { className: "note" });

  /** @param id of the element that it fills */
  constructor(id: string, title = "Use it in three lines") {
    const summary = Object.assign(document.createElement("summary"), { textContent: title });
    const text = document.createElement("pre");
    text.append(this.#code);
    const copy = Object.assign(document.createElement("button"), { type: "button", textContent: "Copy" });
    copy.addEventListener("click", () => this.#copy());
    this.#said.setAttribute("role", "status");
    const buttons = Object.assign(document.createElement("div"), { className: "buttons" });
    buttons.append(copy, this.#said);
    const details = document.createElement("details");
    details.append(summary, this.#note, text, buttons);
    element(id).replaceChildren(details);
  }

  /** The module, and what to know of it. */
  show(code: string, note = ""): void {
    if (this.#code.textContent !== code) {
      this.#code.textContent = code;
      this.#said.textContent = "";
    }
    if (this.#note.textContent !== note) this.#note.textContent = note;
  }

  async #copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.#code.textContent ?? "");
      this.#said.textContent = "Copied.";
    } catch {
      getSelection()?.selectAllChildren(this.#code);
      this.#said.textContent = "This browser lets no page write to the clipboard: the code is selected instead.";
    }
  }
}
