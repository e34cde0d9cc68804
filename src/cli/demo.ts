/** `remine demo`: serves the live pages on loopback. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { InputError } from "../errors.ts";
import { integer } from "./options.ts";
import { serve } from "./serve.ts";

export function addDemo(program: Command): void {
  program
    .command("demo")
    .description("serve the live pages on this machine; they train in your browser")
    .option("--port <number>", "0 takes any free one", integer, 8080)
    .action(async ({ port }: { port: number }) => {
      const folder = fileURLToPath(new URL("./demos", import.meta.url));
      if (!existsSync(folder)) throw new InputError("the pages are not built; run `npm run build` first");
      const server = await serve(folder, port);
      console.log(`${server.url}  (Ctrl-C ends it)`);
      await new Promise<void>((resolve) => process.once("SIGINT", resolve));
      await server.close();
    });
}
