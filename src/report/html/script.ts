/**
 * What a page does beyond standing there: tables sort and filter, the heatmap says what lies under the pointer, folded parts are
 * printed too. Each function runs in the browser by its own source text, so that it may use nothing from outside itself.
 */

/** Gives headings of sortable tables their buttons; cells sort by `data-v`, or by their text. */
function sortable(): void {
  const keyOf = (row: HTMLTableRowElement, place: number) => {
    const cell = row.cells[place];
    return cell?.dataset.v ?? cell?.textContent?.trim() ?? "";
  };
  const sort = (table: HTMLTableElement, heading: HTMLTableCellElement) => {
    const isUp = heading.getAttribute("aria-sort") !== (heading.dataset.first ?? "ascending");
    const order = isUp === (heading.dataset.first !== "descending") ? "ascending" : "descending";
    for (const other of table.tHead?.rows[0]?.cells ?? []) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", order);
    const body = table.tBodies[0]!;
    const keyed = [...body.rows].map((row) => ({ row, key: keyOf(row, heading.cellIndex) }));
    const sign = order === "ascending" ? 1 : -1;
    const isNumber = heading.classList.contains("n");
    keyed.sort((a, b) => {
      // What is not there comes last, whichever way.
      if (a.key === "" || b.key === "") return Number(a.key === "") - Number(b.key === "");
      return sign * (isNumber ? Number(a.key) - Number(b.key) : a.key.localeCompare(b.key));
    });
    body.append(...keyed.map(({ row }) => row));
  };
  for (const table of document.querySelectorAll<HTMLTableElement>("table.sortable")) {
    for (const heading of table.tHead?.querySelectorAll("th") ?? []) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      button.addEventListener("click", () => sort(table, heading));
      heading.append(button);
    }
  }
}

/** Shows the search field of a table, which hides rows that lack one of its words, and says how many are left. */
function filterable(): void {
  for (const form of document.querySelectorAll<HTMLElement>("[data-filters]")) {
    const table = document.getElementById(form.dataset.filters!) as HTMLTableElement;
    const [field, says] = [form.querySelector("input")!, form.querySelector("output")!];
    const rows = [...table.tBodies[0]!.rows].map((row) => ({ row, text: row.textContent!.toLowerCase() }));
    const filter = () => {
      const words = field.value.toLowerCase().split(/\s+/);
      let left = 0;
      for (const { row, text } of rows) {
        row.hidden = !words.every((word) => text.includes(word));
        if (!row.hidden) left++;
      }
      says.textContent = field.value.trim() ? `${left} of ${rows.length} pairs` : "";
    };
    field.addEventListener("input", filter);
    form.hidden = false;
  }
}

/** The heatmap: what lies under the pointer, or where arrow keys have gone, in words; a click goes to the pair's picture. */
function heatmap(): void {
  const box = document.getElementById("heat");
  const data = document.getElementById("heat-data");
  if (!box || !data) return;
  type Heat = {
    names: string[];
    left: number;
    top: number;
    cell: number;
    says: Record<string, string>;
    go: Record<string, string>;
  };
  const { names, left, top, cell, says, go } = JSON.parse(data.textContent!) as Heat;
  const [svg, tip, frame] = [box.querySelector("svg")!, box.querySelector("output")!, box.querySelector("i")!];
  let at: [number, number] = [1, 0];
  const scale = () => svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  const keyOf = ([x, y]: [number, number]) => `${Math.min(x, y)} ${Math.max(x, y)}`;
  const show = ([x, y]: [number, number]) => {
    const pixels = scale();
    at = [x, y];
    tip.replaceChildren(Object.assign(document.createElement("b"), { textContent: `${names[y]} × ${names[x]}` }));
    tip.append(x === y ? "a column and itself" : (says[keyOf(at)] ?? "not estimated"));
    Object.assign(frame.style, { left: `${pixels * (left + x * cell)}px`, top: `${pixels * (top + y * cell)}px` });
    Object.assign(frame.style, { width: `${pixels * cell}px`, height: `${pixels * cell}px` });
    const room = box.clientWidth - 270;
    tip.style.left = `${Math.max(0, Math.min(room + box.scrollLeft, pixels * (left + (x + 1) * cell) + 8))}px`;
    tip.style.top = `${pixels * (top + (y + 1) * cell) + 8}px`;
    box.classList.add("on");
  };
  const placeOf = (event: MouseEvent): [number, number] | undefined => {
    const { left: x0, top: y0 } = svg.getBoundingClientRect();
    const pixels = scale();
    const [x, y] = [(event.clientX - x0) / pixels - left, (event.clientY - y0) / pixels - top].map((v) =>
      Math.floor(v / cell),
    );
    return x! >= 0 && y! >= 0 && x! < names.length && y! < names.length ? [x!, y!] : undefined;
  };
  const open = () => {
    const id = go[keyOf(at)];
    if (id) document.getElementById(id)?.scrollIntoView();
  };
  const hide = () => box.classList.remove("on");
  box.addEventListener("pointermove", (event) => {
    const place = placeOf(event);
    if (place) show(place);
    else hide();
  });
  box.addEventListener("pointerleave", hide);
  box.addEventListener("blur", hide);
  box.addEventListener("focus", () => box.matches(":focus-visible") && show(at));
  box.addEventListener("click", (event) => placeOf(event) && open());
  box.addEventListener("keydown", (event) => {
    const steps: Record<string, [number, number]> = {
      ...{ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] },
    };
    const step = steps[event.key];
    const last = names.length - 1;
    if (event.key === "Enter") open();
    if (event.key === "Escape") hide();
    if (!step) return;
    event.preventDefault();
    show([Math.max(0, Math.min(last, at[0] + step[0])), Math.max(0, Math.min(last, at[1] + step[1]))]);
  });
}

/** On paper nothing can be unfolded. */
function unfoldedInPrint(): void {
  let folded: HTMLDetailsElement[] = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details")].filter(({ open }) => !open);
    for (const part of folded) part.open = true;
  });
  addEventListener("afterprint", () => {
    for (const part of folded) part.open = false;
  });
}

/** The script of every page. */
export const SCRIPT = [sortable, filterable, heatmap, unfoldedInPrint].map((part) => `(${part})();`).join("\n");
