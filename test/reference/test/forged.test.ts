/** Objects that are truly signed and false all the same: which no fault of a server makes, only one of a committee. */
import { expect } from "chai";
import type { LightClientFork } from "../../../src/networks/types.js";
import { fill } from "../../support/fill.js";
import type { Forge } from "../../support/forge.js";
import { networkAtFork } from "../../support/networks.js";
import { hexBytes, isAtLeast, stateGindices } from "../../support/protocol.js";
import type { Item } from "../src/client.js";
import { assertAgreement, createCounts, type Difference, describeCounts } from "./support/agreement.js";
import { FORKS } from "./support/feed.js";
import { openForged, tryOut } from "./support/forged-pair.js";
import type { Pair } from "./support/pair.js";
import { describeWithReference } from "./support/reference.js";

/** In period 1, with finality and the next committee known: see `before`. */
const BOOTSTRAP_SLOT = 72;
const BASE_SLOT = 112;
const FINALIZED_SLOT = 96;
const SLOT = 120;
const FILL = fill("false");

interface Case {
  readonly name: string;
  readonly expected: "refused" | "accepted" | Difference;
  readonly forks?: (fork: LightClientFork) => boolean;
  make(forge: Forge, fork: LightClientFork): Item;
}

const isExecutionFork = (fork: LightClientFork) => isAtLeast(fork, "capella");
const isOfDeeperState = (fork: LightClientFork) => isAtLeast(fork, "electra");

const CASES: readonly Case[] = [
  { name: "an honest update", expected: "accepted", make: (forge) => update(forge, {}) },
  {
    name: "an honest update in the next period",
    expected: "accepted",
    make: (forge) => update(forge, { attestedSlot: 150 }),
  },
  {
    name: "an honest update from one period to the next",
    expected: "accepted",
    make: (forge) => update(forge, { attestedSlot: 127 }),
  },
  {
    name: "the fork version of another fork",
    expected: "refused",
    make: (forge) => update(forge, { forkVersion: hexBytes(forge.network.forks.gloas.version) }),
  },
  {
    name: "the genesis validators root of another network",
    expected: "refused",
    make: (forge) => update(forge, { validatorsRoot: FILL }),
  },
  {
    name: "the committee of the next period",
    expected: "refused",
    make: (forge) => update(forge, { committee: forge.committee(2) }),
  },
  {
    name: "the committee of the period before",
    expected: "refused",
    make: (forge) => update(forge, { committee: forge.committee(0) }),
  },
  {
    name: "a committee of strangers",
    expected: "refused",
    make: (forge) => update(forge, { committee: forge.otherCommittee("strangers") }),
  },
  {
    name: "fewer signers than bits",
    expected: "refused",
    make: (forge) => update(forge, { signers: [0, 1, 2, 3], bits: [0, 1, 2, 3, 4] }),
  },
  {
    name: "another block as finalized",
    expected: "refused",
    make: (forge) => update(forge, { attested: { finalizedRoot: FILL } }),
  },
  {
    name: "another next committee in the state",
    expected: "refused",
    make: (forge) => update(forge, { attested: { nextCommitteeRoot: FILL } }),
  },
  {
    name: "finality in another place of the state",
    expected: "refused",
    make: (forge, fork) =>
      update(forge, { attested: { gindices: { finalizedRoot: stateGindices(fork).finalizedRoot + 2 } } }),
  },
  {
    name: "finality where it is from Electra on, in the shape of Electra",
    expected: "BRANCH_LENGTH_INVALID",
    forks: (fork) => !isOfDeeperState(fork),
    make: (forge) => inShapeOf(forge, "electra"),
  },
  {
    name: "finality where it was up to Deneb, in the shape of Deneb",
    expected: "FINALITY_BRANCH_INVALID",
    forks: isOfDeeperState,
    make: (forge) => inShapeOf(forge, "deneb"),
  },
  {
    name: "another execution payload in the body",
    expected: "refused",
    forks: isExecutionFork,
    make: (forge) => update(forge, { attested: { executionLeaf: FILL } }),
  },
  {
    name: "the execution payload in another place of the body",
    expected: "refused",
    forks: isExecutionFork,
    make: (forge) => update(forge, { attested: { executionGindex: 24 } }),
  },
  {
    name: "a header with blobs in the shape of Capella",
    expected: "refused",
    forks: (fork) => fork === "deneb",
    make: (forge) => tryOut("finality", forge.finalityUpdate({ attestedSlot: SLOT }), "capella"),
  },
  {
    name: "a finalized block after the attested one",
    expected: "refused",
    make: (forge) => update(forge, { finalizedSlot: 124 }),
  },
  {
    name: "a signature two periods later",
    expected: "refused",
    make: (forge) => update(forge, { attestedSlot: 220 }),
  },
  {
    name: "a block from before the finalized one",
    expected: "UPDATE_IRRELEVANT",
    make: (forge) => update(forge, { attestedSlot: FINALIZED_SLOT - 1 }),
  },
  {
    name: "a second next committee",
    expected: "NEXT_COMMITTEE_CONFLICT",
    make: (forge) => update(forge, { attested: { nextCommittee: forge.otherCommittee("conflict") } }),
  },
];

