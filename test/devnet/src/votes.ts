/** What every validator did in an epoch, from full states and duties: the truth that others' estimates are held against. */
import { MAX_COMMITTEES_PER_SLOT, SLOTS_PER_EPOCH } from "@lodestar/params";
import { type CachedBeaconStateAllForks, processSlots } from "@lodestar/state-transition";
import type { Attestation, electra, SignedBeaconBlock } from "@lodestar/types";
import type { EpochTruth, VoteTruth } from "./api-types.ts";
import type { Chain } from "./chain/chain.ts";
import { ancestorAt, type ChainEntry } from "./chain/entry.ts";
import { blockTypes, toHex } from "./chain/ssz-types.ts";

type Body = SignedBeaconBlock["message"]["body"];

/** @throws if the epoch, and the one in which its last votes may come, are not over */
export function describeVotes(chain: Chain, epoch: number): EpochTruth {
  const start = epoch * SLOTS_PER_EPOCH;
  if (chain.head.slot < start + 2 * SLOTS_PER_EPOCH) throw new Error(`epoch ${epoch}: votes may still come`);
  const blocks = blocksBetween(chain.head, start, start + 2 * SLOTS_PER_EPOCH - 1);
  const state = stateAt(chain, start);
  const votes: VoteTruth[] = [];
  for (let slot = start; slot < start + SLOTS_PER_EPOCH; slot++) {
    const count = state.epochCtx.getCommitteeCountPerSlot(epoch);
    for (let committee = 0; committee < count; committee++) {
      Array.from(state.epochCtx.getBeaconCommittee(slot, committee)).forEach((validator, position) => {
        votes.push({ validator, slot, ...voteOf(chain, blocks, slot, committee, position, state) });
      });
    }
  }
  const ofEpoch = blocks.filter(({ slot }) => slot < start + SLOTS_PER_EPOCH);
  return {
    epoch,
    votes,
    blocks: ofEpoch.map(({ slot }) => slot),
    proposerSlashings: sum(ofEpoch, ({ proposerSlashings }) => proposerSlashings.length),
    attesterSlashings: sum(ofEpoch, ({ attesterSlashings }) => attesterSlashings.length),
  };
}

function sum(entries: readonly ChainEntry[], pick: (body: Body) => number): number {
  return entries.reduce((total, entry) => total + pick(bodyOf(entry)), 0);
}

function blocksBetween(head: ChainEntry, from: number, to: number): ChainEntry[] {
  const blocks: ChainEntry[] = [];
  for (let entry: ChainEntry | null = head; entry !== null && entry.slot >= from; entry = entry.parent) {
    if (entry.slot <= to) blocks.unshift(entry);
  }
  return blocks;
}

/** The canonical state of an epoch's first slot: it knows the committees of the whole epoch. */
function stateAt(chain: Chain, slot: number): CachedBeaconStateAllForks {
  const entry = ancestorAt(chain.head, slot);
  if (!entry) throw new Error(`no block up to slot ${slot}`);
  const state = chain.states.get(entry);
  return state.slot < slot ? processSlots(state, slot) : state;
}

const bodies = new WeakMap<ChainEntry, Body>();

function bodyOf(entry: ChainEntry): Body {
  const known = bodies.get(entry);
  if (known) return known;
  const body = decode(entry);
  bodies.set(entry, body);
  return body;
}

function decode(entry: ChainEntry): Body {
  return blockTypes(entry.fork).SignedBeaconBlock.deserialize(entry.blockBytes).message.body;
}

function voteOf(
  chain: Chain,
  blocks: readonly ChainEntry[],
  slot: number,
  committee: number,
  position: number,
  state: CachedBeaconStateAllForks,
): Omit<VoteTruth, "validator" | "slot"> {
  const target = ancestorAt(chain.head, slot - (slot % SLOTS_PER_EPOCH))?.root;
  for (const entry of blocks) {
    if (entry.slot <= slot) continue;
    const found = (bodyOf(entry).attestations as Attestation[]).find(
      (attestation) => attestation.data.slot === slot && hasVoted(attestation, state, slot, committee, position),
    );
    if (!found) continue;
    const { data } = found;
    const justified = entry.epoch === Math.floor(slot / SLOTS_PER_EPOCH) ? entry.justified : entry.previousJustified;
    return {
      includedAt: entry.slot,
      head: toHex(data.beaconBlockRoot) === ancestorAt(chain.head, slot)?.root,
      target: toHex(data.target.root) === target,
      source: data.source.epoch === justified.epoch && toHex(data.source.root) === justified.root,
    };
  }
  return { includedAt: null, head: false, target: false, source: false };
}

/** From Electra on the bits of all named committees stand in a row (EIP-7549). */
function hasVoted(
  attestation: Attestation,
  state: CachedBeaconStateAllForks,
  slot: number,
  committee: number,
  position: number,
): boolean {
  const { committeeBits } = attestation as Partial<electra.Attestation>;
  if (!committeeBits) return attestation.data.index === committee && attestation.aggregationBits.get(position);
  if (!committeeBits.get(committee)) return false;
  let offset = 0;
  for (let other = 0; other < Math.min(committee, MAX_COMMITTEES_PER_SLOT); other++) {
    if (committeeBits.get(other)) offset += state.epochCtx.getBeaconCommittee(slot, other).length;
  }
  return attestation.aggregationBits.get(offset + position);
}
