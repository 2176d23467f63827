import { expect } from "chai";
import { parseHealth } from "../../../src/cli/health/settings.js";
import { expectCode } from "../../support/expect-code.js";

const CHECKPOINT = ["--checkpoint", `0x${"ab".repeat(32)}`];
const BEACON = ["--beacon", "http://a.example"];
const PEER = ["--peer", "enr:a"];

describe("parseHealth", () => {
  it("refuses --json, which would tell failures to nobody: epochs are --jsonl", () => {
    for (const live of [[], ["--live"]]) {
      const args = [...CHECKPOINT, ...BEACON, ...live, "--json"];
      const details = expectCode("OPTION_INVALID", () => parseHealth(args));
      expect(details).to.deep.equal({
        option: "--json",
        expected: "--jsonl, an object for each epoch",
        actual: "--json",
      });
    }
  });

  it("needs a beacon node for blocks, also where the client asks peers", () => {
    expect(expectCode("OPTION_INVALID", () => parseHealth([...CHECKPOINT, ...PEER]))).to.include({
      option: "--beacon",
    });
    expect(parseHealth([...CHECKPOINT, ...PEER, ...BEACON])!.settings)
      .to.include({ command: "sync" })
      .and.deep.include({
        peers: ["enr:a"],
        beacons: [{ url: "http://a.example", headers: {} }],
      });
  });
});
