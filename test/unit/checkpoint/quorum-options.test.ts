import { expect } from "chai";
import { type CheckpointQuorumOptions, resolveQuorumOptions } from "../../../src/checkpoint/quorum-options.js";
import { expectCode } from "../../support/expect-code.js";

const [A, B, C] = ["https://a.example", "https://b.example", "https://c.example"];
const VALID: CheckpointQuorumOptions = { providers: [A!, B!, C!] };

describe("resolveQuorumOptions", () => {
  const cases: [option: string, options: object, actual: string][] = [
    ["providers", { providers: undefined }, "undefined"],
    ["providers", { providers: [] }, "array of 0"],
    ["providers", { providers: "https://a.example/s3cr3t" }, "a string of 24 characters"],
    ["providers", { providers: { url: A } }, "object"],
    ["providers", { providers: [A] }, "1"],
    ["providers", { providers: [`${A}/x`, { url: `${A}/y`, name: "y" }] }, "1"],
    ["providers[1]", { providers: [A, 7] }, "7"],
    ["providers[1]", { providers: [A, null] }, "null"],
    ["providers[0].url", { providers: [{ name: "x" }, B] }, "undefined"],
    ["providers[1].url", { providers: [A, "s3cr3t"] }, "a string that is not a URL"],
    ["providers[1].url", { providers: [A, "ftp://b.example"] }, "a ftp: URL"],
    ["providers[2].name", { providers: [A, B, { url: C, name: "a.example" }] }, "a.example"],
    ["providers[1].name", { providers: [A, { url: B, name: "https://b.example" }] }, "a string of 17 characters"],
    [
      "providers[0].headers",
      { providers: [{ url: A, headers: { "a b": "s3cr3t" } }, B] },
      "a name that is not a token",
    ],
    ["providers[0].operator", { providers: [{ url: A, operator: "" }, B] }, "a string of 0 characters"],
    ["providers[0].operator", { providers: [{ url: A, operator: 1 }, B] }, "1"],
    ["providers[0].operator", { providers: [{ url: A, operator: "a\nb" }, B] }, "a string of 3 characters"],
    ["required", { required: 0 }, "0"],
    ["required", { required: 4 }, "4"],
    ["required", { required: 1.5 }, "1.5"],
    ["required", { required: "2" }, "a string of 1 characters"],
    ["required", { required: null }, "null"],
    ["tolerateDissent", { tolerateDissent: -1 }, "-1"],
    ["tolerateDissent", { tolerateDissent: 2 }, "2"],
    ["tolerateDissent", { required: 1, tolerateDissent: 1 }, "1"],
    ["timeoutMs", { timeoutMs: 0 }, "0"],
    ["timeoutMs", { timeoutMs: 2 ** 31 }, "2147483648"],
    ["fetch", { fetch: "fetch" }, "a string of 5 characters"],
  ];
  for (const [option, options, actual] of cases) {
    it(`refuses ${option}: ${actual}`, () => {
      let message = "";
      const details = expectCode("OPTION_INVALID", () => {
        try {
          resolveQuorumOptions({ ...VALID, ...options });
        } catch (thrown) {
          message = (thrown as Error).message;
          throw thrown;
        }
      });
      expect(details).to.include({ option, actual });
      expect(message)
        .to.match(/^option /)
        .and.not.include("s3cr3t");
    });
  }

  it("refuses what is no object of options", () => {
    for (const options of [undefined, null, "x"]) {
      expect(expectCode("OPTION_INVALID", () => resolveQuorumOptions(options as never)).option).to.equal("options");
    }
  });

  it("needs more than half of the operators by default, and never one alone", () => {
    const required = (count: number) =>
      resolveQuorumOptions({ providers: Array.from({ length: count }, (_, i) => `https://x${i}.p${i}.example${i}`) })
        .required;
    expect([2, 3, 4, 5, 8].map(required)).to.deep.equal([2, 2, 3, 3, 5]);
    expect(resolveQuorumOptions({ providers: [A!], required: 1 })).to.include({
      required: 1,
      operators: 1,
      tolerated: 0,
    });
  });

  it("gives each provider a name and an operator", () => {
    const { providers } = resolveQuorumOptions({
      providers: [A!, { url: "https://u:p@x.b.example/key", name: "Beta" }, { url: C!, operator: "me" }],
    });
    expect(providers.map(({ name, operator }) => [name, operator])).to.deep.equal([
      ["a.example", "a.example"],
      ["Beta", "b.example"],
      ["c.example", "me"],
    ]);
  });
});
