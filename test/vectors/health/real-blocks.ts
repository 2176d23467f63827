/** Real blocks of public networks, and their second reading by `@lodestar/types` in a process of its own. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { toHex } from "../../../src/ssz/bytes.js";
import { listFiles, readBytes, readJson } from "../data-folder.js";

export interface RealBlock {
  readonly path: string;
  readonly network: "mainnet" | "sepolia";
  readonly fork: string;
  readonly json?: unknown;
  readonly ssz?: string;
}

export interface ReadBlock {
  readonly root: string;
  readonly slot: number;
  readonly parentRoot: string;
  readonly ssz: string;
  readonly proposerSlashings: number;
  readonly attesterSlashings: number;
  readonly syncBits: string;
  readonly votes: readonly { seat: string; slot: number; head: string; target: string; source: string }[];
}

const BEACON_DATA = "blocks/portal-headers-with-proof/beacon_data";
const DEVNET = fileURLToPath(new URL("../../devnet", import.meta.url));

export function listRealBlocks(): RealBlock[] {
  const json = (path: string, fork: string, network: RealBlock["network"] = "mainnet"): RealBlock => {
    const value = readJson(path) as { data?: unknown };
    return { path, network, fork, json: value.data ?? value };
  };
  return [
    ...listFiles("blocks/mainnet-bellatrix").map((path) => ssz(path, "bellatrix")),
    ...listFiles("blocks/mainnet-capella").map((path) => json(path, "capella")),
    ...listFiles("blocks/mainnet-deneb").map((path) => json(path, "deneb")),
    ...listFiles("blocks/sepolia-deneb").map((path) => json(path, "deneb", "sepolia")),
    ...listFiles(BEACON_DATA)
      .filter((path) => path.endsWith("/block.ssz"))
      .map((path) => ssz(path, forkOfExecutionBlock(Number(path.split("/").at(-2))))),
  ];
}

function ssz(path: string, fork: string): RealBlock {
  return { path, network: "mainnet", fork, ssz: toHex(readBytes(path)) };
}

/** First execution blocks of Capella and Deneb. */
function forkOfExecutionBlock(number: number): string {
  if (number >= 19_426_587) return "deneb";
  return number >= 17_034_870 ? "capella" : "bellatrix";
}

export function readWithLodestar(blocks: readonly RealBlock[]): ReadBlock[] {
  const input = blocks.map(({ fork, json, ssz: bytes }) => JSON.stringify({ fork, json, ssz: bytes })).join("\n");
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--import", "tsx", "src/read-blocks.ts"], {
    cwd: DEVNET,
    input,
    encoding: "utf8",
    maxBuffer: 2 ** 30,
    env: { ...process.env, LODESTAR_PRESET: "mainnet", NODE_OPTIONS: "", NODE_V8_COVERAGE: "" },
  });
  if (status !== 0) throw new Error(`read-blocks.ts: exit ${status}\n${stderr}`);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as ReadBlock);
}
