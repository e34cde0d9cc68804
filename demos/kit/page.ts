/** What every page has: its elements by id, and the way to the other pages. */

export const element = <T extends HTMLElement = HTMLElement>(id: string) => document.getElementById(id) as T;

/** Writes `text` into the element of this id, if the page has it. */
export function say(id: string, text: string): void {
  const node = document.getElementById(id);
  if (node && node.textContent !== text) node.textContent = text;
}

/** The pages by folder, in the order in which one reads them. */
const PAGES = [
  ["", "Start"],
  ["lab", "Lab"],
  ["field", "Field"],
  ["surface", "Surface"],
  ["depends", "What depends on what"],
  ["bench", "Bench"],
] as const;

/** Puts the links to all pages at the top of the body. The links are relative: any static host and any folder will do. */
export function showNavigation(current: (typeof PAGES)[number][0]): void {
  const up = current === "" ? "./" : "../";
  // A folder opened from the disk has no server that would find its index.
  const index = location.protocol === "file:" ? "index.html" : "";
  const links = PAGES.map(([folder, title]) => {
    const link = document.createElement("a");
    link.href = `${up}${folder}${folder && "/"}${index}`;
    link.textContent = title;
    if (folder === current) link.setAttribute("aria-current", "page");
    return link;
  });
  const mark = Object.assign(document.createElement("span"), { className: "mark", textContent: "remine" });
  const navigation = Object.assign(document.createElement("nav"), { className: "pages" });
  navigation.setAttribute("aria-label", "Pages");
  navigation.append(mark, ...links);
  document.body.prepend(navigation);
}
