/** `remine estimators`: the catalogue as text or JSON. */
import type { Command } from "commander";
import { catalogue } from "../estimators/catalogue.ts";

export function addEstimators(program: Command): void {
  program
    .command("estimators")
    .description("every estimator: what its value is to the MI, and when to use it")
    .option("--json", "print one JSON array on stdout")
    .action(({ json }: { json?: boolean }) => {
      if (json) return console.log(JSON.stringify(catalogue));
      for (const { name, title, statement, use, paper } of catalogue)
        console.log(`${name}  (${title}; ${paper})\n  ${statement}\n  use it ${use}`);
    });
}
