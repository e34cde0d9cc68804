// Lets PyTorch and JAX compile what they will be measured with, into the caches that their variables name, while the tests run.
//
//   node bench/gpu-day/warm.mjs W1,W2,… PYTHON
import { encoded, fixtureOf } from "../check.mjs";
import { LAMBDA, steps } from "../dist/library.js";
import { commandsOf, Peer } from "../peers.mjs";
import { why } from "./figures.mjs";

const [names, python] = process.argv.slice(2);
const { commands } = commandsOf(["torch", "jax"], { adapter: "", python, log() {} });

async function warm({ group, command }) {
  const peer = await Peer.start(group, command);
  for (const name of names.split(",")) {
    const fixture = { ...encoded(fixtureOf(steps[name])), lambda: LAMBDA };
    // Graphs and the eager mode compile nothing, or not for another process.
    for (const variant of (peer.facts.variants ?? []).filter(({ mode }) => /^compiled$|scan/.test(mode))) {
      try {
        await peer.ask({ prepare: steps[name], fixture, variant });
        await peer.rate(steps[name], 0.01);
        console.log(`${group} ${name}: compiled`);
      } catch (error) {
        console.log(`${group} ${name}: ${why(error)}`);
      }
    }
  }
  await peer.close();
}

await Promise.all(
  commands.map((command) => warm(command).catch((error) => console.log(`${command.group}: ${why(error)}`))),
);
