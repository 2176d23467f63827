/** Light mode against a plain computation that sees the whole chain at once. */
import { expect } from "chai";
import fc from "fast-check";
import { createLightHealth, type LightHealth } from "../../../src/health/light.js";
import type { EpochHealth, HealthReport, SlotHealth } from "../../../src/health/light-types.js";
import { toHex } from "../../../src/ssz/bytes.js";
import { codeOf } from "../../support/expect-code.js";
import { networkAtFork } from "../../support/networks.js";

const MINIMAL = networkAtFork("electra");
const SLOTS_PER_EPOCH = 8;
const PERIOD_SLOTS = 64;
const SIZE = 32;

/** A block, and who of the committee signed it. `null`: an empty slot. */
type ChainSlot = readonly number[] | null;

const rootOf = (slot: number, branch = 0) =>
  toHex(Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? branch : slot >> (8 * (i % 4)))));

function bitsOf(signers: readonly number[]): string {
  const bytes = new Uint8Array(SIZE / 8);
  for (const signer of signers) bytes[signer >> 3]! |= 1 << (signer & 7);
  return toHex(bytes);
}

const ALL = Array.from({ length: SIZE }, (_, i) => i);

/** As a client tells it: `head`, then `participation`, once the next block has carried the signature. */
function play(health: LightHealth, first: number, chain: readonly ChainSlot[]): HealthReport[] {
  const reports: HealthReport[] = [];
  let parent = first - 1;
  chain.forEach((signers, i) => {
    if (signers === null) return;
    const slot = first + i;
    const next = chain.findIndex((later, j) => j > i && later !== null);
    if (next < 0) return;
    reports.push(...health.head({ slot, root: rootOf(slot), parentRoot: rootOf(parent) }));
    parent = slot;
    reports.push(...health.signature(signatureOf(slot, first + next, signers)));
  });
  return reports;
}

function signatureOf(attestedSlot: number, slot: number, signers: readonly number[]) {
  const period = Math.floor(slot / PERIOD_SLOTS);
  return { slot, attestedSlot, attestedRoot: rootOf(attestedSlot), period, bits: bitsOf(signers), size: SIZE };
}

const epochsOf = (reports: readonly HealthReport[]): EpochHealth[] =>
  reports.flatMap((report) => (report.kind === "epoch" ? report.epoch : []));
const slotsOf = (reports: readonly HealthReport[]): SlotHealth[] =>
  reports.flatMap((report) => (report.kind === "slot" ? report.slot : []));

const healthy = (count: number): ChainSlot[] => Array.from({ length: count }, () => ALL);

