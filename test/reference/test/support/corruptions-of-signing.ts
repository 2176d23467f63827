/** Faults in who signed, when, and how. */
import { SIGNATURE_OFF_CURVE, SIGNATURE_OUTSIDE_SUBGROUP } from "../../../support/points.js";
import { bytesHex } from "../../../support/protocol.js";
import { BITS, type Change, type Corruption, changing, editing, isAny, SIGNATURE } from "./corruption.js";
import { SLOTS_PER_PERIOD } from "./feed.js";
import { flipBit, readHex, withValues, zeroes } from "./json-edit.js";

const INFINITY_SIGNATURE = `0xc0${"00".repeat(95)}`;

const ofBits: Corruption[] = [
  { name: "one participant more", expected: "refused", make: editing([BITS], (bits) => changeOneBit(bits, 0)) },
  { name: "one participant fewer", expected: "refused", make: editing([BITS], (bits) => changeOneBit(bits, 1)) },
  { name: "the absent for the present", expected: "refused", make: editing([BITS], inverted) },
  { name: "bits of a larger committee", expected: "refused", make: editing([BITS], (bits) => `${bits}ff`) },
  { name: "bits of a smaller committee", expected: "refused", make: editing([BITS], (bits) => bits.slice(0, -2)) },
  { name: "no participants", expected: "refused", make: editing([BITS], zeroes) },
  {
    name: "no participants, and a signature at infinity",
    expected: "refused",
    make: changing(isAny, ({ data }) => ({
      data: withValues(data, { [BITS]: zeroes(readHex(data, BITS)), [SIGNATURE]: INFINITY_SIGNATURE }),
    })),
  },
];

const ofSignatures: Corruption[] = [
  { name: "a bit of the signature", expected: "refused", make: editing([SIGNATURE], (bytes) => flipBit(bytes, -1)) },
  { name: "the signature negated", expected: "refused", make: editing([SIGNATURE], (bytes) => flipBit(bytes, 0, 5)) },
  { name: "a signature of zero bytes", expected: "refused", make: editing([SIGNATURE], zeroes) },
  { name: "a signature at infinity", expected: "refused", make: editing([SIGNATURE], () => INFINITY_SIGNATURE) },
  {
    name: "a signature off the curve",
    expected: "refused",
    make: editing([SIGNATURE], () => bytesHex(SIGNATURE_OFF_CURVE)),
  },
  {
    name: "a signature outside the subgroup",
    expected: "refused",
    make: editing([SIGNATURE], () => bytesHex(SIGNATURE_OUTSIDE_SUBGROUP)),
  },
];

const ofSlots: Corruption[] = [
  {
    name: "signed in the attested slot",
    expected: "refused",
    make: changing(isAny, ({ data, attestedSlot }) => signedAt(data, attestedSlot)),
  },
  {
    name: "signed before the attested slot",
    expected: "refused",
    make: changing(isAny, ({ data, attestedSlot }) => signedAt(data, attestedSlot - 1)),
  },
  {
    name: "signed in a slot that has not come",
    expected: "refused",
    make: changing(isAny, ({ signatureSlot }) => ({ currentSlot: signatureSlot - 1 })),
  },
  {
    name: "signed a period later",
    expected: "refused",
    // the first two periods have the same committee: both are drawn from the genesis state
    make: changing(
      ({ signatureSlot }) => signatureSlot >= SLOTS_PER_PERIOD,
      ({ data, signatureSlot }) => signedAt(data, signatureSlot + SLOTS_PER_PERIOD),
    ),
  },
  {
    name: "signed two periods later",
    expected: "refused",
    make: changing(isAny, ({ data, signatureSlot }) => signedAt(data, signatureSlot + 2 * SLOTS_PER_PERIOD)),
  },
];

function signedAt(data: unknown, slot: number): Change {
  return { data: withValues(data, { signature_slot: String(slot) }), currentSlot: slot };
}

/** Changes the first bit that has the given value; if none has, any other. */
function changeOneBit(bits: string, value: 0 | 1): string {
  const bytes = Buffer.from(bits.slice(2), "hex");
  for (let i = 0; i < bytes.length * 8; i++) {
    if (((bytes[i >> 3]! >> (i & 7)) & 1) === value) return flipBit(bits, i >> 3, i & 7);
  }
  return flipBit(bits);
}

function inverted(hex: string): string {
  const bytes = Buffer.from(hex.slice(2), "hex");
  return `0x${Buffer.from(bytes.map((byte) => byte ^ 0xff)).toString("hex")}`;
}

export const CORRUPTIONS_OF_SIGNING: readonly Corruption[] = [...ofBits, ...ofSignatures, ...ofSlots];
