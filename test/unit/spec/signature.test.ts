/** Who signed, what was signed, and in which form. */
import { BitArray } from "@chainsafe/ssz";
import { expect } from "chai";
import type { SignatureFault } from "../../../src/errors.js";
import { computeSyncCommitteeDomain, computeSyncCommitteeSigningRoot } from "../../../src/spec/signing.js";
import type { LightClientStore } from "../../../src/spec/store.js";
import { validateLightClientUpdate } from "../../../src/spec/validate.js";
import type { LightClientUpdate } from "../../../src/ssz/objects.js";
import { BeaconBlockHeader } from "../../support/containers.js";
import { expectCode } from "../../support/expect-code.js";
import { fill } from "../../support/fill.js";
import { createForge, type Forge, type ForgedUpdate } from "../../support/forge.js";
import { forgeAt, staggeredForge, storeAt, storeWithNext } from "../../support/forges.js";
import { committeeOf, INFINITY_SIGNATURE, secretKey } from "../../support/keys.js";
import { firstSlotOf, LIGHT_CLIENT_FORKS, testNetwork } from "../../support/networks.js";
import {
  addSignatures,
  negatedSecret,
  SIGNATURE_OFF_CURVE,
  SIGNATURE_OUTSIDE_SUBGROUP,
  smallOrderSignature,
} from "../../support/points.js";
import { forkVersionOf, hexBytes, signingRoot } from "../../support/protocol.js";

for (const fork of LIGHT_CLIENT_FORKS) {
  describe(`signature of an update (${fork})`, () => {
    let forge: Forge;
    let store: LightClientStore;
    let honest: ForgedUpdate;

    before(async () => {
      forge = await forgeAt(fork);
      store = storeAt(forge, 70);
      honest = forge.update({ attestedSlot: 100 });
    });

    const validate = (update: LightClientUpdate, from = store) =>
      validateLightClientUpdate(forge.chain, from, update, 1000);

    function expectFault(update: ForgedUpdate, reason: SignatureFault, from = store): void {
      const value = update.value();
      const details = expectCode("SIGNATURE_INVALID", () => validate(value, from));
      const participants = value.syncAggregate.syncCommitteeBits.getTrueBitIndexes().length;
      expect(details).to.deep.equal({ reason, signatureSlot: 101, attestedSlot: 100, participants });
    }

    const withSignature = (signature: Uint8Array) =>
      honest.edit((wire) => {
        wire.syncAggregate.syncCommitteeSignature = signature;
      });

    it("takes a true one, at every participation", () => {
      validate(honest.value());
      for (const participants of [1, 2, 15, 16, 17, 21, 22, 31, 32]) {
        validate(forge.update({ attestedSlot: 100, participants }).value());
      }
    });

    it("refuses any change of the attested header that keeps everything else true", () => {
      const update = forge.update({
        attestedSlot: 100,
        attested: { beacon: (beacon) => ({ ...beacon, proposerIndex: 7 }) },
      });
      validate(update.value());
      expectFault(
        honest.edit((wire) => wire.attestedHeader.beacon.proposerIndex++),
        "mismatch",
      );
      expectFault(
        honest.edit((wire) => wire.attestedHeader.beacon.parentRoot.fill(1)),
        "mismatch",
      );
    });

    it("refuses other signers than the bits say", () => {
      for (const [signers, bits] of [
        [
          [0, 1, 2],
          [0, 1],
        ],
        [
          [0, 1],
          [0, 1, 2],
        ],
        [
          [0, 1, 2],
          [0, 1, 3],
        ],
      ] as const) {
        expectFault(forge.update({ attestedSlot: 100, signers, bits }), "mismatch");
      }
    });

    it("refuses another committee, chain, or fork version", () => {
      expectFault(forge.update({ attestedSlot: 100, committee: forge.committee(2) }), "mismatch");
      expectFault(forge.update({ attestedSlot: 100, validatorsRoot: fill("another chain") }), "mismatch");
      expectFault(forge.update({ attestedSlot: 100, forkVersion: Uint8Array.of(9, 9, 9, 9) }), "mismatch");
    });

    it("refuses each malformed signature, for its reason", () => {
      expectFault(withSignature(SIGNATURE_OFF_CURVE), "signature-encoding");
      expectFault(withSignature(new Uint8Array(96)), "signature-encoding");
      expectFault(withSignature(INFINITY_SIGNATURE), "signature-infinity");
      expectFault(withSignature(SIGNATURE_OUTSIDE_SUBGROUP), "signature-subgroup");
      const moved = addSignatures(honest.wire.syncAggregate.syncCommitteeSignature, smallOrderSignature());
      expectFault(withSignature(moved), "signature-subgroup");
    });

    it("refuses keys that add up to infinity", () => {
      const key = secretKey("cancel");
      const { value } = committeeOf([
        key,
        negatedSecret(key),
        ...Array.from({ length: 30 }, (_, i) => secretKey("rest", i)),
      ]);
      const update = forge.update({ attestedSlot: 100, signers: [0, 1] });
      expectFault(update, "aggregate-invalid", { ...store, currentSyncCommittee: value });
    });

    it("refuses keys that are none", () => {
      const { pubkeys, aggregatePubkey } = forge.committee(1).value;
      const broken = { pubkeys: pubkeys.map((key, i) => (i === 1 ? new Uint8Array(48) : key)), aggregatePubkey };
      const update = forge.update({ attestedSlot: 100, participants: 3 });
      expectFault(update, "pubkey-invalid", { ...store, currentSyncCommittee: broken });
    });

    it("refuses bits that are not the committee's size, however they got here", () => {
      const value = honest.value();
      for (const length of [8, 24, 40, 512]) {
        const syncCommitteeBits = BitArray.fromBitLen(length);
        syncCommitteeBits.set(0, true);
        const syncAggregate = { ...value.syncAggregate, syncCommitteeBits };
        expectCode("SIGNATURE_INVALID", () => validate({ ...value, syncAggregate }));
      }
    });
  });
}

