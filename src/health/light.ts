/**
 * Light mode: the pulse of the network from what a light client verifies anyway. A pure state machine of bounded memory:
 * events go in, reports of finished slots, epochs and periods come out, and the same events always give the same reports.
 */
import { optionInvalid } from "../errors.js";
import { computeEpochAtSlot, computeSyncCommitteePeriodAtEpoch } from "../networks/schedule.js";
import type { Network } from "../networks/types.js";
import { fromHex, isHex } from "../ssz/bytes.js";
import type {
  EpochHealth,
  HealthReport,
  MemberClass,
  MemberRecord,
  SeenCommittee,
  SeenHead,
  SeenReorg,
  SeenSignature,
  SlotHealth,
} from "./light-types.js";
import { type Committee, createCommittee } from "./members.js";
import type { MetricValues } from "./metrics.js";
import { positiveInteger, wholeNumber } from "./options.js";
import { createSlots, type SlotEntry } from "./slots.js";

export interface LightHealthOptions {
  readonly network: Network;
  /**
   * Signatures that must be seen without a member before it counts as unresponsive.
   * @default those of two epochs without an empty slot
   */
  readonly window?: number;
  /**
   * An epoch is closed when the chain (or {@link LightHealth.tick}) is so many slots beyond its end: signatures come in
   * later blocks.
   * @default 2
   */
  readonly graceSlots?: number;
  /**
   * Epochs of which nothing was seen are reported too, up to so many in a row. After a longer gap nothing is said of it:
   * the client was not running.
   * @default 16
   */
  readonly maxGapEpochs?: number;
}

export interface LightHealth {
  signature(signature: SeenSignature): HealthReport[];
  head(head: SeenHead): HealthReport[];
  reorg(reorg: SeenReorg): HealthReport[];
  finality(header: { readonly slot: number }): HealthReport[];
  committee(committee: SeenCommittee): HealthReport[];
  /**
   * The slot that it is by the clock: closes epochs when no blocks come. To be called while the chain is really watched (the
   * head is fresh, or sources answer), at least once an epoch.
   */
  tick(slot: number): HealthReport[];
  /** Each member's record for the present period, up to the newest signature that can get no better; empty before one. */
  members(): MemberRecord[];
}

const NO_CLASSES: Readonly<Record<MemberClass, number>> = { new: 0, active: 0, absent: 0, silent: 0, back: 0 };

