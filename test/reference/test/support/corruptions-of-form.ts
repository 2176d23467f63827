/** Other forms of the same object: shapes of other forks, claims of other forks, other JSON. */
import type { LightClientFork } from "../../../../src/networks/types.js";
import { isAtLeast } from "../../../support/protocol.js";
import {
  BITS,
  beaconFields,
  type Corruption,
  changing,
  editing,
  HEADERS,
  isAny,
  isKind,
  SIGNATURE,
} from "./corruption.js";
import { type FeedItem, FORKS } from "./feed.js";
import { emptyExecution, read, without, withValues, zeroBytes } from "./json-edit.js";

const forkOf = ({ object }: FeedItem) => object.fork as LightClientFork;
const isBefore = (fork: LightClientFork) => (item: FeedItem) => !isAtLeast(forkOf(item), fork);
const isCapella = (item: FeedItem) => forkOf(item) === "capella";

/** The same, as a server would send it that has moved on to Capella or Deneb. */
function inShape(item: FeedItem, shape: "capella" | "deneb"): unknown {
  return HEADERS.filter((header) => read(item.data, header) !== undefined).reduce<unknown>((data, header) => {
    const own = read(data, `${header}.execution`);
    const { execution, execution_branch } = emptyExecution(shape);
    if (own === undefined)
      return withValues(data, { [header]: { ...(read(data, header) as object), execution, execution_branch } });
    return withValues(data, { [`${header}.execution`]: { ...execution, ...own } });
  }, item.data);
}

/** The same, as a server would send it that has moved on to Electra: deeper branches, with a zero node in front. */
function inShapeOfElectra(item: FeedItem): unknown {
  const data = inShape(item, "deneb");
  const branches = ["finality_branch", "next_sync_committee_branch"].filter((path) => read(data, path) !== undefined);
  const deeper = (path: string) => [zeroBytes(32), ...(read(data, path) as string[])];
  return withValues(data, Object.fromEntries(branches.map((path) => [path, deeper(path)])));
}

/** Forks whose containers are the same; Electra's differ from Deneb's only in the depth of branches in the state. */
function hasSameShape(item: FeedItem, fork: string): boolean {
  const groups =
    item.kind === "optimistic"
      ? [["altair", "bellatrix"], ["capella"], ["deneb", "electra", "fulu"]]
      : [["altair", "bellatrix"], ["capella"], ["deneb"], ["electra", "fulu"]];
  return groups.some((forks) => forks.includes(fork) && forks.includes(forkOf(item)));
}

const ofShape: Corruption[] = [
  {
    name: "the shape of Capella, before it",
    expected: "accepted",
    make: changing(isBefore("capella"), (item) => ({ fork: "capella", data: inShape(item, "capella") })),
  },
  {
    name: "the shape of Deneb, before it",
    expected: "accepted",
    make: changing(isBefore("deneb"), (item) => ({ fork: "deneb", data: inShape(item, "deneb") })),
  },
  {
    name: "the shape of Electra, before it",
    expected: "same",
    make: changing(
      (item) => isBefore("electra")(item) && isKind("update", "finality")(item),
      (item) => ({ fork: "electra", data: inShapeOfElectra(item) }),
    ),
  },
  {
    name: "the shape of Capella for a header of Deneb without blobs",
    expected: "same",
    make: changing(
      (item) => hasSameShape(item, "deneb"),
      () => ({ fork: "capella" }),
    ),
  },
  {
    name: "an execution payload header before Capella",
    expected: "refused",
    make: changing(isBefore("capella"), (item) => ({
      fork: "capella",
      data: withValues(inShape(item, "capella"), { "attested_header.execution.block_number": "1" }),
    })),
  },
  {
    name: "an execution branch before Capella",
    expected: "refused",
    make: changing(isBefore("capella"), (item) => ({
      fork: "capella",
      data: withValues(inShape(item, "capella"), { "attested_header.execution_branch.0": `0x${"01".repeat(32)}` }),
    })),
  },
  {
    name: "blob gas before Deneb",
    expected: "refused",
    make: changing(isCapella, (item) => ({
      fork: "deneb",
      data: withValues(inShape(item, "deneb"), { "attested_header.execution.blob_gas_used": "1" }),
    })),
  },
  {
    name: "blob gas before Capella",
    expected: "EXECUTION_UNEXPECTED",
    make: changing(isBefore("capella"), (item) => ({
      fork: "deneb",
      data: withValues(inShape(item, "deneb"), { "attested_header.execution.blob_gas_used": "1" }),
    })),
  },
  {
    name: "the name of a fork with the same shape",
    expected: "accepted",
    make: (item) => FORKS.filter((fork) => hasSameShape(item, fork)).map((fork) => ({ fork })),
  },
  {
    name: "the name of a fork with another shape",
    expected: "refused",
    make: (item) =>
      FORKS.filter((fork) => !hasSameShape(item, fork))
        .filter((fork) => !(fork === "capella" && hasSameShape(item, "deneb")))
        .map((fork) => ({ fork })),
  },
  {
    name: "the name of no fork with light-client data",
    expected: "refused",
    make: () => ["phase0", "", "gargamel"].map((fork) => ({ fork })),
  },
];

const NUMBERS = ["signature_slot", ...beaconFields(["slot"])];
const BYTES = [BITS, SIGNATURE, ...beaconFields(["state_root"])];

const ofJson: Corruption[] = [
  { name: "nothing changed", expected: "accepted", make: () => [{}] },
  {
    name: "a field that nobody knows",
    expected: "accepted",
    make: changing(isAny, ({ data }) => ({ data: { ...(data as object), unknown: "1" } })),
  },
  {
    name: "hex in capitals",
    expected: "accepted",
    make: editing(BYTES, (hex) => `0x${hex.slice(2).toUpperCase()}`),
  },
  {
    name: "a missing field",
    expected: "refused",
    make: ({ data }) => Object.keys(data as object).map((field) => ({ data: without(data, field) })),
  },
  { name: "a number for a decimal string", expected: "DECODE_FAILED", make: editing(NUMBERS, Number) },
  {
    name: "a decimal string with something behind it",
    expected: "DECODE_FAILED",
    make: editing(NUMBERS, (slot) => `${slot} or so`),
  },
  { name: "hex without 0x", expected: "DECODE_FAILED", make: editing(BYTES, (hex) => hex.slice(2)) },
];

export const CORRUPTIONS_OF_FORM: readonly Corruption[] = [...ofShape, ...ofJson];
