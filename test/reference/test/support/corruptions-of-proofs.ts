/** Faults in what Merkle branches prove, or do not. */
import {
  beaconFields,
  type Corruption,
  changing,
  editing,
  executionFields,
  HEADERS,
  hasFinality,
  hasNextCommittee,
  isKind,
} from "./corruption.js";
import { emptied, flipBit, plus, read, withValues, zeroes } from "./json-edit.js";

const BRANCHES = [
  "finality_branch",
  "next_sync_committee_branch",
  ...HEADERS.map((name) => `${name}.execution_branch`),
];
const DEPTHS = [7, 6, 4, 4];

const ofBranches: Corruption[] = BRANCHES.flatMap((branch, i): Corruption[] => [
  {
    name: `a node of ${branch} has one bit wrong`,
    expected: "refused",
    make: editing(
      Array.from({ length: DEPTHS[i]! }, (_, node) => `${branch}.${node}`),
      (node) => flipBit(node, 31),
    ),
  },
  { name: `${branch} upside down`, expected: "refused", make: editing<string[]>([branch], (nodes) => nodes.reverse()) },
  {
    name: `${branch} one node shorter`,
    expected: "refused",
    make: editing<string[]>([branch], (nodes) => nodes.slice(1)),
  },
  {
    name: `${branch} one zero node longer`,
    expected: "refused",
    make: editing<string[]>([branch], (nodes) => [zeroes(nodes[0]!), ...nodes]),
  },
  {
    name: `${branch} emptied, what it proves kept`,
    expected: "refused",
    make: editing<string[]>([branch], (nodes) => nodes.map(zeroes)),
  },
]);

const ofHeaders: Corruption[] = [
  {
    name: "a root in a beacon header has one bit wrong",
    expected: "refused",
    make: editing(beaconFields(["parent_root", "state_root", "body_root"]), (root) => flipBit(root)),
  },
  {
    name: "another proposer",
    expected: "refused",
    make: editing(beaconFields(["proposer_index"]), (index) => plus(index, 1)),
  },
  {
    name: "a header one slot later",
    expected: "refused",
    make: editing(beaconFields(["slot"]), (slot) => plus(slot, 1)),
  },
  {
    name: "a header one slot earlier",
    expected: "refused",
    make: editing(beaconFields(["slot"]), (slot) => plus(slot, -1)),
  },
  {
    name: "a finalized header after the attested one",
    expected: "refused",
    make: editing(["finalized_header.beacon.slot"], (_, { attestedSlot }) => String(attestedSlot + 1)),
  },
  {
    name: "the attested header in place of the finalized one",
    expected: "refused",
    make: editing(["finalized_header"], (_, { data }) => read(data, "attested_header")),
  },
  { name: "an empty attested header", expected: "refused", make: editing(["attested_header"], emptied) },
  {
    name: "other bytes in an execution payload header",
    expected: "refused",
    make: editing(
      executionFields([
        "block_hash",
        "state_root",
        "receipts_root",
        "transactions_root",
        "fee_recipient",
        "logs_bloom",
      ]),
      (bytes) => flipBit(bytes, -1),
    ),
  },
  {
    name: "another number in an execution payload header",
    expected: "refused",
    make: editing(
      executionFields([
        "block_number",
        "gas_used",
        "timestamp",
        "base_fee_per_gas",
        "blob_gas_used",
        "excess_blob_gas",
      ]),
      (value) => plus(value, 1),
    ),
  },
  {
    name: "longer extra data",
    expected: "refused",
    make: editing(executionFields(["extra_data"]), (bytes) => `${bytes}00`),
  },
];

const ofCommittees: Corruption[] = [
  {
    name: "a key of the next committee has one bit wrong",
    expected: "refused",
    make: editing(["next_sync_committee.pubkeys.0", "next_sync_committee.pubkeys.31"], (key) => flipBit(key, -1)),
  },
  {
    name: "the members of the next committee in another order",
    expected: "refused",
    make: editing<string[]>(["next_sync_committee.pubkeys"], ([first, ...others]) => [...others, first]),
  },
  {
    name: "another aggregate key",
    expected: "refused",
    make: editing(["next_sync_committee.aggregate_pubkey"], (_, { data }) =>
      read(data, "next_sync_committee.pubkeys.0"),
    ),
  },
  {
    name: "an empty next committee with a branch",
    expected: "refused",
    make: editing(["next_sync_committee"], emptied),
  },
];

const withoutProof: Corruption[] = [
  {
    name: "a finalized header that nothing proves, with a body root of zero",
    expected: "FINALIZED_HEADER_UNEXPECTED",
    make: changing(isKind("update", "finality"), ({ data, attestedSlot }) => ({
      data: withValues(withoutFinality(data), {
        "finalized_header.beacon.slot": String(attestedSlot),
        "finalized_header.beacon.state_root": `0x${"66".repeat(32)}`,
      }),
    })),
  },
  {
    name: "a next committee that nothing proves, with a first key of zero bytes",
    expected: "NEXT_COMMITTEE_UNEXPECTED",
    make: changing(isKind("update"), ({ data }) => ({
      data: withValues(withoutNextCommittee(data), { "next_sync_committee.pubkeys.1": `0x${"66".repeat(48)}` }),
    })),
  },
  {
    name: "an update without finality",
    expected: "accepted",
    make: changing(
      (item) => hasFinality(item) && isKind("update", "finality")(item),
      ({ data }) => ({ data: withoutFinality(data) }),
    ),
  },
  {
    name: "an update without a next committee",
    expected: "accepted",
    make: changing(hasNextCommittee, ({ data }) => ({ data: withoutNextCommittee(data) })),
  },
];

function withoutFinality(data: unknown): unknown {
  const finalized = emptied(read(data, "finalized_header"));
  return withValues(data, { finality_branch: emptied(read(data, "finality_branch")), finalized_header: finalized });
}

function withoutNextCommittee(data: unknown): unknown {
  return withValues(data, {
    next_sync_committee: emptied(read(data, "next_sync_committee")),
    next_sync_committee_branch: emptied(read(data, "next_sync_committee_branch")),
  });
}

export const CORRUPTIONS_OF_PROOFS: readonly Corruption[] = [
  ...ofBranches,
  ...ofHeaders,
  ...ofCommittees,
  ...withoutProof,
];
