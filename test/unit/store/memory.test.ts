import { expect } from "chai";
import { memoryStore } from "../../../src/store/memory.js";
import { storeContract } from "../../contract/store.js";

storeContract("memoryStore", () => memoryStore(), undefined, { shared: false });

describe("memoryStore", () => {
  it("shares nothing with another one", async () => {
    const first = memoryStore();
    await first.save("mainnet", Uint8Array.of(1));
    expect(await memoryStore().load("mainnet")).to.equal(null);
  });
});
