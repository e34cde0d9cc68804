/** The ways by which a table comes to the page: chosen, dropped, pasted. */
import { element } from "../kit/page.ts";
import type { Source } from "./answers.ts";
import { plural, quoted } from "./words.ts";

interface Taken {
  onsource: (source: Source, note: string) => void;
  onrefused: (message: string) => void;
}

export function takeTables({ onsource, onrefused }: Taken): void {
  const file = element<HTMLInputElement>("file");
  file.addEventListener("change", () => {
    const [chosen] = file.files ?? [];
    if (chosen) onsource({ name: chosen.name, file: chosen }, "");
    file.value = "";
  });
  const ofTransfer = (data: DataTransfer, how: "dropped" | "pasted") => {
    const files = [...data.files];
    const isFolder = [...data.items].some((item) => item.webkitGetAsEntry?.()?.isDirectory);
    if (isFolder) onrefused("A folder was dropped. Drop one of its files: a table, as CSV or Parquet");
    else if (files[0]) onsource({ name: files[0].name, file: files[0] }, othersOf(files));
    else ofText(data.getData("text/plain") || data.getData("text/uri-list"), how);
  };
  const ofText = (text: string, how: "dropped" | "pasted") => {
    const refusal = noTable(text, how);
    if (refusal === undefined) onsource({ name: `${how} cells`, text }, "");
    else onrefused(refusal);
  };
  document.addEventListener("paste", (event) => {
    const isForField = event.target instanceof Element && event.target.closest("input[type=search]");
    if (!isForField && event.clipboardData) ofTransfer(event.clipboardData, "pasted");
  });
  watchDrop((data) => ofTransfer(data, "dropped"));
}

function watchDrop(take: (data: DataTransfer) => void): void {
  const area = element("drop");
  for (const type of ["dragenter", "dragover"]) {
    document.addEventListener(type, (event) => {
      event.preventDefault();
      area.classList.add("over");
    });
  }
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) area.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    area.classList.remove("over");
    if (event.dataTransfer) take(event.dataTransfer);
  });
}

function othersOf([first, ...others]: readonly File[]): string {
  if (others.length === 0) return "";
  return `${quoted(first!.name)} is taken; ${plural(others.length, "other file")} ${others.length === 1 ? "is" : "are"} not: one table at a time.`;
}

/** Why a text is no table; undefined where it may be one. */
export function noTable(text: string, how: "dropped" | "pasted"): string | undefined {
  const own = text.trim();
  const mend = "Drop or paste the cells of a table, with a line of names";
  if (own === "") return `What was ${how} holds no text. ${mend}, or a file such as CSV or Parquet`;
  if (/^(https?|file|ftp):\S*$/i.test(own)) {
    return `An address was ${how}, and this page loads nothing. Save what is there as a file, and drop that`;
  }
  return own.includes("\n") ? undefined : `What was ${how} is one line of text. ${mend}`;
}
