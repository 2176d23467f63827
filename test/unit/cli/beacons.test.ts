/** To whom `--header` goes. */
import { expect } from "chai";
import { parseCommandLine } from "../../../src/cli/args.js";
import type { Beacon } from "../../../src/cli/beacons.js";
import { parseHealth } from "../../../src/cli/health/settings.js";
import { parseProofArgs } from "../../../src/cli/proof-args.js";
import { expectCode } from "../../support/expect-code.js";

const ROOT = `0x${"ab".repeat(32)}`;
const [A, B] = ["http://a.example", "http://b.example"];

function followed(args: readonly string[]): readonly Beacon[] {
  const invocation = parseCommandLine(["follow", "--checkpoint", ROOT, ...args]);
  if (invocation.kind !== "run") throw new Error(invocation.kind);
  return invocation.settings.beacons;
}

describe("--header", () => {
  it("is for the beacon node before it alone, in every command", () => {
    const args = ["--beacon", A, "--header", "X-Key: of a", "--beacon", B, "--header=X-Key: of b", "--header", "y:1"];
    const expected = [
      { url: A, headers: { "X-Key": "of a" } },
      { url: B, headers: { "X-Key": "of b", y: "1" } },
    ];
    expect(followed(args)).to.deep.equal(expected);
    expect(parseHealth(["--checkpoint", ROOT, ...args])!.settings.beacons).to.deep.equal(expected);
    const prove = ["--checkpoint", ROOT, "-o", "file", ...args];
    expect(parseProofArgs("prove", prove).beacons).to.deep.equal(expected);
  });

  it("before the first is for all, and a node's own of that name instead of it", () => {
    const args = ["--header", "X-Key: common", "--beacon", A, "--beacon", B, "--header", "x-key: own"];
    expect(followed(args)).to.deep.equal([
      { url: A, headers: { "X-Key": "common" } },
      { url: B, headers: { "x-key": "own" } },
    ]);
  });

  for (const [what, args] of [
    ["twice for one node", ["--beacon", A, "--header", "X-Key: secret", "--header", "x-key: secret"]],
    ["twice for all", ["--header", "X-Key: secret", "--header", "X-Key: secret", "--beacon", A]],
    ["for nobody", ["--header", "X-Key: secret", "--peer", "enr:a"]],
  ] as const) {
    it(`is refused ${what}, and its value is not shown`, () => {
      const details = expectCode("OPTION_INVALID", () => followed(args));
      expect(details.option).to.equal("--header");
      expect(JSON.stringify(details)).to.not.include("secret");
    });
  }
});
