import type { ChainForkConfig } from "@lodestar/config";
import { ForkSeq } from "@lodestar/params";
import type { LightClientHeader } from "@lodestar/types";
import { type ForkName, lightClientTypes, type SszType } from "../chain/ssz-types.ts";
import type { BranchName } from "../faults.ts";
import { headerInFork } from "../light-client-data/header.ts";
import type { LightClientItem } from "./result.ts";

type Fields = Record<string, unknown>;

const HEADERS = ["header", "attestedHeader", "finalizedHeader"];
const BRANCHES = ["currentSyncCommitteeBranch", "nextSyncCommitteeBranch", "finalityBranch"];

const JSON_BRANCH: Record<Exclude<BranchName, "execution">, string> = {
  finality: "finality_branch",
  "next-sync-committee": "next_sync_committee_branch",
  "current-sync-committee": "current_sync_committee_branch",
};

/** Adds or removes a node at the end of a branch, where there is one. */
export function editBranchLength(json: unknown, branch: BranchName, delta: 1 | -1): unknown {
  const fields = structuredClone(json) as Fields;
  const edit = (holder: Fields | undefined, name: string): void => {
    const nodes = holder?.[name];
    if (!holder || !Array.isArray(nodes)) return;
    holder[name] = delta > 0 ? [...nodes, `0x${"00".repeat(32)}`] : nodes.slice(0, -1);
  };
  if (branch === "execution") {
    for (const name of ["header", "attested_header"]) edit(fields[name] as Fields | undefined, "execution_branch");
  } else {
    edit(fields, JSON_BRANCH[branch]);
  }
  return fields;
}

/** The value with the fields of another type: same names are taken over, what is missing is empty. */
function pick<T>(type: SszType<T>, value: unknown, fit: (name: string, mine: unknown, theirs: unknown) => unknown): T {
  const target = type.defaultValue() as Fields;
  const source = value as Fields;
  for (const name of Object.keys(target)) {
    if (source[name] !== undefined) target[name] = fit(name, target[name], source[name]);
  }
  return target as T;
}

/** `normalize_merkle_branch` where the branch must grow, and its reverse where it must shrink. */
function fitBranch(depth: number, branch: readonly Uint8Array[]): Uint8Array[] {
  const missing = Math.max(0, depth - branch.length);
  return [
    ...Array.from({ length: missing }, () => new Uint8Array(32)),
    ...branch.slice(branch.length - depth + missing),
  ];
}

function reshapeHeader(config: ChainForkConfig, header: unknown, from: ForkName, to: ForkName): unknown {
  if (ForkSeq[from] < ForkSeq[to]) return headerInFork(config, header as LightClientHeader, from, to);
  return pick(lightClientTypes(to).LightClientHeader, header, (name, mine, theirs) => {
    if (name === "executionBranch") return fitBranch((mine as Uint8Array[]).length, theirs as Uint8Array[]);
    // Fields that the older execution header lacks are dropped by its type when it is written down.
    return theirs;
  });
}

/** The object in the shape of another fork: upgraded as the specification would, or cut down to what fits. */
export function reshapeItem(config: ChainForkConfig, item: LightClientItem, to: ForkName): LightClientItem {
  if (item.fork === to) return item;
  const type = lightClientTypes(to)[item.type] as unknown as SszType<unknown>;
  const data = pick(type, item.data, (name, mine, theirs) => {
    if (HEADERS.includes(name)) return reshapeHeader(config, theirs, item.fork, to);
    if (BRANCHES.includes(name)) return fitBranch((mine as Uint8Array[]).length, theirs as Uint8Array[]);
    return theirs;
  });
  return { ...item, fork: to, data };
}