describe("createLightHealth", () => {
  it("a calm epoch: everybody signs, in time", () => {
    const health = createLightHealth({ network: MINIMAL });
    health.finality({ slot: 0 });
    const [epoch] = epochsOf(play(health, 8, healthy(14)));
    expect(epoch).to.deep.equal({
      epoch: 1,
      slots: "ssssssss",
      signatures: 8,
      classes: { new: 0, active: 32, absent: 0, silent: 0, back: 0 },
      values: {
        syncParticipation: 1,
        signatureDistance: 1,
        emptySlots: 0,
        missedHeads: 0,
        lateHeads: 0,
        orphanedBlocks: 0,
        reorgDepth: 0,
        finalityDistance: 1,
      },
    });
  });

  it("equals the plain computation on any chain", () => {
    const slot = fc.option(fc.uniqueArray(fc.nat(SIZE - 1), { maxLength: SIZE }), { freq: 6, nil: null });
    fc.assert(
      fc.property(
        fc.array(slot, { minLength: 20, maxLength: 90 }),
        fc.integer({ min: 1, max: 12 }),
        (chain, window) => {
          const reports = play(createLightHealth({ network: MINIMAL, window }), 8, [ALL, ...chain, ALL, ALL]);
          const whole: ChainSlot[] = [ALL, ...chain, ALL, ALL];
          for (const epoch of epochsOf(reports)) expect(epoch).to.deep.include(plainEpoch(epoch.epoch, whole, window));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("tells a late head from an empty slot that is proven", () => {
    const chain = healthy(14);
    chain[3] = null;
    const [epoch] = epochsOf(play(createLightHealth({ network: MINIMAL }), 8, chain));
    expect(epoch?.slots).to.equal("sssessss");
    expect(epoch?.values).to.include({ emptySlots: 1, lateHeads: 1, signatureDistance: (6 + 2) / 7 });
  });

  it("does not call a slot empty whose blocks it did not see linked", () => {
    const health = createLightHealth({ network: MINIMAL });
    const reports = play(health, 8, healthy(4));
    // away for three slots: the next head's parent is unknown
    reports.push(...health.head({ slot: 14, root: rootOf(14), parentRoot: rootOf(13) }));
    reports.push(...health.signature(signatureOf(14, 15, ALL)));
    reports.push(...health.head({ slot: 18, root: rootOf(18), parentRoot: rootOf(17) }));
    expect(epochsOf(reports)[0]).to.include({ slots: "sss...s." });
  });

  it("counts a head whose signature never came as missed", () => {
    const health = createLightHealth({ network: MINIMAL });
    const reports: HealthReport[] = [];
    for (let slot = 8; slot < 20; slot++) {
      reports.push(...health.head({ slot, root: rootOf(slot), parentRoot: rootOf(slot - 1) }));
      if (slot !== 11) reports.push(...health.signature(signatureOf(slot, slot + 1, ALL)));
    }
    const [epoch] = epochsOf(reports);
    expect(epoch?.slots).to.equal("sssmssss");
    expect(epoch?.values).to.include({ missedHeads: 1, emptySlots: 0 });
  });

  it("counts the best of several signatures of one block, once", () => {
    const health = createLightHealth({ network: MINIMAL });
    health.signature(signatureOf(8, 9, [0, 1]));
    health.signature(signatureOf(8, 9, [0, 1, 2, 3]));
    const [slot, ...others] = slotsOf(health.signature(signatureOf(9, 10, ALL)));
    expect(others).to.deep.equal([]);
    expect(slot).to.include({ slot: 8, count: 4, participation: 4 / 32 });
    expect(health.members().map(({ seen }) => seen)).to.deep.equal(ALL.map(() => 1));
    expect(health.signature(signatureOf(8, 9, ALL)), "of an older block").to.deep.equal([]);
  });

  it("knows an orphaned block and how deep a reorganisation went", () => {
    const health = createLightHealth({ network: MINIMAL });
    const reports = play(health, 8, healthy(5));
    const other = (slot: number) => rootOf(slot, 1);
    health.reorg({ from: { slot: 11 }, to: { slot: 12 }, commonAncestor: { slot: 9 } });
    reports.push(...health.head({ slot: 12, root: other(12), parentRoot: rootOf(9) }));
    for (let slot = 13; slot < 20; slot++) {
      reports.push(...health.head({ slot, root: other(slot), parentRoot: other(slot - 1) }));
    }
    const [epoch] = epochsOf(reports);
    expect(epoch?.values).to.include({ reorgDepth: 2, orphanedBlocks: 2, emptySlots: 2 });
    expect(epoch?.slots).to.equal("ssoommmm");
  });

  it("knows better when the chain goes back to a branch that it had left", () => {
    const health = createLightHealth({ network: MINIMAL });
    const reports = play(health, 8, healthy(5));
    // 10 and 11 are replaced by one block, and then built on after all
    reports.push(...health.head({ slot: 12, root: rootOf(12, 1), parentRoot: rootOf(9) }));
    for (let slot = 13; slot < 20; slot++) {
      const parent = slot === 13 ? 11 : slot - 1;
      reports.push(...health.head({ slot, root: rootOf(slot), parentRoot: rootOf(parent) }));
      reports.push(...health.signature(signatureOf(slot, slot + 1, ALL)));
    }
    const [epoch] = epochsOf(reports);
    expect(epoch?.slots).to.equal("ssssosss");
    expect(epoch?.values).to.include({ orphanedBlocks: 1, emptySlots: 1, missedHeads: 0, lateHeads: 0 });
  });

  it("knows what is canonical in the end, however often the head changes its branch", () => {
    // each head is some slots later, on one of the heads before it
    const step = fc.record({ skipped: fc.integer({ min: 0, max: 2 }), back: fc.constantFrom(0, 0, 0, 1, 1, 2, 3) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
        const health = createLightHealth({ network: MINIMAL, graceSlots: 200, maxGapEpochs: 100 });
        const heads = [{ slot: 8, parent: -1 }];
        for (const { skipped, back } of steps) {
          const parent = Math.max(0, heads.length - 1 - back);
          heads.push({ slot: heads.at(-1)!.slot + 1 + skipped, parent });
        }
        const canonical = new Set<number>();
        for (let at = heads.length - 1; at >= 0; at = heads[at]!.parent) canonical.add(heads[at]!.slot);
        const reports = heads.flatMap(({ slot, parent }) => {
          const parentRoot = rootOf(heads[parent]?.slot ?? 7);
          return [
            ...health.head({ slot, root: rootOf(slot), parentRoot }),
            ...health.signature(signatureOf(slot, slot + 1, ALL)),
          ];
        });
        const newest = heads.at(-1)!.slot;
        reports.push(...health.head({ slot: newest + 300, root: rootOf(newest + 300), parentRoot: rootOf(newest) }));
        const epochs = epochsOf(reports);
        expect(epochs.length).to.be.at.least(1);
        for (const { epoch, slots: letters, values } of epochs) {
          const slots = Array.from({ length: SLOTS_PER_EPOCH }, (_, i) => epoch * SLOTS_PER_EPOCH + i);
          const orphans = heads.filter(({ slot }) => slots.includes(slot) && !canonical.has(slot));
          const expected = slots.map((slot) => {
            if (canonical.has(slot)) return "s";
            return orphans.some((orphan) => orphan.slot === slot) ? "o" : "e";
          });
          expect(letters).to.equal(expected.join(""));
          expect(values.orphanedBlocks).to.equal(orphans.length);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("tells a reorganisation in the epoch that it happened in", () => {
    const health = createLightHealth({ network: MINIMAL, maxGapEpochs: 3 });
    const reports = play(health, 8, healthy(10));
    // in the second slot of epoch 2, while epoch 1 waits for its last signatures
    health.reorg({ from: { slot: 16 }, to: { slot: 17 }, commonAncestor: { slot: 15 } });
    reports.push(...play(health, 17, healthy(12)));
    expect(epochsOf(reports).map(({ epoch, values }) => [epoch, values.reorgDepth])).to.deep.equal([
      [1, 0],
      [2, 1],
    ]);
  });

  it("tells no reorganisation of what it did not watch", () => {
    const health = createLightHealth({ network: MINIMAL, maxGapEpochs: 3 });
    health.reorg({ from: { slot: 3 }, to: { slot: 4 }, commonAncestor: { slot: 1 } });
    expect(epochsOf(play(health, 4, healthy(16)))[0]?.values.reorgDepth).to.equal(0);
    play(health, 20, healthy(5));
    health.reorg({ from: { slot: 11 }, to: { slot: 12 }, commonAncestor: { slot: 9 } });
    expect(
      epochsOf(play(health, 800, healthy(14))).map(({ epoch, values }) => [epoch, values.reorgDepth]),
    ).to.deep.equal([[100, 0]]);
  });

  it("counts a block once, whose signature comes again when the clock has closed its epoch", () => {
    const health = createLightHealth({ network: MINIMAL });
    play(health, 8, healthy(9));
    expect(slotsOf(health.tick(18)).map(({ slot }) => slot)).to.deep.equal([15]);
    // a block of another branch has carried more, and an older one comes late
    for (const slot of [15, 14]) health.signature(signatureOf(slot, 19, ALL));
    expect(slotsOf(health.signature(signatureOf(19, 20, ALL)))).to.deep.equal([]);
    expect(slotsOf(health.signature(signatureOf(20, 21, ALL))).map(({ slot }) => slot)).to.deep.equal([19]);
    expect(health.members().map(({ seen }) => seen)).to.deep.equal(ALL.map(() => 9));
  });

  it("classifies the members of an epoch's own committee, also in the last one of a period", () => {
    const health = createLightHealth({ network: MINIMAL });
    const present = ALL.slice(SIZE / 4);
    const chain = Array.from({ length: PERIOD_SLOTS + 16 }, () => present);
    const classes = new Map(epochsOf(play(health, 8, chain)).map((epoch) => [epoch.epoch, epoch.classes]));
    const known = { new: 0, active: 24, absent: 8, silent: 0, back: 0 };
    expect([2, 3, 6, 7, 8].map((epoch) => classes.get(epoch))).to.deep.equal([
      known,
      known,
      known,
      known,
      { ...known, new: 8, absent: 0 },
    ]);
  });

  it("classifies by what was signed up to the end of an epoch, not beyond it", () => {
    const chain = [...healthy(8), ...Array.from({ length: 12 }, () => ALL.slice(1))];
    // the eighth signature without member 0 is of the epoch's last slot, or of the next epoch's first
    for (const [first, silent] of [
      [8, 1],
      [9, 0],
    ] as const) {
      const epoch = epochsOf(play(createLightHealth({ network: MINIMAL, window: 8 }), first, chain)).find(
        (each) => each.epoch === 2,
      );
      expect(epoch?.classes.silent ?? null, `from slot ${first}`).to.equal(silent);
    }
  });

  it("classifies members: absent from the start, gone silent, back again", () => {
    const health = createLightHealth({ network: MINIMAL, window: 4 });
    const without = (...missing: number[]) => ALL.filter((index) => !missing.includes(index));
    const chain: ChainSlot[] = [];
    for (let i = 0; i < 20; i++) {
      const missing = [0, ...(i >= 6 ? [1] : []), ...(i >= 4 && i < 12 ? [2] : []), ...(i === 9 ? [3] : [])];
      chain.push(without(...missing));
    }
    const classAfter = (count: number, index: number) => {
      const fresh = createLightHealth({ network: MINIMAL, window: 4 });
      play(fresh, 64, [...chain.slice(0, count), ALL, ALL]);
      return fresh.members()[index]?.class;
    };
    expect([1, 3, 4, 20].map((count) => classAfter(count, 0))).to.deep.equal(["new", "new", "absent", "absent"]);
    expect([6, 9, 10, 20].map((count) => classAfter(count, 1))).to.deep.equal(["active", "active", "silent", "silent"]);
    expect([7, 8, 12, 13, 16, 17].map((count) => classAfter(count, 2))).to.deep.equal([
      "active",
      "silent",
      "silent",
      "back",
      "back",
      "active",
    ]);
    play(health, 64, [...chain, ALL, ALL]);
    expect(health.members()[3]).to.deep.include({
      class: "active",
      seen: 20,
      signed: 19,
      rate: 0.95,
      longestSilence: 1,
    });
    expect(health.members()[0]).to.deep.include({ signed: 0, silence: 20, lastSignedSlot: null, pubkey: null });
  });

  it("leaves out the unresponsive, and only them", () => {
    const health = createLightHealth({ network: MINIMAL, window: 4 });
    const slots = slotsOf(play(health, 64, [...Array.from({ length: 8 }, () => ALL.slice(8)), ALL, ALL]));
    expect(slots.map(({ participation }) => participation)).to.deep.equal(slots.map(() => 0.75));
    expect(slots.map(({ unresponsive }) => unresponsive)).to.deep.equal([0, 0, 0, 8, 8, 8, 8, 8]);
    expect(slots[2]?.responsiveParticipation, "a window of four is not over").to.equal(null);
    expect(slots[3]?.responsiveParticipation).to.equal(1);
  });

  it("tells a committee's records when another one signs, with the keys it was told", () => {
    const health = createLightHealth({ network: MINIMAL });
    const pubkeys = ALL.map((i) => toHex(new Uint8Array(48).fill(i)));
    health.committee({ period: 0, pubkeys });
    const reports = play(health, 60, healthy(8));
    const period = reports.flatMap((report) => (report.kind === "period" ? report.period : []));
    expect(period).to.have.length(1);
    expect(period[0]?.period).to.equal(0);
    // slot 63 is signed by the committee of slot 64
    expect(period[0]?.members[5]).to.deep.include({ index: 5, pubkey: pubkeys[5], seen: 3, signed: 3 });
  });

  it("closes epochs by the clock when no blocks come, and lets finality fall behind", () => {
    const health = createLightHealth({ network: MINIMAL });
    health.finality({ slot: 8 });
    play(health, 16, healthy(12));
    const epochs = epochsOf([32, 41, 42, 50].flatMap((slot) => health.tick(slot)));
    expect(epochs.map(({ epoch, slots }) => [epoch, slots])).to.deep.equal([
      [3, "sss....."],
      [4, "........"],
      [5, "........"],
    ]);
    expect(epochs[1]?.values).to.deep.equal({ finalityDistance: 3 });
    expect(epochs[2]?.values).to.deep.equal({ finalityDistance: 4 });
  });

  it("knows nothing of what became final while it slept", () => {
    const health = createLightHealth({ network: MINIMAL });
    health.finality({ slot: 8 });
    play(health, 16, healthy(12));
    const [first, ...slept] = epochsOf([...health.tick(41), ...health.tick(90)]);
    expect(first).to.include({ epoch: 3 });
    expect(slept.map(({ epoch, values }) => [epoch, values])).to.deep.equal([4, 5, 6, 7, 8, 9, 10].map((e) => [e, {}]));
  });

  it("tells nobody to be unresponsive before a whole window was seen, in each period anew", () => {
    // a quarter is always absent
    const present = ALL.slice(SIZE / 4);
    const health = createLightHealth({ network: MINIMAL });
    const reports = play(
      health,
      8,
      Array.from({ length: 3 * PERIOD_SLOTS }, () => present),
    );
    const rates = slotsOf(reports).map(({ slot, responsiveParticipation }) => [slot, responsiveParticipation] as const);
    expect(rates.length).to.be.above(2 * PERIOD_SLOTS);
    expect(new Set(rates.map(([, rate]) => rate))).to.deep.equal(new Set([null, 1]));
    // signed by the committees of 64 and 128: the first 15 of each are too few
    for (const [slot, rate] of rates) {
      const ofPeriod = slot + 1 < PERIOD_SLOTS ? slot - 8 : (slot + 1) % PERIOD_SLOTS;
      expect(rate, `slot ${slot}`).to.equal(ofPeriod < 15 ? null : 1);
    }
    for (const { values } of epochsOf(reports)) expect(values.responsiveParticipation ?? 1).to.equal(1);
  });

  it("says nothing of what it did not watch", () => {
    const health = createLightHealth({ network: MINIMAL, maxGapEpochs: 3 });
    expect(
      epochsOf(play(health, 12, healthy(30))).map(({ epoch }) => epoch),
      "not the half epoch",
    ).to.deep.equal([2, 3]);
    expect(epochsOf(health.head({ slot: 800, root: rootOf(800), parentRoot: rootOf(799) }))).to.deep.equal([]);
    expect(epochsOf(play(health, 801, healthy(30)))[0]?.epoch).to.equal(100);
  });

  it("refuses options and signatures that make no sense", () => {
    for (const options of [{ window: 0 }, { window: 1.5 }, { graceSlots: -1 }, { maxGapEpochs: Number.NaN }]) {
      expect(codeOf(() => createLightHealth({ network: MINIMAL, ...options }))).to.equal("OPTION_INVALID");
    }
    const health = createLightHealth({ network: MINIMAL });
    const good = signatureOf(8, 9, ALL);
    for (const wrong of [{ bits: "0x" }, { bits: "nonsense" }, { slot: 8 }, { attestedSlot: -1 }, { size: 0 }]) {
      expect(
        codeOf(() => health.signature({ ...good, ...wrong })),
        JSON.stringify(wrong),
      ).to.equal("OPTION_INVALID");
    }
    expect(codeOf(() => health.tick(-1))).to.equal("OPTION_INVALID");
  });
});

/** Everything from the whole chain, without any state. The chain starts at slot 8. */
function plainEpoch(epoch: number, chain: readonly ChainSlot[], window: number) {
  const blocks = chain.flatMap((signers, i) => (signers === null ? [] : [{ slot: 8 + i, signers }]));
  const signed = blocks.slice(0, -1).map(({ slot, signers }, i) => {
    const next = blocks[i + 1]!.slot;
    const period = Math.floor(next / PERIOD_SLOTS);
    const before = blocks.slice(0, i + 1).filter((_, j) => Math.floor(blocks[j + 1]!.slot / PERIOD_SLOTS) === period);
    const recent = before.slice(-window);
    const unresponsive = ALL.filter((index) => recent.every((block) => !block.signers.includes(index))).length;
    const rate = unresponsive === SIZE ? 1 : signers.length / (SIZE - unresponsive);
    const responsive = recent.length < window ? [] : [rate];
    return { slot, rate: signers.length / SIZE, responsive, distance: next - slot };
  });
  const ofEpoch = signed.filter(({ slot }) => Math.floor(slot / SLOTS_PER_EPOCH) === epoch);
  const mean = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
  const slots = Array.from({ length: SLOTS_PER_EPOCH }, (_, i) => epoch * SLOTS_PER_EPOCH + i);
  const empty = slots.filter((slot) => chain[slot - 8] === null).length;
  const ownPeriod = Math.floor((epoch * SLOTS_PER_EPOCH) / PERIOD_SLOTS);
  const ofOwnCommittee = blocks.slice(0, -1).filter((block, i) => {
    const isOver = block.slot >= (epoch + 1) * SLOTS_PER_EPOCH;
    return !isOver && Math.floor(blocks[i + 1]!.slot / PERIOD_SLOTS) === ownPeriod;
  });
  const classes = classesOf(
    ofOwnCommittee.map(({ signers }) => signers),
    window,
  );
  const known = ofEpoch.flatMap(({ responsive }) => responsive);
  const means = {
    syncParticipation: mean(ofEpoch.map(({ rate }) => rate)),
    ...(known.length === 0 ? {} : { responsiveParticipation: mean(known) }),
    signatureDistance: mean(ofEpoch.map(({ distance }) => distance)),
  };
  return {
    signatures: ofEpoch.length,
    // while nobody of its own committee has signed, they are those of the one before
    ...(ofOwnCommittee.length === 0 ? {} : { classes }),
    slots: slots.map((slot) => (chain[slot - 8] === null ? "e" : "s")).join(""),
    values: {
      ...(ofEpoch.length === 0 ? {} : means),
      emptySlots: empty,
      missedHeads: 0,
      lateHeads: ofEpoch.filter(({ distance }) => distance > 1).length,
      orphanedBlocks: 0,
      reorgDepth: 0,
    },
  };
}

/** By the whole record of who signed, one member after the other. */
function classesOf(signed: readonly (readonly number[])[], window: number) {
  const classes = { new: 0, active: 0, absent: 0, silent: 0, back: 0 };
  for (const index of ALL) {
    const record = signed.map((signers) => signers.includes(index));
    const silenceBefore = (end: number) => end - 1 - record.lastIndexOf(true, end - 1);
    const silence = record.length === 0 ? 0 : silenceBefore(record.length);
    const returns = record.flatMap((isPresent, i) => (isPresent && i > 0 && silenceBefore(i) >= window ? [i + 1] : []));
    const isBack = returns.length > 0 && record.length - returns.at(-1)! < window;
    const hasSigned = record.includes(true);
    if (silence >= window) classes[hasSigned ? "silent" : "absent"]++;
    else if (isBack) classes.back++;
    else classes[hasSigned ? "active" : "new"]++;
  }
  return classes;
}
