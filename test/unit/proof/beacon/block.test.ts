import { expect } from "chai";
import { minimalPreset } from "../../../../src/networks/presets.js";
import { LIGHT_CLIENT_FORKS } from "../../../../src/networks/types.js";
import { type BeaconBlock, createBeaconTypes, type ForkTypes } from "../../../../src/proof/beacon/types.js";
import { verifyBeaconBlock, verifyBeaconHeader, verifyBeaconHeaderChain } from "../../../../src/proof/index.js";
import { toHex } from "../../../../src/ssz/bytes.js";
import type { AnyType } from "../../../../src/ssz/type.js";
import { codeOf, expectCode } from "../../../support/expect-code.js";
import { fill, fillBytes } from "../../../support/fill.js";
import { testNetwork } from "../../../support/networks.js";
import { randomValue } from "../../../support/random-ssz.js";

const types = createBeaconTypes(minimalPreset);

describe("verifyBeaconBlock", () => {
  for (const fork of LIGHT_CLIENT_FORKS) {
    it(`proves any part of a block of ${fork}, signed or not`, () => {
      const network = testNetwork({ forks: { [fork]: 0 } });
      const { BeaconBlock, SignedBeaconBlock } = types.forks[fork] as unknown as ForkTypes;
      const message = { ...(randomValue(BeaconBlock as AnyType, "block 1") as BeaconBlock), slot: 100 };
      const root = BeaconBlock.hashTreeRoot(message);
      // a signature that looks like the offset of a block's body, too
      const signature = fillBytes(96, "signature");
      signature[79] = 0;
      for (const bytes of [BeaconBlock.serialize(message), SignedBeaconBlock.serialize({ message, signature })]) {
        const block = verifyBeaconBlock({ types, network, root, bytes });
        expect(block.get(["slot"])).to.equal(100);
        expect(block.get(["body", "graffiti"])).to.deep.equal(message.body.graffiti);
        expect(block.get(["body", "attestations"])).to.deep.equal(message.body.attestations);
        expect(block.get(["body", "voluntaryExits", 15])).to.equal(null);
        expect(message.body.voluntaryExits.length).to.be.below(16);
      }
      expectCode("MERKLE_ROOT_MISMATCH", () =>
        verifyBeaconBlock({ types, network, root: fill("other"), bytes: BeaconBlock.serialize(message) }),
      );
    });
  }

  it("refuses bytes that are no block, of no fork, cut off", () => {
    const network = testNetwork({ forks: { electra: 1 } });
    const { BeaconBlock } = types.forks.electra;
    const bytes = BeaconBlock.serialize({ ...BeaconBlock.defaultValue(), slot: 8 });
    const root = BeaconBlock.hashTreeRoot({ ...BeaconBlock.defaultValue(), slot: 8 });
    expect(verifyBeaconBlock({ types, network, root, bytes }).root).to.equal(toHex(root));
    for (let length = 0; length < bytes.length; length++) {
      expect(codeOf(() => verifyBeaconBlock({ types, network, root, bytes: bytes.slice(0, length) }))).to.be.oneOf([
        "DECODE_FAILED",
        "MERKLE_ROOT_MISMATCH",
      ]);
    }
    expectCode("FORK_MISMATCH", () => verifyBeaconBlock({ types, network, root, bytes: new Uint8Array(200) }));
    expectCode("DECODE_FAILED", () => verifyBeaconBlock({ types, network, root, bytes: "0x12" as never }));
    expectCode("INPUT_TOO_LARGE", () =>
      verifyBeaconBlock({ types, network, root, bytes: new Uint8Array(2 ** 26 + 1) }),
    );
  });
});

describe("verifyBeaconHeader", () => {
  const header = (slot: number, parentRoot: Uint8Array) => ({
    slot,
    proposerIndex: 7,
    parentRoot,
    stateRoot: fill("state", slot),
    bodyRoot: fill("body", slot),
  });
  const jsonOf = (value: ReturnType<typeof header>) => ({
    slot: String(value.slot),
    proposer_index: String(value.proposerIndex),
    parent_root: toHex(value.parentRoot),
    state_root: toHex(value.stateRoot),
    body_root: toHex(value.bodyRoot),
  });
  const type = types.BeaconBlockHeader;

  it("takes the Beacon API's JSON, SSZ, and SSZ in hex", () => {
    const value = header(12, fill("parent"));
    const root = type.hashTreeRoot(value);
    for (const form of [jsonOf(value), type.serialize(value), toHex(type.serialize(value))]) {
      expect(verifyBeaconHeader({ types, root, header: form })).to.deep.equal({
        root: toHex(root),
        slot: 12,
        proposerIndex: 7,
        parentRoot: toHex(value.parentRoot),
        stateRoot: toHex(value.stateRoot),
        bodyRoot: toHex(value.bodyRoot),
      });
    }
  });

  it("refuses a header of which any byte was changed, or that is none", () => {
    const value = header(12, fill("parent"));
    const root = type.hashTreeRoot(value);
    const bytes = type.serialize(value);
    bytes.forEach((_, at) => {
      const changed = bytes.slice();
      changed[at]! ^= 1;
      expect(codeOf(() => verifyBeaconHeader({ types, root, header: changed }))).to.be.oneOf([
        "MERKLE_ROOT_MISMATCH",
        // a slot beyond 2^53
        "DECODE_FAILED",
      ]);
    });
    for (const none of [null, 5, [], {}, "0x", bytes.slice(1), { ...jsonOf(value), slot: 12 }]) {
      expectCode("DECODE_FAILED", () => verifyBeaconHeader({ types, root, header: none }));
    }
    expectCode("INPUT_TOO_LARGE", () => verifyBeaconHeader({ types, root, header: new Uint8Array(113) }));
  });

  it("follows parents by their roots", () => {
    const third = header(10, fill("older"));
    const second = header(11, type.hashTreeRoot(third));
    const first = header(14, type.hashTreeRoot(second));
    const root = type.hashTreeRoot(first);
    const headers = [first, second, third].map(jsonOf);
    const slots = verifyBeaconHeaderChain({ types, root, headers }).map(({ slot }) => slot);
    expect(slots).to.deep.equal([14, 11, 10]);
    expect(verifyBeaconHeaderChain({ types, root, headers: [] })).to.deep.equal([]);
    const [one, two, three] = headers;
    for (const wrong of [
      [one, three],
      [two, three],
      [one, two, two],
    ]) {
      expectCode("MERKLE_ROOT_MISMATCH", () => verifyBeaconHeaderChain({ types, root, headers: wrong }));
    }
    expectCode("OPTION_INVALID", () => verifyBeaconHeaderChain({ types, root, headers: {} as never }));
    expectCode("OPTION_INVALID", () => verifyBeaconHeaderChain({ types, root, headers: new Array(8193) }));
  });
});
