/** The tables against the positions of the fields in the containers. */
import { expect } from "chai";
import {
  currentSyncCommitteeGindexAtSlot,
  executionBlockHashGindexAtSlot,
  finalizedRootGindexAtSlot,
  nextSyncCommitteeGindexAtSlot,
} from "../../../src/spec/gindices.js";
import {
  firstSlotOf,
  LIGHT_CLIENT_FORKS,
  networkAtFork,
  staggeredNetwork,
  testNetwork,
} from "../../support/networks.js";
import { isAtLeast } from "../../support/protocol.js";

/** Generalized index of a field in a container of `count` fields. consensus-specs `ssz/merkle-proofs.md`. */
function inContainer(index: number, count: number): number {
  return 2 ** Math.ceil(Math.log2(count)) + index;
}

/**
 * The same in a progressive container (EIP-7495, EIP-7916): beside the active fields, subtrees of 1, 4, 16, 64 ... leaves,
 * each the left child of a chain that goes on to the right.
 */
function inProgressiveContainer(index: number): number {
  let chain = 2;
  let first = 0;
  for (let size = 1; ; size *= 4) {
    if (index < first + size) return 2 * chain * size + (index - first);
    first += size;
    chain = 2 * chain + 1;
  }
}

/** Of `inner` below `outer`. */
function concat(outer: number, inner: number): number {
  const depth = inner.toString(2).length - 1;
  return outer * 2 ** depth + inner - 2 ** depth;
}

// positions in BeaconState, the same in every fork
const FINALIZED_CHECKPOINT = 20;
const CURRENT_SYNC_COMMITTEE = 22;
const NEXT_SYNC_COMMITTEE = 23;
const CHECKPOINT_ROOT = inContainer(1, 2);
const STATE_FIELDS = { altair: 24, bellatrix: 25, capella: 28, deneb: 28, electra: 37, fulu: 38 } as const;
const PAYLOAD_HEADER_FIELDS = { capella: 15, deneb: 17, electra: 17, fulu: 17 } as const;
const BODY_FIELDS = { capella: 11, deneb: 12, electra: 13, fulu: 13 } as const;
const EXECUTION_PAYLOAD = 9;
const BLOCK_HASH = 12;

describe("generalized indices", () => {
  for (const fork of LIGHT_CLIENT_FORKS) {
    it(`are those of the ${fork} containers`, () => {
      const network = networkAtFork(fork);
      const inState = (index: number) =>
        fork === "gloas" ? inProgressiveContainer(index) : inContainer(index, STATE_FIELDS[fork]);
      expect(finalizedRootGindexAtSlot(network, 9)).to.equal(concat(inState(FINALIZED_CHECKPOINT), CHECKPOINT_ROOT));
      expect(currentSyncCommitteeGindexAtSlot(network, 9)).to.equal(inState(CURRENT_SYNC_COMMITTEE));
      expect(nextSyncCommitteeGindexAtSlot(network, 9)).to.equal(inState(NEXT_SYNC_COMMITTEE));
      expect(executionBlockHashGindexAtSlot(network, 9)).to.equal(blockHashGindex(fork));
    });
  }

  it("change at the first slot of a fork, not before", () => {
    const network = staggeredNetwork();
    for (const [i, fork] of LIGHT_CLIENT_FORKS.entries()) {
      const at = (slot: number) => [
        finalizedRootGindexAtSlot(network, slot),
        currentSyncCommitteeGindexAtSlot(network, slot),
        nextSyncCommitteeGindexAtSlot(network, slot),
        executionBlockHashGindexAtSlot(network, slot),
      ];
      const own = networkAtFork(fork);
      const first = firstSlotOf(network, fork);
      expect(at(first)).to.deep.equal([
        finalizedRootGindexAtSlot(own, 9),
        currentSyncCommitteeGindexAtSlot(own, 9),
        nextSyncCommitteeGindexAtSlot(own, 9),
        executionBlockHashGindexAtSlot(own, 9),
      ]);
      if (i === 0) continue;
      const before = networkAtFork(LIGHT_CLIENT_FORKS[i - 1]!);
      expect(at(first - 1)[0]).to.equal(finalizedRootGindexAtSlot(before, 9));
      expect(at(first - 1)[3]).to.equal(executionBlockHashGindexAtSlot(before, 9));
    }
  });

  it("are Altair's before Altair", () => {
    const network = testNetwork({ forks: { altair: 10 } });
    expect(finalizedRootGindexAtSlot(network, 5)).to.equal(105);
    expect(executionBlockHashGindexAtSlot(network, 5)).to.equal(null);
  });
});

function blockHashGindex(fork: (typeof LIGHT_CLIENT_FORKS)[number]): number | null {
  if (!isAtLeast(fork, "capella")) return null;
  if (fork === "gloas") {
    // signed_execution_payload_bid.message.parent_block_hash
    const signedBid = inProgressiveContainer(10);
    return concat(concat(signedBid, inContainer(0, 2)), inProgressiveContainer(0));
  }
  const known = fork as keyof typeof BODY_FIELDS;
  const payload = inContainer(EXECUTION_PAYLOAD, BODY_FIELDS[known]);
  return concat(payload, inContainer(BLOCK_HASH, PAYLOAD_HEADER_FIELDS[known]));
}
