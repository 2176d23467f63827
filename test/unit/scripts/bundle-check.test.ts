import { expect } from "chai";
import { forbiddenIn } from "../../../scripts/bundle-check.js";

const BAD: Record<string, string> = {
  "Buffer.from(a)": "a global of Node",
  "typeof process": "a global of Node",
  "globalThis.process.env": "a global of Node",
  'self["Buffer"]': "a global of Node",
  "window.self.process": "a global of Node",
  "f({ Buffer })": "a global of Node",
  "x[process]": "a global of Node",
  'const crypto = require("crypto")': "a global of Node",
  "await a": "top-level await",
  "for await (const a of b) c()": "top-level await",
  'import("a")': "dynamic import",
  "async () => (await import(a)).b": "dynamic import",
  "new Worker(a)": "a worker of the library's own",
  "new self.SharedWorker(a)": "a worker of the library's own",
  'new Function("a")': "code from text",
  'Function("a")()': "code from text",
  "(0, eval)(a)": "code from text",
  "window.eval(a)": "code from text",
};

const GOOD = [
  "new ArrayBuffer(1); new SharedArrayBuffer(1)",
  "a.Buffer; a.process; a.eval(); ({ process: 1, Buffer() {} })",
  "class A { static process = 1; require() {} }",
  "async () => { await a; for await (const b of c) d() }",
  "function f(process) { return process.a }",
  "const { process: p, ...Buffer } = a; Buffer.b",
  'import { process } from "a"; process()',
  "const port = a instanceof Worker",
  "({}).constructor; a instanceof Function",
  "process: for (;;) break process",
];

describe("forbiddenIn", () => {
  for (const [code, what] of Object.entries(BAD)) {
    it(`finds ${what} in \`${code}\``, () => {
      expect(forbiddenIn(code).map((each) => each.split(":")[0])).to.include(what);
    });
  }

  for (const code of GOOD) {
    it(`finds nothing in \`${code}\``, () => {
      expect(forbiddenIn(code)).to.deep.equal([]);
    });
  }

  it("shows the code around", () => {
    expect(forbiddenIn("const a = 1;\nconst b = Buffer.from(a);")).to.deep.equal([
      "a global of Node: const a = 1; const b = Buffer.from(a);",
    ]);
  });
});
