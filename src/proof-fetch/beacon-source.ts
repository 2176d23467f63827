/**
 * A beacon node as a source of proofs: Lodestar's proof routes where it has them, and the Beacon API's states, blocks and
 * headers (https://github.com/ethereum/beacon-APIs). Nothing is trusted.
 */

import { describeValue } from "../errors.js";
import { type CompactMultiproof, decodeCompactMultiproofSsz } from "../proof/compact-multiproof.js";
import { toHex } from "../ssz/bytes.js";
import type { RequestOptions } from "../transport/port.js";
import { createHttpSource, type ProofSourceOptions } from "./http-source.js";

/** Who may have states and blocks. Names and ids are of the Beacon API: a root or a slot. */
export interface BeaconProofSource {
  /** Short and free of credentials: it appears in events and errors. */
  readonly name: string;
  /** The nodes of a state that a compact descriptor asks for. */
  stateProof(stateId: string, descriptor: Uint8Array, options?: RequestOptions): Promise<CompactMultiproof>;
  /** A whole state's SSZ, of at most `maxBytes`. */
  state(stateId: string, maxBytes: number, options?: RequestOptions): Promise<Uint8Array>;
  /** A signed block's SSZ. */
  block(blockId: string, options?: RequestOptions): Promise<Uint8Array>;
  /** `message` of a signed header, as JSON. */
  header(blockId: string, options?: RequestOptions): Promise<unknown>;
}

const MAX_PROOF_BYTES = 1 << 22;
const MAX_BLOCK_BYTES = 1 << 26;
const MAX_HEADER_BYTES = 1 << 14;

/**
 * A beacon node, reached over HTTP. Synchronous and without I/O.
 * @throws OPTION_INVALID
 */
export function beaconProofSource(url: string, options: ProofSourceOptions = {}): BeaconProofSource {
  const http = createHttpSource(url, options);
  return {
    name: http.name,
    async stateProof(stateId, descriptor, call) {
      const words = "state proof";
      const route = `/eth/v0/beacon/proof/state/${stateId}`;
      const query = `format=${toHex(descriptor)}`;
      const accept = "application/octet-stream";
      const bytes = await http.send({ words, route, query, accept, maxBytes: MAX_PROOF_BYTES }, call);
      return isJson(bytes) ? jsonProof(bytes, http.invalid.bind(null, words)) : decodeCompactMultiproofSsz(bytes);
    },
    async state(stateId, maxBytes, call) {
      const route = `/eth/v2/debug/beacon/states/${stateId}`;
      // so much takes its time
      const timeouts = 60;
      return http.send({ words: "state", route, accept: "application/octet-stream", maxBytes, timeouts }, call);
    },
    async block(blockId, call) {
      const route = `/eth/v2/beacon/blocks/${blockId}`;
      return http.send({ words: "block", route, accept: "application/octet-stream", maxBytes: MAX_BLOCK_BYTES }, call);
    },
    async header(blockId, call) {
      const route = `/eth/v1/beacon/headers/${blockId}`;
      const answer = await http.sendForJson({ words: "header", route, maxBytes: MAX_HEADER_BYTES }, call);
      const message = (answer as { data?: { header?: { message?: unknown } } } | null)?.data?.header?.message;
      if (message === undefined) throw http.invalid("header", "a signed header", describeValue(answer));
      return message;
    },
  };
}

/** Nodes that were asked for SSZ may answer JSON all the same. SSZ of a proof begins with the offset 8. */
function isJson(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7b;
}

function jsonProof(bytes: Uint8Array, invalid: (expected: string, actual: string) => Error): CompactMultiproof {
  try {
    const { data } = JSON.parse(new TextDecoder().decode(bytes)) as { data: CompactMultiproof };
    // what they are is looked at when they are verified
    return { descriptor: data.descriptor, leaves: data.leaves };
  } catch {
    throw invalid("a compact multiproof", `${bytes.length} bytes`);
  }
}
