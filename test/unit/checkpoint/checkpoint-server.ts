/** Real HTTP servers that tell checkpoints as they are told to, as beacon nodes and checkpointz do. */
import type { ServerResponse } from "node:http";
import { minimalPreset } from "../../../src/networks/presets.js";
import type { Network } from "../../../src/networks/types.js";
import { manualClock } from "../../support/clock.js";
import { testNetwork } from "../../support/networks.js";
import { type LyingServer, lyingServer, sendJson } from "../transport/lying-server.js";

export const NETWORK: Network = testNetwork({ forks: { electra: 0 } });
/** Epochs that have begun: 0 to this. */
export const CURRENT_EPOCH = 40;

export function clockNow() {
  const epochMs = minimalPreset.slotsPerEpoch * NETWORK.slotDurationMs;
  return manualClock(NETWORK.genesisTime * 1000 + CURRENT_EPOCH * epochMs);
}

/** The root of an epoch, on the chain of that name. */
export function rootOf(epoch: number, chain = "honest"): string {
  return `0x${Buffer.from(`${chain}-${epoch}-`.repeat(32)).subarray(0, 32).toString("hex")}`;
}

export type Question = "genesis" | "finality" | "root";
type Answer = (response: ServerResponse) => void;

export interface Tells {
  /** What it says is finalized. */
  readonly epoch: number;
  /** Which chain's roots it tells. @default "honest" */
  readonly chain?: string;
  /** Epochs whose first slot has no block: the root is another's, and asking by slot gives 404. */
  readonly empty?: readonly number[];
  readonly answers?: Partial<Record<Question, Answer>>;
}

export interface CheckpointServer extends LyingServer {
  /** Questions so far. */
  questions(): Question[];
}

function questionOf(url: string): Question {
  if (url.includes("/eth/v1/beacon/genesis")) return "genesis";
  return url.includes("finality_checkpoints") ? "finality" : "root";
}

export function finalityAnswer(epoch: number | string, root: unknown): object {
  const zero = { epoch: "0", root: `0x${"00".repeat(32)}` };
  return { data: { previous_justified: zero, current_justified: zero, finalized: { epoch: String(epoch), root } } };
}

export function genesisAnswer(genesisValidatorsRoot: unknown = NETWORK.genesisValidatorsRoot): object {
  return { data: { genesis_time: "1", genesis_validators_root: genesisValidatorsRoot, genesis_fork_version: "0x01" } };
}

/** A provider; `closeServers` of the lying server ends it. */
export async function checkpointServer({ epoch, chain, answers = {}, empty = [] }: Tells): Promise<CheckpointServer> {
  const honest: Record<Question, (response: ServerResponse, url: string) => void> = {
    genesis: (response) => sendJson(response, genesisAnswer()),
    finality: (response) => sendJson(response, finalityAnswer(epoch, rootOf(epoch, chain))),
    root(response, url) {
      const slot = Number(/blocks\/(\d+)\/root/.exec(url)?.[1]);
      const asked = slot / NETWORK.preset.slotsPerEpoch;
      if (!Number.isInteger(asked) || asked > epoch || empty.includes(asked)) {
        sendJson(response, { code: 404, message: "no block" }, 404);
      } else sendJson(response, { finalized: true, data: { root: rootOf(asked, chain) } });
    },
  };
  const server = await lyingServer((request, response) => {
    const question = questionOf(request.url!);
    (answers[question] ?? honest[question])(response, request.url!);
  });
  return { ...server, questions: () => server.requests.map(({ url }) => questionOf(url)) };
}
