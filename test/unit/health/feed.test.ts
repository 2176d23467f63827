/** A client's events into light mode, over the emitter that clients have. */
import { expect } from "chai";
import type { LightClientEvents } from "../../../src/client/types.js";
import { createEmitter } from "../../../src/events.js";
import { feedHealth } from "../../../src/health/feed.js";
import { createLightHealth } from "../../../src/health/light.js";
import type { HealthReport } from "../../../src/health/light-types.js";
import { networkAtFork } from "../../support/networks.js";

const rootOf = (slot: number) => `0x${slot.toString(16).padStart(64, "0")}`;

function feed(options?: { maxAgeSlots?: number }) {
  const emitter = createEmitter<LightClientEvents>((error) => {
    throw error;
  });
  const reports: HealthReport[] = [];
  const health = createLightHealth({ network: networkAtFork("electra") });
  const end = feedHealth(emitter, health, (report) => reports.push(report), options);
  /** What a client tells of a block, in its order. */
  const block = (slot: number, ageSlots = 1) => {
    const trust = {
      level: "optimistic",
      participation: null,
      ageSlots,
      source: "a",
      checkpointAgeSeconds: 0,
      forced: false,
    } as const;
    const roots = { stateRoot: rootOf(0), bodyRoot: rootOf(0), proposerIndex: 0, timeSeconds: 0, execution: null };
    emitter.emit("head", () => ({
      slot,
      epoch: Math.floor(slot / 8),
      root: rootOf(slot),
      parentRoot: rootOf(slot - 1),
      ...roots,
      trust,
    }));
    emitter.emit("participation", () => ({
      slot: slot + 1,
      attestedSlot: slot,
      attestedRoot: rootOf(slot),
      period: Math.floor((slot + 1) / 64),
      bits: "0xfffffffe",
      count: 31,
      size: 32,
      rate: 31 / 32,
      absent: [],
      trust,
    }));
  };
  return { emitter, reports, health, end, block };
}

describe("feedHealth", () => {
  it("feeds every event that light mode has a use for", () => {
    const { emitter, reports, health, block } = feed();
    const pubkeys = Array.from({ length: 32 }, (_, i) => `0x${i.toString(16).padStart(96, "0")}`);
    const trust = {
      level: "finalized",
      participation: null,
      ageSlots: 9,
      source: "a",
      checkpointAgeSeconds: 0,
      forced: false,
    } as const;
    emitter.emit("committee", () => ({ period: 0, root: rootOf(1), aggregatePubkey: pubkeys[0]!, pubkeys, trust }));
    const header = {
      root: rootOf(0),
      parentRoot: rootOf(0),
      stateRoot: rootOf(0),
      bodyRoot: rootOf(0),
      proposerIndex: 0,
    };
    emitter.emit("finality", () => ({ slot: 8, epoch: 1, timeSeconds: 0, execution: null, ...header, trust }));
    for (let slot = 16; slot < 27; slot++) {
      if (slot === 20) {
        const at = (which: number) => ({ slot: which, root: rootOf(which) });
        emitter.emit("reorg", () => ({ from: at(19), to: at(20), commonAncestor: at(17) }));
      }
      block(slot);
    }
    const epochs = reports.flatMap((report) => (report.kind === "epoch" ? report.epoch : []));
    expect(epochs).to.have.length(1);
    expect(epochs[0]?.values).to.include({
      syncParticipation: 31 / 32,
      reorgDepth: 2,
      finalityDistance: 1,
      emptySlots: 0,
    });
    expect(health.members()[5]?.pubkey).to.equal(pubkeys[5]);
  });

  it("leaves out signatures that are older than maxAgeSlots", () => {
    const countOf = (reports: readonly HealthReport[]) => reports.filter(({ kind }) => kind === "slot").length;
    const normal = feed();
    for (const slot of [16, 17, 18]) normal.block(slot, 65);
    expect(countOf(normal.reports)).to.equal(0);
    for (const slot of [19, 20, 21]) normal.block(slot, 64);
    expect(countOf(normal.reports)).to.equal(2);
    const strict = feed({ maxAgeSlots: 2 });
    for (const slot of [16, 17, 18]) strict.block(slot, 3);
    expect(countOf(strict.reports)).to.equal(0);
  });

  it("ends", () => {
    const { reports, end, block } = feed();
    block(16);
    end();
    for (const slot of [17, 18, 19]) block(slot);
    expect(reports).to.deep.equal([]);
  });
});