/** @throws OPTION_INVALID */
export function createLightHealth(options: LightHealthOptions): LightHealth {
  const { network } = options;
  const { slotsPerEpoch } = network.preset;
  const window = positiveInteger("window", options.window ?? 2 * slotsPerEpoch);
  const graceSlots = wholeNumber("graceSlots", options.graceSlots ?? 2);
  const maxGapEpochs = wholeNumber("maxGapEpochs", options.maxGapEpochs ?? 16);
  const slots = createSlots();
  const pubkeys = new Map<number, readonly string[]>();
  let committee: Committee | null = null;
  /** Not counted yet: more members may turn out to have signed the same block. */
  let pending: SeenSignature | null = null;
  /** Newest block whose signature was counted. */
  let settledSlot = -1;
  /** By epochs that are not closed yet: what the epoch's own committee looked like last, and the deepest reorganisation. */
  const classesOf = new Map<number, EpochHealth["classes"]>();
  const reorgDepthOf = new Map<number, number>();
  let classes: EpochHealth["classes"] = NO_CLASSES;
  let openEpoch: number | null = null;
  let finalizedEpoch: number | null = null;

  function settle(): HealthReport[] {
    if (pending === null) return [];
    const signature = pending;
    pending = null;
    const reports: HealthReport[] = [];
    if (committee === null || committee.period !== signature.period || committee.size !== signature.size) {
      if (committee !== null) reports.push(periodReport(committee));
      committee = createCommittee(signature.period, signature.size, window);
    }
    const bits = fromHex(signature.bits);
    settledSlot = signature.attestedSlot;
    committee.sign(settledSlot, (index) => ((bits[index >> 3]! >> (index & 7)) & 1) === 1);
    const slot = slotHealth(signature, countBits(bits), committee);
    slots.signature(slot);
    const epoch = computeEpochAtSlot(network, settledSlot);
    // the last block of a period is signed by the next one's committee
    if (computeSyncCommitteePeriodAtEpoch(network, epoch) === committee.period) {
      classesOf.set(epoch, committee.classes());
    }
    reports.push({ kind: "slot", slot });
    return reports;
  }

  function periodReport({ period, records }: Committee): HealthReport {
    return { kind: "period", period: { period, members: records(pubkeys.get(period) ?? null) } };
  }

  /** It is `slot` by a verified block or the clock: opens the first epoch, closes those that are over. */
  function reach(slot: number, isWatching: boolean): HealthReport[] {
    const overBefore = computeEpochAtSlot(network, slot - graceSlots);
    openEpoch ??= watchFrom(slot);
    if (openEpoch >= overBefore) return [];
    const reports: HealthReport[] = [];
    // who is told of several epochs at once has slept meanwhile, and knows nothing of what became final
    const wasThere = isWatching && overBefore - openEpoch === 1;
    if (pending !== null && computeEpochAtSlot(network, pending.attestedSlot) < overBefore) reports.push(...settle());
    if (overBefore - openEpoch > maxGapEpochs) {
      openEpoch = watchFrom(slot);
      return reports;
    }
    for (; openEpoch < overBefore; openEpoch++) reports.push(close(openEpoch, wasThere));
    return reports;
  }

  /** Half an epoch looks like one that lacks half its blocks: only those that are watched from their first slot count. */
  function watchFrom(slot: number): number {
    const first = Math.ceil(slot / slotsPerEpoch);
    slots.forget(first * slotsPerEpoch);
    takeUpTo(reorgDepthOf, first - 1);
    return first;
  }

  function close(epoch: number, wasThere: boolean): HealthReport {
    const start = epoch * slotsPerEpoch;
    const entries = Array.from({ length: slotsPerEpoch }, (_, i) => slots.take(start + i));
    slots.forget(start + slotsPerEpoch);
    const letters = entries.map(letterOf);
    const signed = entries.flatMap(({ signature }) => signature ?? []);
    const isSeen = letters.some((letter) => letter !== ".");
    classes = takeUpTo(classesOf, epoch).at(-1) ?? classes;
    const reorgDepth = Math.max(0, ...takeUpTo(reorgDepthOf, epoch));
    const values: MetricValues = {
      ...meansOf(signed),
      // an epoch of which nothing was seen has no counts, rather than zeroes that look like health
      ...(isSeen ? { ...countsOf(letters, signed), orphanedBlocks: countOrphaned(entries), reorgDepth } : {}),
      // what became final meanwhile is only known to somebody who was there
      ...(finalizedEpoch !== null && (isSeen || wasThere)
        ? { finalityDistance: Math.max(0, epoch - finalizedEpoch) }
        : {}),
    };
    const closed: EpochHealth = { epoch, values, slots: letters.join(""), signatures: signed.length, classes };
    return { kind: "epoch", epoch: closed };
  }

  return {
    signature(signature) {
      assertSignature(signature);
      const { attestedSlot } = signature;
      if (attestedSlot <= settledSlot || (pending !== null && attestedSlot < pending.attestedSlot)) return [];
      const reports = pending === null || attestedSlot === pending.attestedSlot ? [] : settle();
      reports.push(...reach(attestedSlot, false));
      pending = signature;
      return reports;
    },
    head(head) {
      // first: it may prove that an epoch ended with empty slots
      slots.head(head);
      return reach(head.slot, false);
    },
    reorg({ from, to, commonAncestor }) {
      // without an ancestor that was seen, at least the old head is gone
      const depth = commonAncestor === null ? Math.max(1, from.slot - to.slot + 1) : from.slot - commonAncestor.slot;
      const epoch = computeEpochAtSlot(network, to.slot);
      reorgDepthOf.set(epoch, Math.max(reorgDepthOf.get(epoch) ?? 0, depth));
      return [];
    },
    finality({ slot }) {
      // the block of a checkpoint may lie before its epoch, when that begins with empty slots
      const epoch = Math.ceil(slot / slotsPerEpoch);
      finalizedEpoch = Math.max(finalizedEpoch ?? epoch, epoch);
      return [];
    },
    committee({ period, pubkeys: keys }) {
      pubkeys.set(period, keys);
      // the present one and the next; while catching up they come one after the other
      for (const known of pubkeys.keys()) if (known < period - 1) pubkeys.delete(known);
      return [];
    },
    tick: (slot) => reach(wholeNumber("slot", slot), true),
    members: () => committee?.records(pubkeys.get(committee.period) ?? null) ?? [],
  };
}

