import { expect } from "chai";
import fc from "fast-check";
import { createAgreement } from "../../src/client/agreement.js";
import { signatureOf, type VerifiedState } from "../../src/client/state.js";
import type { Evidence } from "../../src/client/types.js";
import { isSidelightError } from "../../src/errors.js";
import { exportEvidence, parseEvidence, verifyEquivocation } from "../../src/evidence/index.js";
import { areContradictory, type FinalBlock } from "../../src/spec/contradiction.js";
import { finalityUpdateAsUpdate } from "../../src/spec/process.js";
import { fromHex, toHex } from "../../src/ssz/bytes.js";
import { beaconHeaderRoot } from "../../src/ssz/roots.js";
import { encodeStatement } from "../../src/store/statement.js";
import { manualClock } from "../support/clock.js";
import { type Contradictions, contradictionsOf } from "../support/contradictions.js";
import { expectCode } from "../support/expect-code.js";
import type { Forge } from "../support/forge.js";
import { forgeAt } from "../support/forges.js";

describe("areContradictory", () => {
  const network = { preset: { slotsPerEpoch: 8 } } as never;
  const block = (slot: number, epoch: number | null, name = 1): FinalBlock => ({
    slot,
    epoch,
    root: Uint8Array.of(slot, name),
  });

  for (const [what, a, b, expected] of [
    ["the same block", block(16, 2), block(16, 2), false],
    ["the same block for two epochs (the second is empty)", block(16, 2), block(16, 3), false],
    ["two blocks of one slot", block(16, 2), block(16, 2, 2), true],
    ["two blocks of one slot, for different epochs", block(15, 2), block(15, 3, 2), true],
    ["two blocks of one epoch", block(16, 2), block(15, 2), true],
    ["blocks of following epochs", block(16, 2), block(24, 3), false],
    ["an epoch whose last block came late", block(13, 2), block(23, 3), false],
    ["an earlier epoch with a later block", block(16, 2), block(15, 3), true],
    ["a later epoch that leaves out a block before its start", block(24, 3), block(23, 4), true],
    ["a trusted block that an epoch leaves out", block(12, null), block(11, 2), true],
    ["a trusted block of an epoch that came after", block(20, null), block(16, 2), false],
    ["a trusted block that an epoch stands on", block(12, null), block(16, 2), false],
    ["two trusted blocks of different slots", block(12, null), block(16, null), false],
  ] as const) {
    it(`says ${expected ? "yes" : "no"} to ${what}, either way round`, () => {
      expect(areContradictory(network, a, b)).to.equal(expected);
      expect(areContradictory(network, b, a)).to.equal(expected);
    });
  }

  it("never contradicts what one chain has made final, whatever its empty slots", () => {
    const chain = fc.uniqueArray(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(chain, (slots) => {
        const checkpoint = (epoch: number) => Math.max(0, ...slots.filter((slot) => slot <= epoch * 8));
        const finals = Array.from({ length: 11 }, (_, epoch) => block(checkpoint(epoch), epoch));
        const trusted = slots.map((slot) => block(slot, null));
        for (const a of finals)
          for (const b of [...finals, ...trusted]) expect(areContradictory(network, a, b)).to.equal(false);
      }),
    );
  });
});

