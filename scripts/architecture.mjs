// Draws the rooms of src/ into docs/architecture.md, from the imports as they are.
//
//   node scripts/architecture.mjs          writes the picture and the table
//   node scripts/architecture.mjs --check  fails if they are not what the imports say
import { readFileSync, writeFileSync } from "node:fs";
import { cruise } from "dependency-cruiser";
import rules, { rooms } from "../.dependency-cruiser.mjs";

const FILE = "docs/architecture.md";

/** The room of a file; an entry is a room of its own. */
const roomOf = (path) => /^src\/([^/]+?)(?:\/|\.ts$)/.exec(path)?.[1];

/** Room -> the rooms that its files import. */
async function arrows() {
  const { output } = await cruise(["src"], { ...rules.options, ruleSet: { forbidden: [] } });
  const found = new Map(Object.keys(rooms).map((room) => [room, new Set()]));
  for (const { source, dependencies } of output.modules) {
    const from = roomOf(source);
    if (!from) continue;
    if (!found.has(from)) found.set(from, new Set());
    for (const { resolved } of dependencies) {
      const to = roomOf(resolved);
      if (to && to !== from) found.get(from).add(to);
    }
  }
  return found;
}

/** The arrows that no longer way replaces, so that the picture can be read. */
function reduced(found) {
  const below = (room) => new Set([...found.get(room)].flatMap((other) => [other, ...below(other)]));
  return new Map(
    [...found].map(([room, direct]) => {
      const further = new Set([...direct].flatMap((other) => [...below(other)]));
      return [room, [...direct].filter((other) => !further.has(other))];
    }),
  );
}

function picture(found) {
  const lines = [...reduced(found)].flatMap(([room, others]) => others.map((other) => `  ${room} --> ${other}`));
  return ["```mermaid", "flowchart TD", ...lines.sort(), "```"].join("\n");
}

function table(found) {
  const row = (room) => {
    const others = [...found.get(room)].sort().map((other) => `\`${other}\``);
    return `| \`${room}\` | ${rooms[room].is} | ${others.join(", ") || "nothing"} |`;
  };
  return ["| room | is | imports |", "| --- | --- | --- |", ...Object.keys(rooms).map(row)].join("\n");
}

const found = await arrows();
const text = readFileSync(FILE, "utf8");
const drawn = text.replace(
  /(<!-- rooms -->\n)[\s\S]*?(<!-- \/rooms -->)/,
  (_, start, end) => `${start}${picture(found)}\n\n${table(found)}\n${end}`,
);
if (!process.argv.includes("--check")) writeFileSync(FILE, drawn);
else if (drawn !== text) {
  console.error(`${FILE} does not show the rooms as they are. Run: node scripts/architecture.mjs`);
  process.exitCode = 1;
}
