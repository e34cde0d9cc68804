/** A script of this page's folder, by its name: in the page itself, which may be a folder on disk, or in its worker. */

declare function importScripts(...names: string[]): void;

export async function loadScript(name: string): Promise<void> {
  if (!globalThis.document) return importScripts(name);
  const script = Object.assign(document.createElement("script"), { src: name });
  await new Promise<void>((resolve, reject) => {
    script.addEventListener("load", () => resolve());
    script.addEventListener("error", () => reject(new Error("the page has lost its reader: load it again")));
    document.head.append(script);
  });
}
