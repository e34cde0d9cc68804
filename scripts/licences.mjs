// The notices of what the bundles contain of other packages, from esbuild's account of what it put into them.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BuildError } from "./build-error.mjs";

/** The folder of the package that a file belongs to, up to the last node_modules. */
const PACKAGE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;
const NOTICE = /^(licen[cs]e|copying|notice)([.-].*)?$/i;

/** Packages that come without a text: their package.json says MIT, and who wrote them. */
const DECLARED = ["@polka/url", "sirv"];
const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in
all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN
THE SOFTWARE.
`;

/** The folders of the packages of which bytes are in an output, in order. */
export function bundledPackages(metafiles) {
  const found = new Set();
  for (const { outputs } of metafiles) {
    for (const { inputs } of Object.values(outputs)) {
      for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
        const folder = PACKAGE.exec(file.replaceAll("\\", "/"))?.[1];
        if (folder && bytesInOutput > 0) found.add(folder);
      }
    }
  }
  return [...found].sort();
}

/**
 * The text of THIRD-PARTY-LICENSES.txt.
 *
 * @throws {BuildError} when a package has no text of its licence
 */
export function licences(metafiles) {
  const packages = bundledPackages(metafiles).map(describePackage);
  // The same version may be installed twice.
  const parts = new Map(packages.map((part) => [part.title, part]).sort(([a], [b]) => (a < b ? -1 : 1)));
  const list = [...parts.values()];
  return [
    "The bundles of this package contain code of the packages below. Written by the build.",
    "",
    ...list.map(({ title, licence }) => `  ${title} (${licence})`),
    ...list.flatMap(({ title, text }) => ["", "-".repeat(80), title, "", text]),
    "",
  ].join("\n");
}

function describePackage(folder) {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const title = `${name} ${version}`;
  const notices = readdirSync(folder).filter((file) => NOTICE.test(file));
  if (DECLARED.includes(name) && license === "MIT" && author?.name && notices.length === 0)
    return { title, licence: license, text: `Copyright (c) ${author.name} <${author.email}>\n\n${MIT.trim()}` };
  if (notices.length === 0 || !license)
    throw new BuildError(`${folder}: the package ${name} is bundled and has no text of its licence to be handed on`);
  const text = notices
    .sort()
    .map((file) => readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trim())
    .join("\n\n");
  return { title, licence: license, text };
}
