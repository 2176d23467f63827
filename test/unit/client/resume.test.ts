import { BitArray } from "@chainsafe/ssz";
import { expect } from "chai";
import { stateFromSnapshot } from "../../../src/client/resume.js";
import { applyUpdate, stateFromBootstrap, type VerifiedState } from "../../../src/client/state.js";
import type { SyncCommittee } from "../../../src/ssz/objects.js";
import type { Snapshot } from "../../../src/store/snapshot.js";
import { snapshotCodec } from "../../../src/store/snapshot.js";
import { firstMembers } from "../../support/bits.js";
import { expectCode } from "../../support/expect-code.js";
import { createForge, type Forge, type UpdateOptions } from "../../support/forge.js";
import { networkAtFork } from "../../support/networks.js";

/** Everything a store gives back that is well-formed, and not true. */
describe("stateFromSnapshot", () => {
  let forge: Forge;
  let state: VerifiedState;
  let snapshot: Snapshot;

  before(async () => {
    forge = await createForge({ network: networkAtFork("electra") });
    state = follow([{ attestedSlot: 50 }, { attestedSlot: 64 + 50 }, { attestedSlot: 128 + 50 }]);
    snapshot = { ...state, savedAtMs: 0 };
  });

  function fromCheckpoint(slot = 8): VerifiedState {
    const bootstrap = forge.bootstrap(slot);
    return stateFromBootstrap(forge.chain, bootstrap.root, bootstrap.value(), "honest");
  }

  function follow(updates: readonly UpdateOptions[], from = fromCheckpoint()): VerifiedState {
    return updates.reduce(
      (before, options) => applyUpdate(forge.chain, before, forge.update(options).value(), 1_000, "honest").state,
      from,
    );
  }

  /** As it comes back from the store. */
  function resume(changed: Snapshot, checkpoint = state.checkpoint): VerifiedState {
    const codec = snapshotCodec(forge.chain);
    return stateFromSnapshot(forge.chain, checkpoint, codec.decode(codec.encode(changed)));
  }

  function refuses(changes: Partial<Snapshot> | ((snapshot: Snapshot) => Partial<Snapshot>)): string {
    const changed = { ...snapshot, ...(typeof changes === "function" ? changes(snapshot) : changes) };
    return expectCode("SNAPSHOT_INVALID", () => resume(changed)).reason;
  }

  function withStore(changes: Partial<Snapshot["store"]>): Partial<Snapshot> {
    return { store: { ...snapshot.store, ...changes } };
  }

  function committee(name: string | number): SyncCommittee {
    return typeof name === "number" ? forge.committee(name).value : forge.otherCommittee(name).value;
  }

  it("takes what was stored, and goes on from what is final", () => {
    const resumed = resume(snapshot);
    expect(resumed.store.finalizedHeader).to.deep.equal(state.store.finalizedHeader);
    expect(resumed.store.optimisticHeader).to.deep.equal(state.store.finalizedHeader);
    expect(resumed.store.bestValidUpdate).to.equal(null);
    expect(resumed.finalizedBy).to.deep.include({ source: "store", participation: { count: 32, size: 32 } });
    const next = forge.update({ attestedSlot: 192 + 50 }).value();
    expect(applyUpdate(forge.chain, resumed, next, 1_000, "honest").state.store.finalizedHeader.beacon.slot).to.equal(
      224,
    );
  });

  it("takes a state that is still that of the checkpoint, with and without the next committee", () => {
    const fresh = fromCheckpoint();
    expect(resume({ ...fresh, savedAtMs: 0 }).finalizedBy.participation).to.equal(null);
    const known = follow([{ attestedSlot: 20, finalizedSlot: 8 }], fresh);
    expect(resume({ ...known, savedAtMs: 0 }).store.nextSyncCommittee).to.deep.equal(known.store.nextSyncCommittee);
  });

  it("refuses another checkpoint than the caller's", () => {
    const other = forge.bootstrap(16).root;
    expect(expectCode("SNAPSHOT_INVALID", () => resume(snapshot, other)).reason).to.equal("another checkpoint");
  });

  describe("refuses a current committee", () => {
    it("that is another one", () => {
      expect(refuses(withStore({ currentSyncCommittee: committee("other") }))).to.contain("proof");
    });

    it("of another period, although its proof is right", () => {
      const update = forge.update({ attestedSlot: 64 + 50 }).value();
      const proof = {
        header: update.attestedHeader.beacon,
        kind: "next",
        branch: update.nextSyncCommitteeBranch,
      } as const;
      // proves the committee of period 2; the store is in period 2, so use it for the next one
      expect(refuses({ nextCommitteeProof: proof, ...withStore({ nextSyncCommittee: committee(2) }) })).to.contain(
        "another period",
      );
      expect(refuses({ currentCommitteeProof: { ...proof, header: { ...proof.header, slot: 40 } } })).to.contain(
        "another period",
      );
    });

    it("from a state that somebody made up: what needs no signature must be the checkpoint's own", () => {
      const made = forge.bootstrap({ slot: 128 + 16, currentCommittee: forge.otherCommittee("made up") }).value();
      const currentCommitteeProof = {
        header: made.header.beacon,
        kind: "current",
        branch: made.currentSyncCommitteeBranch,
      } as const;
      const store = { ...snapshot.store, currentSyncCommittee: made.currentSyncCommittee };
      expect(refuses({ currentCommitteeProof, store })).to.contain("checkpoint");
    });

    it("of a checkpoint, from another block of its period", () => {
      const fresh = fromCheckpoint();
      const made = forge.bootstrap({ slot: 16, currentCommittee: forge.otherCommittee("made up") }).value();
      const changed: Snapshot = {
        ...fresh,
        savedAtMs: 0,
        currentCommitteeProof: { header: made.header.beacon, kind: "current", branch: made.currentSyncCommitteeBranch },
        store: { ...fresh.store, currentSyncCommittee: made.currentSyncCommittee },
      };
      expect(expectCode("SNAPSHOT_INVALID", () => resume(changed)).reason).to.contain("checkpoint");
    });
  });

  describe("refuses a next committee", () => {
    it("that is another one", () => {
      expect(refuses(withStore({ nextSyncCommittee: committee("other") }))).to.contain("proof");
    });

    it("without its proof, or a proof without it", () => {
      expect(refuses({ nextCommitteeProof: null })).to.match(/proof|form/);
      expect(refuses(withStore({ nextSyncCommittee: null }))).to.match(/proof|form/);
    });
  });

  describe("refuses a finalized header", () => {
    it("that is another true one than the signed update finalizes", () => {
      const other = forge.update({ attestedSlot: 128 + 60 }).value();
      expect(refuses(withStore({ finalizedHeader: other.finalizedHeader }))).to.contain("nothing proves");
    });

    it("that nobody signed for", () => {
      expect(refuses({ finality: null })).to.contain("without a signature");
    });

    it("of an update whose signature is another's", () => {
      const { finality } = snapshot;
      const other = forge.finalityUpdate({ attestedSlot: 128 + 60 }).value();
      expect(refuses({ finality: { ...finality!, syncAggregate: other.syncAggregate } })).to.contain("does not verify");
    });

    it("of an update that too few signed, unless it was forced", () => {
      const few = forge.finalityUpdate({ attestedSlot: 128 + 50, participants: 21 }).value();
      expect(refuses({ finality: few })).to.contain("too few");
      const resumed = resume({ ...snapshot, finality: few, forced: true });
      expect(resumed.forced).to.equal(true);
      expect(resumed.finalizedBy.forced).to.equal(true);
    });

    it("that was only attested, unless it was forced", () => {
      const attested = forge.finalityUpdate({ attestedSlot: 128 + 50, finalizedSlot: null }).value();
      const changed = { finality: attested, ...withStore({ finalizedHeader: attested.attestedHeader }) };
      expect(refuses(changed)).to.contain("nothing proves");
      expect(resume({ ...snapshot, ...changed, forced: true }).finalizedBy.forced).to.equal(true);
    });

    it("of an update without a participant", () => {
      const { finality } = snapshot;
      const syncCommitteeBits = BitArray.fromBitLen(32);
      const syncAggregate = { ...finality!.syncAggregate, syncCommitteeBits };
      refuses({ finality: { ...finality!, syncAggregate } });
      refuses({ finality: { ...finality!, syncAggregate }, forced: true });
    });

    it("whose branch is another's", () => {
      const { finality } = snapshot;
      const branch = finality!.finalityBranch.map((node, i) => (i === 4 ? node.map((byte) => byte ^ 1) : node));
      expect(refuses({ finality: { ...finality!, finalityBranch: branch } })).to.contain("finalized");
    });
  });

  describe("refuses numbers that cannot be", () => {
    it("more participants than members", () => {
      for (const key of ["previousMaxActiveParticipants", "currentMaxActiveParticipants"] as const) {
        expect(refuses(withStore({ [key]: 33 }))).to.contain("participants");
      }
    });

    it("a checkpoint after what is final", () => {
      expect(refuses({ checkpointSlot: snapshot.store.finalizedHeader.beacon.slot + 1 })).to.contain("checkpoint");
    });
  });

  it("knows nothing that one bit of the finality update could change unnoticed", () => {
    const { finality } = snapshot;
    const flipped = firstMembers(32).map((member) => {
      const bits = BitArray.fromBoolArray(firstMembers(32).map((i) => i !== member));
      return { ...finality!, syncAggregate: { ...finality!.syncAggregate, syncCommitteeBits: bits } };
    });
    for (const changed of flipped) expect(refuses({ finality: changed })).to.contain("does not verify");
    for (const slot of [finality!.signatureSlot - 1, 64, 64 * 4])
      refuses({ finality: { ...finality!, signatureSlot: slot } });
  });
});
