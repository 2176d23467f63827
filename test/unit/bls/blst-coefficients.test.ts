/** What the batches of the backend are weighted with. */
import { expect } from "chai";
import { createBackend } from "../../../src/bls/blst/backend.js";
import { variantsOf } from "../../../src/bls/blst/variants.js";
import { BASELINE_WASM } from "../../../src/bls/blst/wasm/baseline.js";
import { fromHex } from "../../../src/ssz/bytes.js";
import { falseItem, signedItem } from "../../support/batch-items.js";
import { firstMembers } from "../../support/bits.js";
import { readyKeys, secretKey } from "../../support/keys.js";
import { addSignatures, negatedPoint } from "../../support/points.js";

describe("the coefficients of blstBls' batches", () => {
  before(readyKeys);

  async function backend(random: (bytes: Uint8Array<ArrayBuffer>) => void) {
    const baseline = () => fromHex(BASELINE_WASM);
    const bls = createBackend({ variants: variantsOf({ baseline }), random });
    await bls.ready();
    return bls;
  }

  it("are drawn for every item, once for a batch", async () => {
    const drawn: number[] = [];
    const bls = await backend((bytes) => {
      drawn.push(bytes.length);
      bytes.fill(1);
    });
    const items = firstMembers(5).map((i) => signedItem(bls, i));
    expect(bls.verifyBatch(items)).to.equal(null);
    expect(bls.verifyBatch(items.slice(0, 2))).to.equal(null);
    expect(drawn).to.deep.equal([40, 16]);
  });

  it("are never zero: an item with none would be left out", async () => {
    let calls = 0;
    const bls = await backend((bytes) => {
      // zeroes, but for the last byte of the third attempt
      if (++calls > 2) bytes[bytes.length - 1] = 1;
    });
    expect(bls.verifyBatch([falseItem(bls, 1)])).to.equal("mismatch");
    expect(calls).to.equal(3);
  });

  it("are what tells two errors that cancel: with the same for both, they would pass", async () => {
    const error = secretKey("error").sign(new Uint8Array(32)).serialize();
    const verify = async (random: (bytes: Uint8Array<ArrayBuffer>) => void) => {
      const bls = await backend(random);
      const [first, second] = [signedItem(bls, 0), signedItem(bls, 1)];
      return bls.verifyBatch([
        { ...first, signature: addSignatures(first.signature, error) },
        { ...second, signature: addSignatures(second.signature, negatedPoint(error)) },
      ]);
    };
    expect(await verify((bytes) => bytes.fill(7))).to.equal(null);
    expect(await verify((bytes) => crypto.getRandomValues(bytes))).to.equal("mismatch");
  });

  it("are drawn in parts that crypto gives, however large the batch", async () => {
    const bls = await backend((bytes) => crypto.getRandomValues(bytes));
    const good = signedItem(bls, 0);
    const wrong = { ...good, signature: new Uint8Array(96) };
    expect(bls.verifyBatch([wrong, ...new Array<typeof good>(20_000).fill(good)])).to.equal("signature-encoding");
  });
});