/** @throws OPTION_INVALID: a host may feed it from anywhere */
function assertSignature({ slot, attestedSlot, size, bits }: SeenSignature): void {
  wholeNumber("attestedSlot", attestedSlot);
  if (!(wholeNumber("slot", slot) > attestedSlot)) throw optionInvalid("slot", `a slot above ${attestedSlot}`, slot);
  positiveInteger("size", size);
  if (!isHex(bits, Math.ceil(size / 8))) throw optionInvalid("bits", `${Math.ceil(size / 8)} bytes of 0x hex`, bits);
}

function slotHealth(signature: SeenSignature, count: number, committee: Committee): SlotHealth {
  const { size, attestedSlot } = signature;
  const unresponsive = committee.unresponsive();
  const responsive = size - unresponsive;
  return {
    slot: attestedSlot,
    root: signature.attestedRoot,
    count,
    size,
    participation: count / size,
    unresponsive,
    responsiveParticipation: committee.isKnown() ? (responsive === 0 ? 1 : count / responsive) : null,
    distance: signature.slot - attestedSlot,
  };
}

/** Takes out what belongs to epochs up to one, in the order in which it was put. */
function takeUpTo<V>(values: Map<number, V>, epoch: number): V[] {
  const taken = [...values].filter(([of]) => of <= epoch);
  for (const [of] of taken) values.delete(of);
  return taken.map(([, value]) => value);
}

function countBits(bytes: Uint8Array): number {
  let count = 0;
  for (let byte of bytes) for (; byte !== 0; byte &= byte - 1) count++;
  return count;
}

function letterOf({ root, isEmpty, orphans, signature }: SlotEntry): string {
  if (signature !== null) return "s";
  if (root !== null) return "m";
  if (orphans.size > 0) return "o";
  return isEmpty ? "e" : ".";
}

function countOrphaned(entries: readonly SlotEntry[]): number {
  return entries.reduce((count, { orphans }) => count + orphans.size, 0);
}

/** Nothing signed, nothing to take the mean of. */
function meansOf(signed: readonly SlotHealth[]): MetricValues {
  if (signed.length === 0) return {};
  const mean = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0) / numbers.length;
  const responsive = signed.flatMap(({ responsiveParticipation }) => responsiveParticipation ?? []);
  return {
    syncParticipation: mean(signed.map(({ participation }) => participation)),
    ...(responsive.length === 0 ? {} : { responsiveParticipation: mean(responsive) }),
    signatureDistance: mean(signed.map(({ distance }) => distance)),
  };
}

function countsOf(letters: readonly string[], signed: readonly SlotHealth[]): MetricValues {
  const count = (...wanted: string[]) => letters.filter((letter) => wanted.includes(letter)).length;
  return {
    emptySlots: count("e", "o"),
    missedHeads: count("m"),
    lateHeads: signed.filter(({ distance }) => distance > 1).length,
  };
}
