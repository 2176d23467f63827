/**
 * Ethereum Node Records (EIP-778) as far as a dialer needs them: who it is, where, and on which fork.
 *
 * The signature is not checked: the connection proves who the peer is (noise), and its `Status` which fork it follows. A
 * forged record leads nowhere.
 */
import { publicKeyFromRaw } from "@libp2p/crypto/keys";
import { peerIdFromPublicKey } from "@libp2p/peer-id";
import { CODE_P2P, type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { SidelightError } from "../../errors.js";
import { decodeRlp, type RlpValue } from "../../proof/rlp.js";
import { toHex } from "../../ssz/bytes.js";
import type { NodeRecord } from "./address.js";

/** EIP-778 */
const MAX_RECORD_BYTES = 300;
/** consensus-specs `specs/phase0/p2p-interface.md`, `ENRForkID`. */
const ENR_FORK_ID_BYTES = 16;
const MULTIADDR_LENGTH_BYTES = 2;

/**
 * A node record (`enr:…`), for the option `peers` of `createPeers`; apart so that only those pay for it who have one.
 *
 * @throws OPTION_INVALID for what is no record of a node with an identity of scheme v4
 */
export function nodeRecord(text: string): NodeRecord {
  if (typeof text !== "string" || !text.startsWith("enr:")) throw invalid("text that begins with enr:", "other");
  const entries = entriesOf(text);
  if (decodeText(entries.get("id")) !== "v4") throw invalid("an identity scheme v4", decodeText(entries.get("id")));
  const key = entries.get("secp256k1");
  if (key?.length !== 33) throw invalid("a public key of 33 bytes", `${key?.length ?? 0}`);
  const peerId = readKey(key);
  const fork = entries.get("eth2");
  if (fork !== undefined && fork.length !== ENR_FORK_ID_BYTES) {
    throw invalid(`eth2: ${ENR_FORK_ID_BYTES} bytes`, `${fork.length}`);
  }
  const listed = entries.get("multiaddrs");
  const told = [...(listed === undefined ? [] : readMultiaddrs(listed)), ...readEndpoints(entries)];
  const addresses = told.map((address) => withIdentity(address, peerId));
  return {
    peerId,
    // many tell of one place in both ways
    addresses: addresses.filter((address, at) => addresses.findIndex((other) => other.equals(address)) === at),
    forkDigest: fork === undefined ? null : toHex(fork.subarray(0, 4)),
  };
}

/** `[signature, seq, k, v, …]`, keys in order and each once. */
function entriesOf(text: string): Map<string, Uint8Array> {
  const items = decode(text);
  if (!Array.isArray(items) || items.length < 2 || items.length % 2 !== 0) throw invalid("pairs", "another list");
  const entries = new Map<string, Uint8Array>();
  let last = "";
  for (let i = 2; i < items.length; i += 2) {
    const [key, value] = [decodeText(items[i]), items[i + 1]];
    if (i > 2 && key <= last) throw invalid("keys in order, each once", "another order");
    last = key;
    // values of other keys may be lists
    if (value instanceof Uint8Array) entries.set(key, value);
  }
  return entries;
}

function decode(text: string): RlpValue {
  const bytes = fromBase64Url(text.slice("enr:".length));
  try {
    return decodeRlp(bytes, { maxBytes: MAX_RECORD_BYTES, maxDepth: 4, maxItems: 200 });
  } catch (error) {
    throw invalid("RLP", (error as Error).message);
  }
}

function fromBase64Url(text: string): Uint8Array {
  if (!/^[\w-]{1,410}$/.test(text)) throw invalid("base64 for URLs, of 300 bytes at most", "something else");
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  } catch {
    throw invalid("base64 for URLs", "something else");
  }
}

function readKey(key: Uint8Array): string {
  try {
    return peerIdFromPublicKey(publicKeyFromRaw(key)).toString();
  } catch {
    throw invalid("a point of secp256k1", "something else");
  }
}

/**
 * The entry `multiaddrs` of Waku's records (lengths of two bytes before each address): the one way to tell of a websocket
 * and of a name that has a certificate.
 */
function readMultiaddrs(bytes: Uint8Array): Multiaddr[] {
  const addresses: Multiaddr[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const start = at + MULTIADDR_LENGTH_BYTES;
    const length = start <= bytes.length ? view.getUint16(at) : Number.POSITIVE_INFINITY;
    if (start + length > bytes.length) throw invalid("multiaddrs: whole addresses", "less");
    try {
      addresses.push(multiaddr(bytes.slice(start, start + length)));
    } catch {
      // of a protocol that nobody here speaks
    }
    at = start + length;
  }
  return addresses;
}

/** Some nodes answer websockets on their TCP port. */
function readEndpoints(entries: ReadonlyMap<string, Uint8Array>): Multiaddr[] {
  const [ip4, ip6, tcp] = [entries.get("ip"), entries.get("ip6"), entries.get("tcp")];
  const tcp6 = entries.get("tcp6") ?? tcp;
  return [
    ...(ip4?.length === 4 && tcp !== undefined ? [`/ip4/${ip4.join(".")}/tcp/${readPort(tcp)}/ws`] : []),
    ...(ip6?.length === 16 && tcp6 !== undefined ? [`/ip6/${writeIp6(ip6)}/tcp/${readPort(tcp6)}/ws`] : []),
  ].map((text) => multiaddr(text));
}

function readPort(bytes: Uint8Array): number {
  return bytes.length <= 2 ? bytes.reduce((port, byte) => port * 256 + byte, 0) : 0;
}

function writeIp6(bytes: Uint8Array): string {
  return Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! * 256 + bytes[2 * i + 1]!).toString(16)).join(":");
}

function withIdentity(address: Multiaddr, peerId: string): Multiaddr {
  const last = address.getComponents().findLast(({ code }) => code === CODE_P2P);
  if (last === undefined) return address.encapsulate(`/p2p/${peerId}`);
  if (last.value !== peerId) throw invalid(`addresses of ${peerId}`, `one of ${last.value}`);
  return address;
}

function decodeText(value: RlpValue | undefined): string {
  return value instanceof Uint8Array ? String.fromCharCode(...value.subarray(0, 64)) : "";
}

function invalid(expected: string, actual: string): SidelightError<"OPTION_INVALID"> {
  const shown = actual === "" ? "none" : actual;
  return new SidelightError("OPTION_INVALID", `nodeRecord: expected ${expected}, got ${shown}`, {
    option: "record",
    expected,
    actual: shown,
  });
}
