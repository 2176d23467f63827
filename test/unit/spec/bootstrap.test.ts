import { expect } from "chai";
import { initializeLightClientStore } from "../../../src/spec/initialize.js";
import type { LightClientBootstrap } from "../../../src/ssz/objects.js";
import { expectCode } from "../../support/expect-code.js";
import type { Forge, ForgedBootstrap } from "../../support/forge.js";
import { forgeAt } from "../../support/forges.js";
import { contentOf } from "../../support/frozen.js";
import { DISTINCT_FORKS, LIGHT_CLIENT_FORKS } from "../../support/networks.js";
import { bytesHex, depthOf, stateGindices } from "../../support/protocol.js";

const SLOT = 77;

for (const fork of LIGHT_CLIENT_FORKS) {
  describe(`initializeLightClientStore (${fork})`, () => {
    let forge: Forge;
    let honest: ForgedBootstrap;

    before(async () => {
      forge = await forgeAt(fork);
      honest = forge.bootstrap(SLOT);
    });

    const initialize = (bootstrap: LightClientBootstrap, root = honest.root) =>
      initializeLightClientStore(forge.chain, root, bootstrap);

    it("starts from a true bootstrap, genesis included", () => {
      for (const slot of [0, 1, SLOT, 140]) {
        const { root, value } = forge.bootstrap(slot);
        const bootstrap = value();
        const store = initialize(bootstrap, root);
        expect(store.finalizedHeader).to.equal(bootstrap.header);
        expect(store.optimisticHeader).to.equal(bootstrap.header);
        expect(contentOf(store.currentSyncCommittee)).to.equal(contentOf(forge.committee(forge.periodOf(slot)).value));
        const { nextSyncCommittee, bestValidUpdate } = store;
        expect([nextSyncCommittee, bestValidUpdate]).to.deep.equal([null, null]);
        expect([store.previousMaxActiveParticipants, store.currentMaxActiveParticipants]).to.deep.equal([0, 0]);
      }
    });

    it("refuses any other root", () => {
      for (let bit = 0; bit < 256; bit += 5) {
        const root = honest.root.slice();
        root[bit >> 3]! ^= 1 << (bit & 7);
        const details = expectCode("BOOTSTRAP_ROOT_MISMATCH", () => initialize(honest.value(), root));
        expect(details).to.deep.equal({ expected: bytesHex(root), actual: bytesHex(honest.root) });
      }
    });

    it("refuses a root of the wrong length", () => {
      const roots = [new Uint8Array(0), honest.root.slice(0, 31), Uint8Array.of(...honest.root, 0)];
      for (const root of roots) expectCode("BOOTSTRAP_ROOT_MISMATCH", () => initialize(honest.value(), root));
    });

    it("refuses another block, complete and true in itself", () => {
      expectCode("BOOTSTRAP_ROOT_MISMATCH", () => initialize(forge.bootstrap(SLOT + 1).value()));
    });

    it("refuses a change of any field of the beacon header", () => {
      for (const key of ["slot", "proposerIndex", "parentRoot", "stateRoot", "bodyRoot"] as const) {
        const changed = honest.edit(({ header: { beacon } }) => {
          if (key === "slot" || key === "proposerIndex") beacon[key]++;
          else beacon[key][31]! ^= 1;
        });
        expectCode("BOOTSTRAP_ROOT_MISMATCH", () => initialize(changed.value()));
      }
    });

    it("refuses another committee", () => {
      const other = forge.otherCommittee("other").value;
      const changes: Parameters<ForgedBootstrap["edit"]>[0][] = [
        (wire) => Object.assign(wire.currentSyncCommittee, other),
        (wire) => wire.currentSyncCommittee.pubkeys.reverse(),
        (wire) => wire.currentSyncCommittee.pubkeys[31]!.set(other.pubkeys[0]!),
        (wire) => wire.currentSyncCommittee.aggregatePubkey.set(other.aggregatePubkey),
        (wire) => wire.currentSyncCommittee.pubkeys.fill(new Uint8Array(48)),
      ];
      const gindex = stateGindices(fork).currentSyncCommittee;
      const stateRoot = bytesHex(honest.block.header.beacon.stateRoot);
      for (const change of changes) {
        const run = () => initialize(honest.edit(change).value());
        expect(expectCode("CURRENT_COMMITTEE_BRANCH_INVALID", run)).to.deep.equal({ slot: SLOT, gindex, stateRoot });
      }
    });

    it("refuses the next committee of the same state, with its own branch", () => {
      const { nextCommittee, nextCommitteeBranch } = honest.block;
      const swapped = honest.edit((wire) => {
        wire.currentSyncCommittee = nextCommittee.value;
        wire.currentSyncCommitteeBranch = nextCommitteeBranch;
      });
      expectCode("CURRENT_COMMITTEE_BRANCH_INVALID", () => initialize(swapped.value()));
    });

    it("refuses a change of any node of the branch", () => {
      const depth = depthOf(stateGindices(fork).currentSyncCommittee);
      for (let node = 0; node < depth; node++) {
        const changed = honest.edit((wire) => wire.currentSyncCommitteeBranch[node]!.fill(1, 31));
        expectCode("CURRENT_COMMITTEE_BRANCH_INVALID", () => initialize(changed.value()));
      }
    });

    it("refuses a branch of no nodes, zero nodes, and nodes in another order", () => {
      const bootstrap = honest.value();
      const { currentSyncCommitteeBranch: branch } = bootstrap;
      const withBranch = (nodes: readonly Uint8Array[]) => ({ ...bootstrap, currentSyncCommitteeBranch: nodes });
      expectCode("BRANCH_LENGTH_INVALID", () => initialize(withBranch([])));
      const zeroes = branch.map(() => new Uint8Array(32));
      expectCode("CURRENT_COMMITTEE_BRANCH_INVALID", () => initialize(withBranch(zeroes)));
      const depth = depthOf(stateGindices(fork).currentSyncCommittee);
      const own = branch.slice(branch.length - depth);
      const details = expectCode("BRANCH_LENGTH_INVALID", () => initialize(withBranch(own.slice(1))));
      expect(details).to.include({ expected: depth, actual: depth - 1 });
      expectCode("CURRENT_COMMITTEE_BRANCH_INVALID", () => initialize(withBranch(own.toReversed())));
      // as many nodes as the index needs, without padding: the same proof
      expect(contentOf(initialize(withBranch(own)))).to.equal(contentOf(initialize(bootstrap)));
    });

    it("refuses a branch with something in front of it", () => {
      for (const shape of DISTINCT_FORKS) {
        const extra =
          depthOf(stateGindices(shape).currentSyncCommittee) - depthOf(stateGindices(fork).currentSyncCommittee);
        for (let node = 0; node < extra; node++) {
          const bootstrap = honest.value({ shape });
          const branch = bootstrap.currentSyncCommitteeBranch.map((known) => known.slice());
          branch[11 - depthOf(stateGindices(shape).currentSyncCommittee) + node]![0] = 1;
          const run = () => initialize({ ...bootstrap, currentSyncCommitteeBranch: branch });
          const details = expectCode("BRANCH_LENGTH_INVALID", run);
          expect(details.expected).to.equal(depthOf(stateGindices(fork).currentSyncCommittee));
        }
      }
    });
  });
}
