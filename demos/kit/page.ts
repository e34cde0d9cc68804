/** What every page has: its elements by id. */

export const element = <T extends HTMLElement = HTMLElement>(id: string) => document.getElementById(id) as T;

/** Writes `text` into the element of this id, if the page has it. */
export function say(id: string, text: string): void {
  const node = document.getElementById(id);
  if (node && node.textContent !== text) node.textContent = text;
}

// A folder opened from the disk has no server that would find its index.
if (globalThis.location?.protocol === "file:") {
  for (const link of document.querySelectorAll<HTMLAnchorElement>('a[href$="/"]')) link.href += "index.html";
}

// The row of pages is wider than a phone: the one that is shown is in sight.
const row = globalThis.document?.querySelector<HTMLElement>(".pages");
const current = row?.querySelector<HTMLElement>("[aria-current]");
if (row && current) row.scrollLeft = current.offsetLeft + current.offsetWidth / 2 - row.clientWidth / 2;
