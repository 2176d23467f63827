/** Evidence as text: JSON with a version, for files, bug reports and other people. */
import type { Evidence, EvidenceStatement } from "../client/types.js";
import { describeValue, SidelightError } from "../errors.js";
import { isHex } from "../ssz/bytes.js";

/** More than any statement has, in bytes. */
export const MAX_SSZ_BYTES = 262_144;
/** More than any evidence has, in characters. */
const MAX_TEXT = 2_097_152;

const KINDS: readonly string[] = ["head", "finality", "next-committee"];

/** JSON that {@link parseEvidence} takes back, with a line break at the end. */
export function exportEvidence(evidence: Evidence): string {
  return `${JSON.stringify({ format: "sidelight-evidence", ...evidence }, null, 2)}\n`;
}

/**
 * Reads what {@link exportEvidence} gave; also an `equivocation` line of `sidelight follow --json`. Only its form is checked:
 * whether it is true, `verifyEquivocation` tells.
 * @throws EVIDENCE_MALFORMED for anything else
 */
export function parseEvidence(text: string): Evidence {
  if (typeof text !== "string" || text.length > MAX_TEXT) {
    throw malformed("text", `at most ${MAX_TEXT} characters`, describeValue(text));
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed("text", "JSON", `${text.length} characters that do not parse`);
  }
  const { version, kind, network, genesisValidatorsRoot, receivedAtMs, known, received } = recordOf("evidence", value);
  if (version !== 1) throw malformed("version", "1", describeValue(version));
  if (!KINDS.includes(kind as string)) throw malformed("kind", KINDS.join(", "), describeValue(kind));
  if (typeof network !== "string") throw malformed("network", "a name", describeValue(network));
  if (!isHex(genesisValidatorsRoot, 32))
    throw malformed("genesisValidatorsRoot", "0x hex of 32 bytes", describeValue(genesisValidatorsRoot));
  if (!Number.isFinite(receivedAtMs)) throw malformed("receivedAtMs", "a number", describeValue(receivedAtMs));
  return {
    version,
    kind: kind as Evidence["kind"],
    network,
    genesisValidatorsRoot: genesisValidatorsRoot.toLowerCase(),
    receivedAtMs: receivedAtMs as number,
    known: readStatement("known", known),
    received: readStatement("received", received),
  };
}

function readStatement(name: string, value: unknown): EvidenceStatement {
  const { source, slot, root, ssz } = recordOf(name, value);
  if (typeof source !== "string") throw malformed(`${name}.source`, "a name", describeValue(source));
  if (!Number.isSafeInteger(slot) || (slot as number) < 0)
    throw malformed(`${name}.slot`, "a slot", describeValue(slot));
  if (!isHex(root, 32)) throw malformed(`${name}.root`, "0x hex of 32 bytes", describeValue(root));
  if (typeof ssz !== "string" || ssz.length > 2 + 2 * MAX_SSZ_BYTES || !/^0x([0-9a-fA-F]{2})*$/.test(ssz)) {
    throw malformed(`${name}.ssz`, `0x hex of at most ${MAX_SSZ_BYTES} bytes`, describeValue(ssz));
  }
  return { source, slot: slot as number, root: root.toLowerCase(), ssz };
}

function recordOf(name: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw malformed(name, "an object", describeValue(value));
}

function malformed(field: string, expected: string, actual: string): SidelightError<"EVIDENCE_MALFORMED"> {
  const message = `evidence: ${field}: expected ${expected}, got ${actual}`;
  return new SidelightError("EVIDENCE_MALFORMED", message, { field, expected, actual });
}