describe("computeSyncCommitteeSigningRoot", () => {
  it("is that of the tests' own formula, at every slot around every fork", async () => {
    const { network, chain, block } = await staggeredForge();
    const validatorsRoot = hexBytes(network.genesisValidatorsRoot);
    const { beacon } = block({ slot: 3 }).header;
    for (const fork of LIGHT_CLIENT_FORKS) {
      for (const offset of [-9, -2, -1, 0, 1, 2, 9]) {
        const slot = firstSlotOf(network, fork) + offset;
        if (slot < 0) continue;
        const version = forkVersionOf(network, Math.max(slot, 1) - 1);
        const expected = signingRoot(BeaconBlockHeader.hashTreeRoot(beacon), version, validatorsRoot);
        expect(computeSyncCommitteeSigningRoot(chain, beacon, slot), `slot ${slot}`).to.deep.equal(expected);
      }
    }
  });

  it("signs slot 0 with the version of slot 0", async () => {
    const { chain, block } = await forgeAt("altair");
    const { beacon } = block({ slot: 0 }).header;
    const [zero, one] = [0, 1].map((slot) => computeSyncCommitteeSigningRoot(chain, beacon, slot));
    expect(zero).to.deep.equal(one);
  });

  it("has a domain that starts with the type of sync committees", () => {
    const domain = computeSyncCommitteeDomain(Uint8Array.of(1, 2, 3, 4), fill("root"));
    expect([...domain.subarray(0, 4)]).to.deep.equal([7, 0, 0, 0]);
    expect(domain.length).to.equal(32);
  });
});

describe("fork version of a signature", () => {
  for (const [i, fork] of LIGHT_CLIENT_FORKS.entries()) {
    const previous = i === 0 ? "phase0" : LIGHT_CLIENT_FORKS[i - 1]!;
    it(`is ${previous}'s at the first slot of ${fork}, and ${fork}'s at the second`, async () => {
      const network = testNetwork({
        name: "late",
        forks: { altair: 21, bellatrix: 42, capella: 63, deneb: 84, electra: 105, fulu: 126, gloas: 147 },
      });
      const forge = await createForge({ network });
      const first = firstSlotOf(network, fork);
      const store = storeBefore(forge, first);
      const old = hexBytes(network.forks[previous].version);
      const own = hexBytes(network.forks[fork].version);
      const cases = [
        { signatureSlot: first - 1, right: old, wrong: own },
        { signatureSlot: first, right: old, wrong: own },
        { signatureSlot: first + 1, right: own, wrong: old },
        { signatureSlot: first + 2, right: own, wrong: old },
      ];
      for (const { signatureSlot, right, wrong } of cases) {
        const options = { attestedSlot: signatureSlot - 1, signatureSlot, finalizedSlot: null };
        const validate = (forkVersion: Uint8Array) =>
          validateLightClientUpdate(forge.chain, store, updateOf(forge, { ...options, forkVersion }), 10_000);
        validate(right);
        expect(expectCode("SIGNATURE_INVALID", () => validate(wrong)).reason).to.equal("mismatch");
      }
      // signed long after the attested block: the signature's slot counts
      const late = { attestedSlot: first - 1, signatureSlot: first + 1, finalizedSlot: null, forkVersion: own };
      validateLightClientUpdate(forge.chain, store, updateOf(forge, late), 10_000);
    });
  }
});

/** A store of 20 slots before `slot`. Nobody can start before Altair: there, the slot is put in by hand. */
function storeBefore(forge: Forge, slot: number): LightClientStore {
  if (slot > firstSlotOf(forge.network, "altair")) return storeWithNext(forge, slot - 20);
  const store = storeWithNext(forge, slot);
  const { finalizedHeader } = store;
  return { ...store, finalizedHeader: { ...finalizedHeader, beacon: { ...finalizedHeader.beacon, slot: slot - 20 } } };
}

/** Attested before Altair there is no wire form: the object is made as Altair's. */
function updateOf(forge: Forge, options: Parameters<Forge["update"]>[0]): LightClientUpdate {
  const { forks, preset } = forge.network;
  if (options.attestedSlot >= forks.altair.epoch * preset.slotsPerEpoch) return forge.update(options).value();
  const { wire } = forge.update(options);
  const empty = forge.update({ attestedSlot: forks.altair.epoch * preset.slotsPerEpoch, finalizedSlot: null }).value();
  return {
    ...empty,
    attestedHeader: { ...empty.attestedHeader, beacon: wire.attestedHeader.beacon },
    nextSyncCommittee: wire.nextSyncCommittee,
    nextSyncCommitteeBranch: [...Array.from({ length: 6 }, () => new Uint8Array(32)), ...wire.nextSyncCommitteeBranch],
    syncAggregate: wire.syncAggregate,
    signatureSlot: wire.signatureSlot,
  };
}
