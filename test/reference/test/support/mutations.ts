/** Random faults: in JSON one value at a time, in SSZ bits and lengths. */

import type { LightClientFork } from "../../../../src/networks/types.js";
import type { Types } from "../../../../src/spec/index.js";
import { decodeJson } from "../../../../src/ssz/json.js";
import type { SszType } from "../../../../src/ssz/type.js";
import { type JsonNode, jsonLeaves, withoutValueAt, withValueAt } from "../../../support/json-paths.js";
import type { Item, SentObject } from "../../src/client.js";
import type { FeedItem } from "./feed.js";
import type { Random } from "./random.js";

export interface Mutant extends Item {
  /** What was done, for a failure to say. */
  readonly mutation: string;
}

const OBJECTS = {
  update: "LightClientUpdate",
  finality: "LightClientFinalityUpdate",
  optimistic: "LightClientOptimisticUpdate",
} as const;

/** An item with one fault, sometimes two. */
export function mutate(types: Types, item: FeedItem, random: Random): Mutant {
  const { kind, currentSlot } = item;
  const mutations: string[] = [];
  const note = (mutation: string) => mutations.push(mutation);
  const count = random.below(5) === 0 ? 2 : 1;
  const object =
    random.below(2) === 0 ? mutateJson(item, count, random, note) : mutateSsz(types, item, count, random, note);
  return { kind, object, currentSlot, keep: false, mutation: mutations.join(", ") };
}

function mutateJson(
  { object, data }: FeedItem,
  count: number,
  random: Random,
  note: (text: string) => void,
): SentObject {
  let changed = data;
  for (let i = 0; i < count; i++) {
    const leaves = jsonLeaves(changed);
    const leaf = pickLeaf(leaves, random);
    const action = random.below(40);
    if (action === 0) {
      changed = withoutValueAt(changed, leaf.keys);
      note(`${leaf.path} left out`);
      continue;
    }
    const value =
      action === 1 ? random.pick([null, "", {}, [], 0, "0x"]) : otherValue(String(leaf.value), leaves, random);
    changed = withValueAt(changed, leaf.keys, value);
    note(`${leaf.path} = ${JSON.stringify(value)}`);
  }
  return { encoding: "json", fork: object.fork, text: JSON.stringify(changed) };
}

/** First a field, then one of its values: or nearly every mutation would be one of a committee's keys. */
function pickLeaf(leaves: readonly JsonNode[], random: Random): JsonNode {
  const fieldOf = ({ path }: JsonNode) => path.replace(/\[\d+\]/g, "");
  const field = random.pick([...new Set(leaves.map(fieldOf))]);
  return random.pick(leaves.filter((leaf) => fieldOf(leaf) === field));
}

function otherValue(value: string, leaves: readonly JsonNode[], random: Random): string {
  if (!value.startsWith("0x")) {
    const near = BigInt(value) + BigInt(random.pick([-64, -8, -1, 1, 2, 8, 64]));
    return random.pick([String(near), String(random.below(2 ** 31)), "0", "9007199254740993", "18446744073709551615"]);
  }
  const bytes = Buffer.from(value.slice(2), "hex");
  const action = random.below(10);
  if (action === 0) return value.slice(0, -2);
  if (action === 1) return `${value}00`;
  if (action === 2) return `0x${"00".repeat(bytes.length)}`;
  if (action === 3) {
    const others = leaves.map((leaf) => String(leaf.value)).filter((other) => other.length === value.length);
    return random.pick(others);
  }
  flip(bytes, random);
  return `0x${bytes.toString("hex")}`;
}

function mutateSsz(
  types: Types,
  { kind, object, data }: FeedItem,
  count: number,
  random: Random,
  note: (text: string) => void,
): SentObject {
  const { fork } = object;
  const type = types.forks[fork as LightClientFork][OBJECTS[kind]];
  // the union of the forks' containers has no common type of values
  const value = decodeJson(type as SszType<unknown>, data, { object: kind, fork });
  let bytes = Buffer.from(type.serialize(value as never));
  for (let i = 0; i < count; i++) {
    const action = random.below(20);
    if (action === 0) {
      bytes = bytes.subarray(0, random.below(bytes.length));
      note(`cut to ${bytes.length} bytes`);
    } else if (action === 1) {
      bytes = Buffer.concat([bytes, Buffer.alloc(1 + random.below(40), random.below(256))]);
      note(`filled up to ${bytes.length} bytes`);
    } else if (bytes.length > 0) {
      note(`bit ${flip(bytes, random)} of ${bytes.length} bytes`);
    }
  }
  return { encoding: "ssz", fork, hex: `0x${bytes.toString("hex")}` };
}

/** Flips a bit in place and says which. */
function flip(bytes: Buffer, random: Random): string {
  if (bytes.length === 0) return "none";
  const index = random.below(bytes.length);
  const bit = random.below(8);
  bytes[index]! ^= 1 << bit;
  return `${index}.${bit}`;
}
