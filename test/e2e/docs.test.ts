/** What is shown to users as code is what the built package takes. docs/proofs.md and docs/spec.md have tests that run them. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { ensureBuilt, REPOSITORY } from "./cli/support.ts";

/** What a reader has at hand: of the blocks before, or of his own program. */
const AT_HAND = `
import type { Bls, LightClient, LightClientOptions, Network, Source } from "sidelight";
declare global {
  const client: LightClient;
  const mainnet: Network;
  const options: LightClientOptions;
  const checkpoint: string;
  const sources: Source[];
  const bls: Bls;
  const text: string;
  const root: string;
  const address: string;
  const slot: string;
  const finalized: { execution: { blockNumber: number; stateRoot: string } };
  const createLightClient: typeof import("sidelight").createLightClient;
  const indexedDbStore: typeof import("sidelight/store/indexeddb").indexedDbStore;
  const restSource: typeof import("sidelight/transport/rest").restSource;
  const serveLightClient: typeof import("sidelight/worker").serveLightClient;
  const connectLightClient: typeof import("sidelight/worker").connectLightClient;
  const sidelight: typeof import("../../dist/iife.js");
  const rpc: (method: string, params: unknown[]) => Promise<unknown>;
  const render: (...values: unknown[]) => void;
  const show: typeof render;
  const plot: (...values: (number | null)[]) => void;
  const record: (epoch: import("sidelight/health").EpochValues) => void;
  const report: (error: unknown) => void;
  const upload: (text: string) => void;
  const useStateRoot: (stateRoot: string | null | undefined) => void;
  const importScripts: (url: string) => void;
  const chrome: any;
}
`;
/** As much of it as the blocks use. */
const REACT = `declare module "react" {
  export function useEffect(effect: () => void | (() => void), dependencies: readonly unknown[]): void;
  export function useState<S>(initial: S): [S, (next: S) => void];
}
`;
const CONFIG = {
  extends: "../../tsconfig.base.json",
  compilerOptions: {
    ...{ noEmit: true, lib: ["ES2022", "DOM", "DOM.Iterable"], types: [], jsx: "preserve" },
    // what is shown is short: a list is known to hold what it was asked for, and a block may go on elsewhere
    ...{ noUncheckedIndexedAccess: false, noImplicitAny: false, noUnusedLocals: false, noUnusedParameters: false },
  },
  include: ["."],
};

/** Name and text of each block of code for the library, as a module of its own. */
function blocksOf(path: string): [name: string, code: string][] {
  const text = readFileSync(join(REPOSITORY, path), "utf8");
  return [...text.matchAll(/^```(tsx?|js|html)\n(.*?)^```/gms)].map((match) => {
    const [, language, block] = match as unknown as [string, string, string];
    const script =
      language === "html" ? [...block.matchAll(/<script>\n(.*?)<\/script>/gs)].map(([, code]) => code).join("") : block;
    // what stands for the reader's own
    const code = script.replaceAll("({ ... })", "(options)").replaceAll("{ ..., ", "{ ...options, ");
    const line = text.slice(0, match.index).split("\n").length + 1;
    const name = `${path.replaceAll("/", "_")}_line_${line}.${language === "tsx" ? "tsx" : "ts"}`;
    return [name, `${code}\nexport {};\n`];
  });
}

describe("the code that README and docs show", () => {
  // within the package, where its own name leads to what is built
  const folder = join(REPOSITORY, "dist-test", `docs-${process.pid}`);
  before(() => {
    ensureBuilt();
    mkdirSync(folder, { recursive: true });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("has the names, arguments and types that there are", () => {
    const docs = readdirSync(join(REPOSITORY, "docs")).filter((name) => !["proofs.md", "spec.md"].includes(name));
    const blocks = ["README.md", ...docs.map((name) => `docs/${name}`)].flatMap(blocksOf);
    expect(blocks.length).to.be.at.least(20);
    const files = [
      ...blocks,
      ["at-hand.d.ts", AT_HAND],
      ["react.d.ts", REACT],
      ["tsconfig.json", JSON.stringify(CONFIG)],
    ];
    for (const [name, text] of files) writeFileSync(join(folder, name!), text!);
    const tsc = join(REPOSITORY, "node_modules/typescript/bin/tsc");
    const { stdout, status } = spawnSync(process.execPath, [tsc, "-p", folder], { cwd: folder, encoding: "utf8" });
    expect(stdout).to.equal("");
    expect(status).to.equal(0);
  });
});
