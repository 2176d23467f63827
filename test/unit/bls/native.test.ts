import * as blst from "blst-native";
import { expect } from "chai";
import { type NativeBlst, nativeBls } from "../../../src/bls/native.js";
import type { SidelightError } from "../../../src/errors.js";
import { blsContract } from "../../contract/bls.js";

blsContract("nativeBls", () => nativeBls(blst));

describe("nativeBls of what is no blst", () => {
  const addons: [string, unknown][] = [
    ["nothing, as of a default import that is not there", undefined],
    ["a module of something else", {}],
    ["one whose keys cannot be added up", { ...blst, aggregatePublicKeys: undefined }],
    ["one that verifies nothing", { ...blst, verify: () => false }],
    ["one that verifies anything", { ...blst, verify: () => true }],
  ];
  for (const [name, addon] of addons) {
    it(`does not start: ${name}`, async () => {
      const backend = nativeBls(addon as NativeBlst);
      const error = await backend.ready().then(
        () => expect.fail("started"),
        (thrown: unknown) => thrown as SidelightError<"BLS_UNAVAILABLE">,
      );
      expect(error).to.include({ code: "BLS_UNAVAILABLE" });
      expect(error.details.backend).to.equal("native");
    });
  }
});