function update(forge: Forge, options: Partial<Parameters<Forge["update"]>[0]>): Item {
  return tryOut("update", forge.update({ attestedSlot: SLOT, ...options }));
}

/** As if the state were that of another fork, with branches of its depths. */
function inShapeOf(forge: Forge, shape: LightClientFork): Item {
  const attested = { gindices: stateGindices(shape) };
  return tryOut("finality", forge.finalityUpdate({ attestedSlot: SLOT, shape, attested }), shape);
}

describeWithReference("false objects that are truly signed, and another light client", (reference) => {
  const counts = createCounts();
  const forges = new Map<LightClientFork, { forge: Forge; pair: Pair }>();

  before(async function () {
    this.timeout(60_000);
    for (const fork of FORKS) {
      const opened = await openForged(reference(), networkAtFork(fork), BOOTSTRAP_SLOT);
      const base = { ...update(opened.forge, { attestedSlot: BASE_SLOT }), keep: true };
      const [judgement] = await opened.pair.judge([base]);
      const { ours, theirs } = judgement!;
      expect([ours.accepted, ours.finalizedSlot], ours.reason).to.deep.equal([true, FINALIZED_SLOT]);
      expect([theirs.accepted, theirs.finalizedSlot], theirs.reason).to.deep.equal([true, FINALIZED_SLOT]);
      forges.set(fork, opened);
    }
  });

  after(() => console.log(`      ${describeCounts(counts)}`));

  for (const { name, expected, forks = () => true, make } of CASES) {
    const verdict = expected === "refused" || expected === "accepted" ? `${expected} by both` : "refused only here";
    it(`${verdict}: ${name}`, async () => {
      for (const fork of FORKS.filter(forks)) {
        const { forge, pair } = forges.get(fork)!;
        const [judgement] = await pair.judge([make(forge, fork)]);
        const { ours, theirs } = judgement!;
        const reasons = `here: ${ours.reason ?? "accepted"}; reference: ${theirs.reason ?? "accepted"}`;
        const title = `${name} (${fork}): ${reasons}`;
        assertAgreement(title, judgement!, { counts, pair });
        expect(ours.accepted, title).to.equal(expected === "accepted");
        expect(theirs.accepted, title).to.equal(expected !== "refused");
        if (verdict === "refused only here") expect(ours.code, title).to.equal(expected);
      }
    });
  }

  it("agree on what each number of participants changes", async () => {
    for (const fork of FORKS) {
      const { forge, pair } = forges.get(fork)!;
      for (const participants of [1, 16, 17, 21, 22, 31, 32]) {
        const [judgement] = await pair.judge([update(forge, { participants })]);
        const { ours, theirs } = judgement!;
        const title = `${participants} of 32 (${fork})`;
        expect({ ...theirs }, title).to.deep.equal({ ...ours });
        expect(ours.accepted, title).to.equal(true);
        // finality needs two thirds, the head more than half of the most that were seen
        expect(ours.finalizedSlot > FINALIZED_SLOT, title).to.equal(participants >= 22);
        expect(ours.optimisticSlot > BASE_SLOT, title).to.equal(participants >= 17);
      }
    }
  });

  it("refused only here: a signature two periods after what is final", async () => {
    for (const fork of FORKS) {
      const { forge, pair: shared } = forges.get(fork)!;
      const pair = await shared.copy();
      // attests the next period, but finalizes this one
      const ahead = { ...update(forge, { attestedSlot: 130 }), keep: true };
      const [first, second] = await pair.judge([ahead, update(forge, { attestedSlot: 200 })]);
      expect([first!.ours.accepted, first!.ours.finalizedSlot]).to.deep.equal([true, 112]);
      assertAgreement(`two periods ahead (${fork})`, second!, { counts, pair });
      expect([second!.ours.code, second!.theirs.accepted]).to.deep.equal(["PERIOD_SKIPPED", true]);
    }
  });

  it("refused only here: a header of genesis that says more than nothing", async () => {
    for (const fork of FORKS) {
      const { forge, pair } = await openForged(reference(), networkAtFork(fork), 8);
      const honest = forge.update({ attestedSlot: 20, finalizedSlot: 0 });
      const invented = honest.edit((wire) => {
        wire.finalizedHeader.beacon.stateRoot = FILL;
      });
      const [first, second] = await pair.judge([tryOut("update", honest), tryOut("update", invented)]);
      expect([first!.ours.accepted, first!.theirs.accepted], first!.ours.reason).to.deep.equal([true, true]);
      assertAgreement(`genesis (${fork})`, second!, { counts, pair });
      expect([second!.ours.code, second!.theirs.accepted]).to.deep.equal(["FINALIZED_HEADER_UNEXPECTED", true]);
    }
  });
});
