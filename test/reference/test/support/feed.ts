/** What a client would have received while a devnet's chain grew through its forks, in order. */

import { networkFromConfig } from "../../../../src/networks/index.js";
import { forkAtSlot } from "../../../../src/networks/schedule.js";
import { LIGHT_CLIENT_FORKS, type LightClientFork } from "../../../../src/networks/types.js";
import { type Devnet, type DevnetOptions, type RangePattern, startDevnet } from "../../../devnet/src/client.js";
import type { Item, SentObject, SignedKind } from "../../src/client.js";
import type { Subject } from "./pair.js";

/** The forks that the reference knows. */
export const FORKS = LIGHT_CLIENT_FORKS.filter((fork) => fork !== "gloas");

export interface FeedItem extends Item {
  /** The answer's `data`. */
  readonly data: unknown;
  readonly attestedSlot: number;
  readonly signatureSlot: number;
  readonly finalizedSlot: number | null;
  /** Fork of the attested header, and where it is another one, that of the signature: "deneb", "deneb to electra". */
  readonly forks: string;
}

export interface FeedBootstrap {
  readonly fork: string;
  readonly root: string;
  readonly object: SentObject;
  readonly data: unknown;
}

export interface Feed {
  readonly subject: Subject;
  /** One in each fork. */
  readonly bootstraps: readonly FeedBootstrap[];
  /** By the slot at which they were received. */
  readonly items: readonly FeedItem[];
}

interface VersionedAnswer {
  readonly version: string;
  readonly data: { readonly [field: string]: { readonly beacon: { readonly slot: string } } };
}

const SLOTS_PER_EPOCH = 8;
export const SLOTS_PER_PERIOD = 64;
const STRIDE = 4;

/**
 * Altair at genesis, then a fork every eight epochs (a period), the first one after `offset` epochs.
 */
export function forkSchedule(offset: number): Record<LightClientFork, number> {
  const schedule: Record<string, number> = { gloas: Number.POSITIVE_INFINITY };
  FORKS.forEach((fork, i) => {
    schedule[fork] = i === 0 ? 0 : offset + (i - 1) * 8;
  });
  return schedule as Record<LightClientFork, number>;
}

/** Nine of ten sign, but all do in the first slot of a fork: so an update that crosses it is the best of its period. */
export function participationByFork(forks: Readonly<Record<LightClientFork, number>>): RangePattern[] {
  const all = FORKS.slice(1).map((fork) => forks[fork] * SLOTS_PER_EPOCH);
  return [{ syncParticipation: 0.9 }, ...all.map((slot) => ({ from: slot, to: slot, syncParticipation: 1 }))];
}

/** Runs a chain through its forks, and a period beyond the last one. */
export async function recordFeed(options: DevnetOptions & { forks: Record<LightClientFork, number> }): Promise<Feed> {
  const devnet = await startDevnet({ ...options, preset: "minimal" });
  try {
    return await record(devnet, options.forks);
  } finally {
    await devnet.stop();
  }
}

async function record(devnet: Devnet, forks: Record<LightClientFork, number>): Promise<Feed> {
  const { info } = devnet;
  const network = networkFromConfig(info.spec, info);
  const items: FeedItem[] = [];
  const seen = new Set<string>();
  const add = (kind: SignedKind, { version, data }: VersionedAnswer, currentSlot: number): void => {
    const object: SentObject = { encoding: "json", fork: version, text: JSON.stringify(data) };
    if (seen.has(`${kind} ${object.text}`)) return;
    seen.add(`${kind} ${object.text}`);
    const slotOf = (field: string) => Number(data[field]!.beacon.slot);
    const attestedSlot = slotOf("attested_header");
    const signatureSlot = Number(data["signature_slot"]);
    const finalizedSlot = data["finalized_header"] === undefined ? null : slotOf("finalized_header") || null;
    const names = new Set([attestedSlot, signatureSlot].map((slot) => forkAtSlot(network, slot)));
    items.push({
      ...{ kind, object, currentSlot, keep: true, data },
      ...{ attestedSlot, signatureSlot, finalizedSlot, forks: [...names].join(" to ") },
    });
  };

  const starts = FORKS.map((fork) => forks[fork] * SLOTS_PER_EPOCH);
  const end = starts.at(-1)! + SLOTS_PER_PERIOD;
  for (let slot = SLOTS_PER_EPOCH + 1; slot <= end; slot++) {
    const isNearBoundary = [...starts, slot - (slot % SLOTS_PER_PERIOD)].some((at) => slot >= at - 1 && slot <= at + 3);
    if (slot % STRIDE !== 0 && !isNearBoundary) continue;
    await devnet.produceTo(slot);
    const period = Math.floor(slot / SLOTS_PER_PERIOD);
    const updates = `updates?start_period=${Math.max(0, period - 1)}&count=2`;
    for (const update of await getJson<VersionedAnswer[]>(devnet, updates)) add("update", update, slot);
    add("finality", await getJson(devnet, "finality_update"), slot);
    add("optimistic", await getJson(devnet, "optimistic_update"), slot);
  }

  const bootstraps = await Promise.all(
    FORKS.map(async (fork) => {
      const { root } = await devnet.checkpoint({ epoch: forks[fork] + 1 });
      const { version, data } = await getJson<VersionedAnswer>(devnet, `bootstrap/${root}`);
      return {
        fork: version,
        root,
        data,
        object: { encoding: "json" as const, fork: version, text: JSON.stringify(data) },
      };
    }),
  );
  return { subject: { network, spec: info.spec }, bootstraps, items };
}

async function getJson<T>(devnet: Devnet, path: string): Promise<T> {
  const response = await fetch(`${devnet.url}/eth/v1/beacon/light_client/${path}`, {
    headers: { accept: "application/json" },
  });
  if (!response.ok) throw new Error(`devnet: ${path}: HTTP ${response.status}`);
  return (await response.json()) as T;
}
