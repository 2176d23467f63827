/**
 * The Ethereum Node Record (EIP-778) of a sidelight that serves: who it is, where, and on which fork. What reads it is
 * `nodeRecord` of `sidelight/transport/libp2p`.
 *
 * Records know no websocket. `tcp` is given the websocket's port, as our own reader takes it; and `multiaddrs`, which Waku's
 * records have (https://github.com/waku-org/specs/blob/master/standards/core/enr.md), says that it is one.
 */
import type { PrivateKey } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { computeEpochAtSlot, forkDigests, forkVersionAtEpoch, slotAtTime } from "../networks/schedule.js";
import type { Network } from "../networks/types.js";
import { keccak256 } from "../proof/keccak.js";
import { decodeRlp, encodeRlp, integerToBytes, type RlpValue } from "../proof/rlp.js";
import { fromHex } from "../ssz/bytes.js";
import { sha256 } from "../ssz/hash.js";

/** EIP-778 */
const MAX_RECORD_BYTES = 300;
const PREFIX = "enr:";
const MAX_UINT64 = 2n ** 64n - 1n;
/** consensus-specs `specs/phase0/beacon-chain.md` */
const FAR_FUTURE_EPOCH = MAX_UINT64;

export type RecordEntries = Readonly<Record<string, Uint8Array>>;

export interface RecordInput {
  readonly network: Network;
  /** Unix time in milliseconds: which fork is in force. */
  readonly nowMs: number;
  /** Where others can come to, as multiaddrs of websockets. */
  readonly addresses: readonly string[];
  readonly privateKey: PrivateKey;
  /** The record that was made before this one, as text. */
  readonly previous: string | null;
}

/**
 * The record, or the previous one where nothing has changed; else its `seq` is one more than that one's.
 *
 * @returns `null` for an identity that no identity scheme is made for (`v4` is secp256k1), and for addresses of names alone
 */
export function recordOf({ network, nowMs, addresses, privateKey, previous }: RecordInput): string | null {
  if (privateKey.type !== "secp256k1") return null;
  const places = placesOf(addresses);
  if (Object.keys(places).length === 0) return null;
  const entries = {
    id: new TextEncoder().encode("v4"),
    secp256k1: privateKey.publicKey.raw,
    ...forkEntries(network, nowMs),
    ...places,
  };
  const seq = previous === null ? null : seqOf(previous);
  if (seq !== null) {
    const same = signRecord(entries, seq, privateKey.raw);
    if (same === previous) return same;
  }
  return signRecord(entries, (seq ?? 0n) + 1n, privateKey.raw);
}

/** Text of a record of scheme `v4`: signatures are deterministic, so that the same content has the same text. */
export function signRecord(entries: RecordEntries, seq: bigint, secretKey: Uint8Array): string {
  const content: RlpValue[] = [integerToBytes(seq)];
  // EIP-778: sorted by key
  for (const key of Object.keys(entries).sort()) content.push(new TextEncoder().encode(key), entries[key]!);
  const hash = keccak256(encodeRlp(content));
  const record = encodeRlp([secp256k1.sign(hash, secretKey, { prehash: false }), ...content]);
  if (record.length > MAX_RECORD_BYTES) {
    throw new RangeError(`expected a record of at most ${MAX_RECORD_BYTES} bytes, got ${record.length}`);
  }
  return PREFIX + Buffer.from(record).toString("base64url");
}

/** `null` for what is no record, and for one that no other can come after. */
function seqOf(text: string): bigint | null {
  try {
    const items = decodeRlp(new Uint8Array(Buffer.from(text.slice(PREFIX.length), "base64url")));
    const seq = items[1];
    if (!(seq instanceof Uint8Array)) return null;
    const value = BigInt(`0x0${Buffer.from(seq).toString("hex")}`);
    return value < MAX_UINT64 ? value : null;
  } catch {
    return null;
  }
}

/**
 * consensus-specs `specs/fulu/p2p-interface.md`, "ENR structure": `eth2` (`ENRForkID`) and `nfd` say what is in force and
 * what comes next, by a fork or by a change of the blob schedule alone; `cgc` that no columns are in our custody.
 */
function forkEntries(network: Network, nowMs: number): RecordEntries {
  const epoch = Math.max(0, computeEpochAtSlot(network, slotAtTime(network, nowMs)));
  const digests = forkDigests(network, sha256);
  const current = digests.findLast((digest) => digest.epoch <= epoch) ?? digests[0]!;
  const next = digests.find((digest) => digest.epoch > epoch);
  const eth2 = Buffer.concat([
    fromHex(current.digest),
    fromHex(forkVersionAtEpoch(network, next?.epoch ?? epoch)),
    uint64(next === undefined ? FAR_FUTURE_EPOCH : BigInt(next.epoch)),
  ]);
  if (network.forks.fulu.epoch === Number.POSITIVE_INFINITY) return { eth2 };
  return { eth2, nfd: next === undefined ? new Uint8Array(4) : fromHex(next.digest), cgc: integerToBytes(0) };
}

function uint64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

interface Place {
  readonly version: "ip4" | "ip6";
  readonly ip: Uint8Array;
  readonly port: number;
  /** Of the multiaddr, without the identity. */
  readonly bytes: Uint8Array;
  readonly reach: Reach;
}

/** Who can come there: everybody, those of one network, this machine alone. The order is that of preference. */
type Reach = 0 | 1 | 2;
const THIS_MACHINE: Reach = 2;
const LOOPBACK = /^(127\.|::1$)/;
/** RFC 1918, RFC 3927, RFC 4193, RFC 4291 */
const PRIVATE = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|f[cd]..:|fe[89ab].:)/;

function reachOf(ip: string): Reach {
  if (LOOPBACK.test(ip)) return THIS_MACHINE;
  return PRIVATE.test(ip) ? 1 : 0;
}

/** Of each version of IP the address of the widest reach; one that leads to this machine alone only where all do. */
function placesOf(addresses: readonly string[]): RecordEntries {
  const places = addresses.flatMap((address) => placeOf(address) ?? []).sort((a, b) => a.reach - b.reach);
  const useful = places.filter(({ reach }) => reach < THIS_MACHINE || places[0]!.reach === THIS_MACHINE);
  const chosen = (["ip4", "ip6"] as const).flatMap(
    (version) => useful.find((place) => place.version === version) ?? [],
  );
  const listed = chosen.flatMap(({ bytes }) => [Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
  const entries: Record<string, Uint8Array> = listed.length === 0 ? {} : { multiaddrs: Buffer.concat(listed) };
  for (const { version, ip, port } of chosen) {
    entries[version === "ip4" ? "ip" : "ip6"] = ip;
    entries[version === "ip4" ? "tcp" : "tcp6"] = integerToBytes(port);
  }
  return entries;
}

/** `null` for an address of a name, which a record has no entry for. */
function placeOf(address: string): Place | null {
  const components = multiaddr(address).getComponents();
  const [host, tcp] = components;
  if ((host?.name !== "ip4" && host?.name !== "ip6") || tcp?.name !== "tcp") return null;
  const { name: version, value = "" } = host;
  const websocket = `/${version}/${value}/tcp/${tcp.value}/ws`;
  return {
    version,
    // behind the code of its protocol, of one byte
    ip: multiaddr(`/${version}/${value}`).bytes.slice(1),
    port: Number(tcp.value),
    bytes: multiaddr(websocket).bytes,
    reach: reachOf(value),
  };
}
