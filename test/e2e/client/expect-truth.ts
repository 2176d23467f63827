/** Compares what a client says with what the chain knows to be true. */
import { expect } from "chai";
import type { Committee, Participation, Reorg, VerifiedHeader } from "../../../src/client/types.js";
import type { DevnetFork } from "../../devnet/src/client.ts";
import type { World } from "./world.js";

const BEFORE_EXECUTION: readonly DevnetFork[] = ["altair", "bellatrix"];

export async function expectTrueHeader(world: World, header: VerifiedHeader): Promise<void> {
  const { network } = world;
  const truth = await world.truth(header.slot);
  const { slot, epoch, root, parentRoot, stateRoot, bodyRoot, proposerIndex, timeSeconds } = header;
  expect({ slot, epoch, root, parentRoot, stateRoot, bodyRoot, proposerIndex, timeSeconds }).to.deep.equal({
    slot: truth.slot,
    epoch: Math.floor(truth.slot / network.preset.slotsPerEpoch),
    root: truth.root,
    parentRoot: truth.parentRoot,
    stateRoot: truth.stateRoot,
    bodyRoot: truth.header.body_root,
    proposerIndex: Number(truth.header.proposer_index),
    timeSeconds: network.genesisTime + (truth.slot * network.slotDurationMs) / 1000,
  });
  await expectTrueExecution(world, header, truth.fork);
}

async function expectTrueExecution(world: World, { slot, execution }: VerifiedHeader, fork: DevnetFork): Promise<void> {
  const where = `execution of slot ${slot} (${fork})`;
  if (BEFORE_EXECUTION.includes(fork)) {
    expect(execution, where).to.equal(null);
    return;
  }
  const { executionBlockHash } = await world.truth(slot);
  expect(execution?.blockHash, where).to.equal(executionBlockHash);
  // The last blocks before Gloas become final by updates in its shape, which has room for the hash alone.
  const { preset, forks } = world.network;
  const mayBeShaped = slot >= (forks.gloas.epoch - 3) * preset.slotsPerEpoch && execution?.blockNumber === null;
  if (fork === "gloas" || mayBeShaped) {
    const unknown = { blockNumber: null, stateRoot: null, receiptsRoot: null, timestamp: null };
    expect(execution, where).to.deep.equal({ blockHash: executionBlockHash, ...unknown });
    return;
  }
  const block = await world.devnet.executionBlock(executionBlockHash!);
  expect(execution, where).to.deep.equal({
    blockHash: block!["hash"],
    blockNumber: Number(block!["number"]),
    stateRoot: block!["stateRoot"],
    receiptsRoot: block!["receiptsRoot"],
    timestamp: Number(block!["timestamp"]),
  });
}

/** @param members public keys of the committees, by period */
export async function expectTrueParticipation(
  world: World,
  participation: Participation,
  members: ReadonlyMap<number, readonly string[]>,
): Promise<void> {
  const { slot, attestedSlot, attestedRoot, period, bits, count, size, rate, absent } = participation;
  const truth = await world.truth(slot);
  const where = `participation at slot ${slot}`;
  expect(attestedRoot, where).to.equal(truth.parentRoot);
  expect(attestedRoot, where).to.equal((await world.truth(attestedSlot)).root);
  expect(count, where).to.equal(truth.participants);
  expect(size, where).to.equal(truth.syncBits.length);
  expect(rate, where).to.equal(count / size);
  const bytes = new Uint8Array(size / 8);
  truth.syncBits.forEach((bit, i) => {
    bytes[i >> 3]! |= bit << (i & 7);
  });
  expect(bits, where).to.equal(`0x${Buffer.from(bytes).toString("hex")}`);
  const pubkeys = members.get(period);
  const expected = truth.syncBits.flatMap((bit, index) => (bit ? [] : [{ index, pubkey: pubkeys?.[index] }]));
  expect(absent, where).to.deep.equal(expected);
}

/** Compares with the committee that the state of the period's first known block holds. */
export async function expectTrueCommittee(
  world: World,
  { period, pubkeys, aggregatePubkey }: Committee,
): Promise<void> {
  const { epochsPerSyncCommitteePeriod } = world.network.preset;
  const { root } = await world.devnet.checkpoint({ epoch: period * epochsPerSyncCommitteePeriod + 1 });
  const response = await fetch(`${world.devnet.url}/eth/v1/beacon/light_client/bootstrap/${root}`);
  const { data } = (await response.json()) as {
    data: { current_sync_committee: { pubkeys: string[]; aggregate_pubkey: string } };
  };
  expect(pubkeys, `committee of period ${period}`).to.deep.equal(data.current_sync_committee.pubkeys);
  expect(aggregatePubkey).to.equal(data.current_sync_committee.aggregate_pubkey);
}

/** A list of reorganisations as slots. */
export function slotsOf(reorgs: readonly Reorg[]): { from: number; to: number; ancestor: number | null }[] {
  return reorgs.map(({ from, to, commonAncestor }) => ({
    from: from.slot,
    to: to.slot,
    ancestor: commonAncestor?.slot ?? null,
  }));
}
