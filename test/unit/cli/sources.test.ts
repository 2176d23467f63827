import { expect } from "chai";
import { createBlockSources, createSources } from "../../../src/cli/sources.js";
import { expectCode } from "../../support/expect-code.js";

describe("createSources and createBlockSources", () => {
  const settings = (...urls: string[]) => ({
    beacons: urls.map((url) => ({ url, headers: {} })),
    timeoutMs: undefined,
  });

  it("give sources of one host different names, and headers and blocks of a node the same", () => {
    const beacons = settings("https://a.example/key-one", "https://b.example", "https://a.example/key-two");
    const names = ["a.example", "b.example", "a.example #2"];
    expect(createSources(beacons).map(({ name }) => name)).to.deep.equal(names);
    expect(createBlockSources(beacons).map(({ name }) => name)).to.deep.equal(names);
  });

  it("refuse what is no address by the name of the option", () => {
    for (const create of [createSources, createBlockSources]) {
      expect(expectCode("OPTION_INVALID", () => create(settings("a.example"))).option).to.equal("--beacon");
    }
  });
});
