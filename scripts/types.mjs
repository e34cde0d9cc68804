// Declarations for the package, from src/ to dist/types. Run by npm before it packs.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const { status } = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.types.json"], {
  stdio: "inherit",
});
if (status !== 0) process.exit(status ?? 1);
// Sources import each other as .ts, so that Node can run them; a package's declarations must say .js.
for (const entry of readdirSync("dist/types", { recursive: true })) {
  if (!entry.endsWith(".d.ts")) continue;
  const path = join("dist/types", entry);
  writeFileSync(path, readFileSync(path, "utf8").replace(/(from |import\()"(\.[^"]*)\.ts"/g, '$1"$2.js"'));
}
