/**
 * consensus-specs `tests/formats/bls/eth_fast_aggregate_verify.md`, through the BLS port: the public keys are those
 * members of a committee whose bits are set.
 */
import { BitArray } from "@chainsafe/ssz";
import wasm from "bls-eth-wasm";
import { expect } from "chai";
import type { Bls } from "../../../src/bls/port.js";
import type { SignatureFault } from "../../../src/errors.js";
import { fromHex } from "../../../src/ssz/bytes.js";
import type { SyncCommittee } from "../../../src/ssz/objects.js";
import { readyKeys } from "../../support/keys.js";
import { describeWithData, readYaml } from "../data-folder.js";
import { casesOf, countCase, labelOf } from "./cases.js";

interface Data {
  readonly input: { readonly pubkeys: readonly string[]; readonly message: string; readonly signature: string };
  readonly output: "true" | "false";
}

/** A valid key, for members who did not sign. */
const ABSENT = "0xb301803f8b5ac4a1133581fc676dfedc60d891dd5fa99028805e5ea5b08d3491af75d0707adab3b70c6a6a580217bf81";

const INFINITY_PUBKEY = `0xc0${"00".repeat(47)}`;

/** The cases are counted for the first backend alone. */
export function blsVectors(backends: readonly Bls[]): void {
  before(readyKeys);
  for (const bls of backends) withBackend(bls, bls === backends[0]);
}

function withBackend(bls: Bls, isCounted: boolean): void {
  describeWithData(`bls/eth_fast_aggregate_verify with ${bls.name}`, () => {
    before(() => bls.ready());

    for (const vector of casesOf("bls", "eth_fast_aggregate_verify")) {
      const { input, output } = readYaml(`${vector.folder}/data.yaml`) as Data;
      const { pubkeys } = input;

      if (pubkeys.length === 0) {
        // Where the specification accepts infinity as the signature of nobody (the vector that says `true`), the port by
        // contract accepts nobody at all: the sync protocol asks for at least one participant.
        it(`${labelOf(vector)} (${output}): nobody never verifies`, () => {
          const fault = verify(bls, input, committeeOf([ABSENT, ABSENT]), 0);
          expect(fault).to.be.oneOf(["aggregate-invalid", "signature-infinity", "signature-encoding"]);
          if (isCounted) countCase(vector);
        });
        continue;
      }

      it(`${labelOf(vector)} (${output}): as the few of a committee who signed`, () => {
        // a backend that subtracts the absent has no reason to where as many are absent as have signed
        const committee = committeeOf([...pubkeys, ...pubkeys.map(() => ABSENT)]);
        expect(verify(bls, input, committee, pubkeys.length) === null).to.equal(output === "true");
        if (isCounted) countCase(vector);
      });

      // A key at infinity has no place in a committee that a proof has authenticated; who subtracts never looks at it.
      if (pubkeys.includes(INFINITY_PUBKEY)) continue;

      it(`${labelOf(vector)} (${output}): as all of a committee but a few`, () => {
        const committee = committeeOf(pubkeys.length > 1 ? [...pubkeys, ABSENT] : pubkeys);
        expect(verify(bls, input, committee, pubkeys.length) === null).to.equal(output === "true");
      });
    }
  });
}

function committeeOf(members: readonly string[]): SyncCommittee {
  const sum = new wasm.PublicKey();
  for (const member of members) {
    const key = new wasm.PublicKey();
    key.deserialize(fromHex(member));
    sum.add(key);
  }
  return { pubkeys: members.map(fromHex), aggregatePubkey: sum.serialize() };
}

/** Verifies with the first `signers` members as the participants. */
function verify(bls: Bls, input: Data["input"], committee: SyncCommittee, signers: number): SignatureFault | null {
  const bits = BitArray.fromBoolArray(committee.pubkeys.map((_, i) => i < signers));
  const handle = bls.committee(committee);
  return bls.verifySyncAggregate(handle, bits, fromHex(input.message), fromHex(input.signature));
}