// with the library's own backend: these signatures are true, and those of others are not
describe("verifyEquivocation", () => {
  let forge: Forge;
  let state: VerifiedState;
  let evidence: Contradictions["evidence"];
  let committee: string;

  before(async () => {
    forge = await forgeAt("fulu");
    ({ state, committee, evidence } = contradictionsOf(forge));
  });

  const verify = (what: Evidence, trusted: readonly string[] = [committee]) =>
    verifyEquivocation(what, { network: forge.network, bls: forge.bls, trusted });
  const KINDS = ["head", "finality", "next-committee"] as const;

  for (const kind of KINDS) {
    it(`proves ${kind}, from its text, to whoever trusts the committee or the block that holds it`, () => {
      const text = exportEvidence(evidence[kind]);
      const again = parseEvidence(text);
      expect(again).to.deep.equal(evidence[kind]);
      expect(exportEvidence(again)).to.equal(text);
      const proven = verify(again);
      expect(proven.kind).to.equal(kind);
      expect(proven.known.participants).to.deep.equal({ count: 32, size: 32 });
      expect(proven.received.root).to.not.equal(proven.known.root);
      expect(proven.signedBoth!.length).to.equal(proven.received.participants!.count);
      const { blockRoot, committeeRoot, committeePeriod } = proven.received.restsOn;
      expect([committeeRoot, committeePeriod]).to.deep.equal([committee, 0]);
      expect(blockRoot).to.equal(toHex(forge.bootstrap(8).root));
      const byBlock = verify(again, [blockRoot.toUpperCase().replace("0X", "0x")]);
      expect([proven.known.restsOn.trusted, byBlock.known.restsOn.trusted]).to.deep.equal(["committee", "block"]);
      expect(byBlock.received.participants).to.deep.equal(proven.received.participants);
    });

    it(`proves nothing of ${kind} to whoever trusts something else`, () => {
      for (const trusted of [[], [`0x${"11".repeat(32)}`]]) {
        expect(expectCode("EVIDENCE_INVALID", () => verify(evidence[kind], trusted)).reason).to.contain("trusted");
      }
    });

    it(`takes no byte of ${kind} that is not as it was: each one is signed or proven, or it changes nothing`, () => {
      // what is not covered: bytes of the execution branch that are not checked twice have their own checks
      const { ssz } = evidence[kind].received;
      const bytes = fromHex(ssz);
      const trusted = [toHex(forge.bootstrap(8).root)];
      const expected = verify(evidence[kind], trusted);
      let refused = 0;
      for (let at = 0; at < bytes.length; at += 61) {
        const changed = Uint8Array.from(bytes);
        changed[at]! ^= 1 << (at % 8);
        const received = { ...evidence[kind].received, ssz: toHex(changed) };
        try {
          const proven = verify({ ...evidence[kind], received }, trusted);
          expect({ ...proven, signedBoth: null }).to.deep.equal({ ...expected, signedBoth: null });
        } catch (error) {
          if (!isSidelightError(error)) throw error;
          refused++;
        }
      }
      expect(refused).to.be.greaterThan(bytes.length / 61 / 2);
    });
  }

  it("refuses what is no root to trust, rather than to find that nothing rests on it", () => {
    for (const wrong of ["0x12", `${committee}00`, committee.slice(2), fromHex(committee), null, undefined]) {
      const details = expectCode("OPTION_INVALID", () => verify(evidence.head, [committee, wrong as string]));
      expect(details).to.include({ option: "trusted[1]", expected: "0x hex of 32 bytes" });
    }
    expectCode("OPTION_INVALID", () => verify(evidence.head, committee as unknown as string[]));
  });

  it("proves what a client found on a network whose genesis root is written in capitals", () => {
    const genesisValidatorsRoot = forge.network.genesisValidatorsRoot.toUpperCase().replace("0X", "0x");
    const network = { ...forge.network, genesisValidatorsRoot };
    // a client's evidence has it as its network has it
    const found = { ...evidence.head, genesisValidatorsRoot };
    for (const what of [found, parseEvidence(exportEvidence(found))]) {
      expect(verifyEquivocation(what, { network, bls: forge.bls, trusted: [committee] }).kind).to.equal("head");
    }
  });

  it("proves a next committee against one whose block is trusted, and was not signed here", () => {
    const { proof } = { proof: state.nextCommitteeProof! };
    const blockRoot = toHex(beaconHeaderRoot(forge.chain.types, proof.header));
    const proven = verify(evidence.resumed, [blockRoot, committee]);
    expect(proven.known).to.deep.include({ participants: null });
    expect(proven.signedBoth).to.equal(null);
    expectCode("EVIDENCE_INVALID", () => verify(evidence.resumed, [committee]));
  });

  it("believes no next committee that nobody signed, to whoever trusts the committee alone", () => {
    const { known } = evidence["next-committee"];
    // anybody can make a state in which a trusted committee is the next one, and a header above it
    const made = forge.update({ attestedSlot: 44, attested: { nextCommittee: forge.committee(0) } }).value();
    const header = made.attestedHeader.beacon;
    const statement = {
      update: null,
      committee: made.nextSyncCommittee!,
      proof: { kind: "next" as const, header, branch: made.nextSyncCommitteeBranch },
    };
    const forged = {
      source: "liar",
      slot: header.slot,
      root: committee,
      ssz: toHex(encodeStatement(forge.chain, statement)),
    };
    const what: Evidence = { ...evidence["next-committee"], known: forged, received: known };
    expect(expectCode("EVIDENCE_INVALID", () => verify(what)).reason).to.contain("trusted");
  });

  it("refuses what is no contradiction, or another one than it says", () => {
    const { head, finality } = evidence;
    const twice = { ...head, received: head.known };
    expect(expectCode("EVIDENCE_INVALID", () => verify(twice)).reason).to.equal("no contradiction");
    for (const kind of KINDS) {
      if (kind !== "head") expectCode("EVIDENCE_INVALID", () => verify({ ...head, kind }));
    }
    expectCode("EVIDENCE_INVALID", () => verify({ ...finality, kind: "next-committee" }));
    const slot = head.received.slot + 1;
    expect(
      expectCode("EVIDENCE_INVALID", () => verify({ ...head, received: { ...head.received, slot } })).reason,
    ).to.equal("summary");
  });

  it("refuses evidence of another chain, and bytes that are none", () => {
    const other = { ...evidence.head, genesisValidatorsRoot: `0x${"22".repeat(32)}` };
    expect(expectCode("EVIDENCE_INVALID", () => verify(other)).reason).to.equal("another chain");
    for (const ssz of [
      "0x",
      "0x00",
      `${evidence.head.received.ssz}00`,
      evidence.head.received.ssz.slice(0, -2),
      "no hex",
    ]) {
      expectCode("EVIDENCE_INVALID", () => verify({ ...evidence.head, received: { ...evidence.head.received, ssz } }));
    }
  });

  it("refuses what too few signed, and what was signed by others", async () => {
    const { chain } = forge;
    const make = (options: object): Evidence => {
      const update = finalityUpdateAsUpdate(
        forge
          .finalityUpdate({
            attestedSlot: 40,
            attested: { beacon: (header: object) => ({ ...header, proposerIndex: 9 }) as never },
            ...options,
          })
          .value(),
      );
      const seen: Evidence[] = [];
      const agreement = createAgreement(chain, manualClock(0), (each) => seen.push(each));
      agreement.admit(state, signatureOf(chain, state, forge.update({ attestedSlot: 40 }).value(), "a"));
      agreement.admit(state, signatureOf(chain, state, update, "b"));
      return seen[0]!;
    };
    expectCode("SIGNATURE_INVALID", () => verify(make({ committee: forge.otherCommittee("evil") })));
    expectCode("SIGNATURE_INVALID", () =>
      verify(make({ signers: Array.from({ length: 20 }, (_, i) => i), bits: Array.from({ length: 22 }, (_, i) => i) })),
    );
  });
});

