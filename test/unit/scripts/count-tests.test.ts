import { expect } from "chai";
import { countTests, findFailures } from "../../../scripts/count-tests.js";

const MOCHA =
  "  a suite\n    ✔ one\n    1) two\n\n\n  1 passing (3s)\n  1 failing\n\n  1) a suite\n       two:\n     Error: no\n";
const NODE =
  "✔ one (1ms)\n✖ two (2ms)\nℹ pass 1\nℹ fail 1\n\n✖ failing tests:\n\ntest at a.js:1:1\n✖ two (2ms)\n  no\n";
const KARMA = "..\nFirefox a suite two FAILED\n\texpected no\n..\nTOTAL: 1 FAILED, 1 SUCCESS\n";

describe("what a run of tests printed", () => {
  for (const [name, output] of Object.entries({ MOCHA, NODE, KARMA })) {
    it(`is counted and its failure found: ${name}`, () => {
      const { passed, failed } = countTests(output);
      expect({ passed, failed }).to.deep.equal({ passed: 1, failed: 1 });
      const failures = findFailures(output);
      expect(failures).to.match(/two/);
      expect(failures).to.match(/no$/m);
      expect(failures).not.to.match(/one|^\.+$/m);
    });
  }

  it("is said from its end when nothing in it looks like a failure", () => {
    const output = Array.from({ length: 500 }, (_, i) => `line ${i}`).join("\n");
    expect(findFailures(output)).to.match(/^line 380\n[\s\S]*line 499$/);
  });
});
