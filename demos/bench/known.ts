/** Machines that were measured before: the committed results of `npm run bench` for the standard network. */

import { machine as software, peers as softwarePeers, steps as softwareSteps } from "../../bench/results/llvmpipe.json";
import { machine as h200, kernels as h200Kernels } from "../../bench/results/nvidia-h200.json";

export interface Known {
  name: string;
  about: string;
  /** Steps a second of the standard network. */
  rate: number;
}

const date = (text: string) => text.slice(0, 10);
const { W1 } = softwareSteps;
const cores = `${software.cores} CPU cores`;
const peer = (name: keyof typeof softwarePeers): Known => ({
  name: `${softwarePeers[name].name} ${softwarePeers[name].version.replace(/\+.*/, "")}`,
  about: `${cores}, the same`,
  rate: W1.peers[name].median,
});

export const own: Known = {
  name: "remine",
  about: `${cores} (${software.cpu}) as a software GPU, ${date(software.date)}`,
  rate: W1.own.median,
};

export const known: readonly Known[] = [
  {
    name: "remine",
    about: `NVIDIA H200, at most: the times of its kernels added up, ${date(h200.date)}`,
    rate: 1e6 / h200Kernels.W1.reduce((sum, { microseconds }) => sum + microseconds, 0),
  },
  own,
  ...(["jax", "torch", "jaxjs-wasm", "tfjs-wasm"] as const).map(peer),
].sort((a, b) => b.rate - a.rate);
