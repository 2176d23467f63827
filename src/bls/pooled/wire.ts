/**
 * A batch as one buffer, which is handed over and not copied. Of each committee only the keys that verifying needs:
 * those of the present, or of the absent and the aggregate, whichever are fewer.
 *
 * An item: members (uint16 LE), bits, `Bytes32` root, `Bytes96` signature, then the keys in the members' order, the
 * aggregate first.
 */

import { SIGNATURE_FAULTS, type SignatureFault } from "../../errors.js";
import { BitArray } from "../../ssz/bit-array.js";
import type { SyncCommittee } from "../../ssz/objects.js";
import type { SyncAggregateItem } from "../port.js";

const ROOT_BYTES = 32;
const SIGNATURE_BYTES = 96;
const KEY_BYTES = 48;
/** What the members' number is written in. */
const SIZE_BYTES = 2;

/** An item as a worker gets it: members whose key is not needed have one of no bytes. */
export interface ReceivedItem extends Omit<SyncAggregateItem, "committee"> {
  readonly committee: SyncCommittee;
}

const NO_KEY = /*#__PURE__*/ new Uint8Array(0);

/** Marks messages as ours: a port may carry others. */
const MARK = "sidelight-bls";

/** To a worker. */
export interface BatchMessage {
  readonly type: typeof MARK;
  readonly id: number;
  readonly batch: ArrayBuffer;
}

/** From a worker: a verdict, or why there is none. */
export interface VerdictMessage {
  readonly type: typeof MARK;
  readonly id: number;
  readonly fault?: SignatureFault | null;
  readonly error?: string;
}

export function batchMessage(id: number, batch: ArrayBuffer): BatchMessage {
  return { type: MARK, id, batch };
}

export function verdictMessage(id: number, verdict: Pick<VerdictMessage, "fault" | "error">): VerdictMessage {
  return { type: MARK, id, ...verdict };
}

/** Is a message for us at all? Whether it is well-formed is another question. */
export function isOurs(message: unknown): message is Record<string, unknown> {
  return typeof message === "object" && message !== null && (message as { type?: unknown }).type === MARK;
}

export function isVerdict(message: Record<string, unknown>): message is Record<string, unknown> & VerdictMessage {
  const { id, fault, error } = message;
  if (!Number.isSafeInteger(id)) return false;
  return typeof error === "string" || fault === null || SIGNATURE_FAULTS.includes(fault as SignatureFault);
}

/** `null` for what is not of the usual lengths: that is verified where it is. */
export function encodeBatch(items: readonly SyncAggregateItem[]): ArrayBuffer | null {
  const parts: Uint8Array[] = [];
  for (const { committee, bits, signingRoot, signature } of items) {
    const { pubkeys } = committee.committee;
    if (bits.bitLen !== pubkeys.length || pubkeys.length > 0xffff) return null;
    if (signingRoot.length !== ROOT_BYTES || signature.length !== SIGNATURE_BYTES) return null;
    const keys = neededKeys(committee.committee, bits);
    if (keys.some((key) => key.length !== KEY_BYTES)) return null;
    parts.push(Uint8Array.of(pubkeys.length & 0xff, pubkeys.length >> 8), bits.uint8Array, signingRoot, signature);
    parts.push(...keys);
  }
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes.buffer;
}

/** @throws Error when the bytes are no batch */
export function decodeBatch(buffer: ArrayBuffer): ReceivedItem[] {
  const bytes = new Uint8Array(buffer);
  const items: ReceivedItem[] = [];
  let offset = 0;

  function next(length: number): Uint8Array {
    if (offset + length > bytes.length) throw new Error(`a batch of ${bytes.length} bytes that ends within an item`);
    offset += length;
    return bytes.subarray(offset - length, offset);
  }

  while (offset < bytes.length) {
    const [low, high] = next(SIZE_BYTES);
    const size = low! + (high! << 8);
    const bits = new BitArray(next(Math.ceil(size / 8)), size);
    const signingRoot = next(ROOT_BYTES);
    const signature = next(SIGNATURE_BYTES);
    const isSubtracted = subtractsAbsent(bits);
    const aggregatePubkey = isSubtracted ? next(KEY_BYTES) : NO_KEY;
    const pubkeys = Array.from({ length: size }, (_, i) => (bits.get(i) === isSubtracted ? NO_KEY : next(KEY_BYTES)));
    items.push({ committee: { pubkeys, aggregatePubkey }, bits, signingRoot, signature });
  }
  return items;
}

/** Are the participants' keys added up by subtracting the others from all? As every backend does it. */
function subtractsAbsent(bits: BitArray): boolean {
  return bits.getTrueBitIndexes().length * 2 > bits.bitLen;
}

function neededKeys({ pubkeys, aggregatePubkey }: SyncCommittee, bits: BitArray): Uint8Array[] {
  const isSubtracted = subtractsAbsent(bits);
  const keys = pubkeys.filter((_, i) => bits.get(i) !== isSubtracted);
  return isSubtracted ? [aggregatePubkey, ...keys] : keys;
}