describe("parseEvidence", () => {
  const statement = { source: "a", slot: 1, root: `0x${"11".repeat(32)}`, ssz: "0x00" };
  const good: Evidence = {
    version: 1,
    kind: "head",
    network: "minimal",
    genesisValidatorsRoot: `0x${"22".repeat(32)}`,
    receivedAtMs: 0,
    known: statement,
    received: statement,
  };

  it("takes what was exported, and an event as `follow --json` prints it", () => {
    expect(parseEvidence(exportEvidence(good))).to.deep.equal(good);
    expect(parseEvidence(JSON.stringify({ event: "equivocation", ...good }))).to.deep.equal(good);
  });

  for (const [what, value] of Object.entries({
    "no object": 1,
    "a list": [good],
    null: null,
    "another version": { ...good, version: 2 },
    "another kind": { ...good, kind: "block" },
    "no network": { ...good, network: undefined },
    "a short root": { ...good, genesisValidatorsRoot: "0x11" },
    "no time": { ...good, receivedAtMs: "1" },
    "no statement": { ...good, known: null },
    "a negative slot": { ...good, known: { ...statement, slot: -1 } },
    "a half byte": { ...good, received: { ...statement, ssz: "0x0" } },
    "no source": { ...good, received: { ...statement, source: 1 } },
    "a root of a statement that is none": { ...good, received: { ...statement, root: "0x" } },
  })) {
    it(`refuses ${what}`, () => void expectCode("EVIDENCE_MALFORMED", () => parseEvidence(JSON.stringify(value))));
  }

  it("refuses whatever is no JSON, or too long, and throws nothing else", () => {
    for (const text of ["", "{", "x".repeat(3_000_000)]) expectCode("EVIDENCE_MALFORMED", () => parseEvidence(text));
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expectCode("EVIDENCE_MALFORMED", () => parseEvidence(text));
      }),
    );
  });
});
