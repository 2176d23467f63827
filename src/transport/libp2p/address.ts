/** Where a peer is: a multiaddr as text, or what a node record says. */
import { peerIdFromString } from "@libp2p/peer-id";
import { CODE_P2P, type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { optionInvalid, type SidelightError } from "../../errors.js";

export interface PeerAddress {
  readonly peerId: string;
  /** One or more, each with the peer's identity at its end. */
  readonly addresses: readonly Multiaddr[];
}

/** What `nodeRecord()` reads in an Ethereum Node Record. */
export interface NodeRecord extends PeerAddress {
  /** `fork_digest` of its `eth2` entry, `0x` hex: what was in force when the record was made. */
  readonly forkDigest: string | null;
}

export interface AddressRules {
  /** May connections be made that anybody on the way can read, delay and cut? */
  readonly allowInsecure: boolean;
  /** Every fork digest of the network, `0x` hex. */
  readonly digests: ReadonlySet<string>;
}

/** @throws OPTION_INVALID */
export function parseAddress(from: string | NodeRecord, { allowInsecure, digests }: AddressRules): PeerAddress {
  const { peerId, addresses, forkDigest } = typeof from === "string" ? parseMultiaddr(from) : from;
  // Past digests count too: a record tells of the fork of its day. `Status` tells of today's.
  if (forkDigest !== null && !digests.has(forkDigest)) {
    throw invalid(`a node with a fork digest of this network (${[...digests].join(", ")})`, forkDigest);
  }
  const usable = addresses.filter((address) => isWebSocket(address) && (allowInsecure || isSecure(address)));
  if (usable.length > 0) return { peerId, addresses: usable };
  const expected = addresses.some(isWebSocket)
    ? "a websocket behind TLS (/tls/ws), or allowInsecure"
    : "an address with a websocket (/ws or /tls/ws)";
  throw invalid(expected, addresses.map(shortly).join(", ") || "none");
}

function parseMultiaddr(text: string): NodeRecord {
  let address: Multiaddr;
  try {
    address = multiaddr(text);
  } catch {
    throw invalid("a multiaddr, or nodeRecord(text)", text);
  }
  const value = address.getComponents().findLast(({ code }) => code === CODE_P2P)?.value;
  // Without it anybody could answer, and blame would have no name.
  if (value === undefined) throw invalid("an address that ends with /p2p/ and the peer's identity", shortly(address));
  return { peerId: readIdentity(value), addresses: [address], forkDigest: null };
}

function readIdentity(text: string): string {
  try {
    return peerIdFromString(text).toString();
  } catch {
    throw invalid("an identity of a key behind /p2p/", text);
  }
}

export function isWebSocket(address: Multiaddr): boolean {
  return address.getComponents().some(({ name }) => name === "ws" || name === "wss");
}

export function isSecure(address: Multiaddr): boolean {
  return address.getComponents().some(({ name }) => name === "tls" || name === "wss");
}

function shortly(address: Multiaddr): string {
  return address
    .getComponents()
    .map(({ name }) => name)
    .join("/");
}

function invalid(expected: string, actual: string): SidelightError<"OPTION_INVALID"> {
  return optionInvalid("peers", expected, actual);
}
