import bls from "bls-eth-wasm";
import { expect } from "chai";
import { herumiBls } from "../../../src/bls/herumi.js";
import type { SidelightError } from "../../../src/errors.js";
import { blsContract } from "../../contract/bls.js";
import { bitsOf, firstMembers } from "../../support/bits.js";
import { expectCode } from "../../support/expect-code.js";
import { fill } from "../../support/fill.js";
import { createCommittee, readyKeys } from "../../support/keys.js";
import { KEY_OUTSIDE_SUBGROUP, SIGNATURE_OUTSIDE_SUBGROUP } from "../../support/points.js";

blsContract("herumiBls", herumiBls);

describe("herumiBls", () => {
  const message = fill("message");

  before(async () => {
    await readyKeys();
    await herumiBls().ready();
  });

  it("does not start a second instance of the WASM", async () => {
    const { mod } = bls as unknown as { mod: unknown };
    await herumiBls().ready();
    expect((bls as unknown as { mod: unknown }).mod).to.equal(mod);
  });

  it("leaves the package's global order checks switched on, whatever the outcome", async () => {
    const backend = herumiBls();
    await backend.ready();
    const committee = createCommittee(32, "herumi");
    const signatures = [committee.sign(firstMembers(4), message), SIGNATURE_OUTSIDE_SUBGROUP, new Uint8Array(96)];
    const broken = { ...committee.value, pubkeys: committee.value.pubkeys.map(() => new Uint8Array(48)) };
    for (const value of [committee.value, broken]) {
      for (const signature of signatures) {
        backend.verifySyncAggregate(backend.committee(value), bitsOf(32, firstMembers(4)), message, signature);
        expect(() => new bls.PublicKey().deserialize(KEY_OUTSIDE_SUBGROUP)).to.throw();
        expect(() => new bls.Signature().deserialize(SIGNATURE_OUTSIDE_SUBGROUP)).to.throw();
      }
    }
  });

  it("does not start where the package gives wrong answers", async () => {
    // a second instance of the module, which has not tried it
    const specifier: string = "../../../src/bls/herumi.js?not-tried";
    const fresh: { herumiBls: typeof herumiBls } = await import(specifier);
    const backend = fresh.herumiBls();
    const { prototype } = bls.PublicKey;
    const { verify } = prototype;
    for (const wrong of [() => false, () => true]) {
      prototype.verify = wrong;
      try {
        const error = await backend.ready().then(
          () => expect.fail("started"),
          (thrown: unknown) => thrown as SidelightError<"BLS_UNAVAILABLE">,
        );
        expect(error).to.include({ code: "BLS_UNAVAILABLE" });
        expect(error.details.message).to.contain("signature");
      } finally {
        prototype.verify = verify;
      }
    }
    await backend.ready();
  });

  it("says that it cannot start, and can be started again later", async () => {
    // a second instance of the module, which has not started: the package underneath stays the one and only
    const specifier: string = "../../../src/bls/herumi.js?not-started";
    const fresh: { herumiBls: typeof herumiBls } = await import(specifier);
    const backend = fresh.herumiBls();
    const internals = bls as unknown as { mod: unknown; init: unknown };
    const { mod, init } = internals;
    const refusal = new Error("WebAssembly is blocked by a content security policy");
    try {
      Object.assign(internals, { mod: undefined, init: () => Promise.reject(refusal) });
      const outcomes = await Promise.allSettled([backend.ready(), backend.ready()]);
      for (const outcome of outcomes) {
        const { code, details, cause } = (outcome as PromiseRejectedResult).reason as SidelightError;
        expect([code, cause]).to.deep.equal(["BLS_UNAVAILABLE", refusal]);
        expect(details).to.deep.equal({ backend: backend.name, message: refusal.message });
      }
      const handle = backend.committee(createCommittee(32, "herumi").value);
      expectCode("BLS_NOT_READY", () =>
        backend.verifySyncAggregate(handle, bitsOf(32, [0]), message, new Uint8Array(96)),
      );
    } finally {
      Object.assign(internals, { mod, init });
    }
    await backend.ready();
  });
});
