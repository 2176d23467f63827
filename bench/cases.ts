/** Signatures to verify: of each update, the committee that signed it and what it signed. */
import type { Bls } from "../src/bls/port.js";
import {
  type Chain,
  computeSyncCommitteeSigningRoot,
  createChain,
  decodeBootstrap,
  decodeUpdate,
  initializeLightClientStore,
  type LightClientStore,
  type LightClientUpdate,
  type SyncCommittee,
} from "../src/spec/index.js";
import { beaconHeaderRoot } from "../src/ssz/roots.js";
import type { BenchData } from "./data.js";

export interface SignatureCase {
  readonly committee: SyncCommittee;
  readonly update: LightClientUpdate;
  readonly participants: readonly number[];
  readonly signingRoot: Uint8Array;
  readonly signature: Uint8Array;
}

export interface Start {
  readonly chain: Chain;
  readonly store: LightClientStore;
}

export function startFrom({ network, bootstrap }: BenchData, bls: Bls): Start {
  const chain = createChain(network, bls);
  const decoded = decodeBootstrap(chain, { encoding: "json", ...bootstrap });
  const root = beaconHeaderRoot(chain.types, decoded.header.beacon);
  return { chain, store: initializeLightClientStore(chain, root, decoded) };
}

export function decodeLine(chain: Chain, line: string): LightClientUpdate {
  const { version, data } = JSON.parse(line) as { version: string; data: unknown };
  return decodeUpdate(chain, { encoding: "json", value: data, fork: version });
}

/** Cases of the lines from `from` to before `to`: the update of a period is signed by the committee of that period. */
export function signatureCases({ chain, store }: Start, data: BenchData, from: number, to: number): SignatureCase[] {
  const first = from === 0 ? store.currentSyncCommittee : decodeLine(chain, data.lines[from - 1]!).nextSyncCommittee!;
  let committee = first;
  return data.lines.slice(from, to).map((line) => {
    const update = decodeLine(chain, line);
    const signedBy = committee;
    committee = update.nextSyncCommittee!;
    return caseOf(chain, update, signedBy);
  });
}

function caseOf(chain: Chain, update: LightClientUpdate, committee: SyncCommittee): SignatureCase {
  const { syncCommitteeBits, syncCommitteeSignature } = update.syncAggregate;
  return {
    committee,
    update,
    participants: syncCommitteeBits.getTrueBitIndexes(),
    signingRoot: computeSyncCommitteeSigningRoot(chain, update.attestedHeader.beacon, update.signatureSlot),
    signature: syncCommitteeSignature,
  };
}

/** Up to `count` cases whose number of participants is the nearest to the one asked for. */
export function casesNear(start: Start, data: BenchData, participants: number, count: number): SignatureCase[] {
  const byDistance = data.lines
    .map((line, index) => ({ index, distance: Math.abs(participantsOf(line) - participants) }))
    .filter(({ index }) => index > 0)
    .sort((a, b) => a.distance - b.distance);
  return byDistance.slice(0, count).map(({ index }) => signatureCases(start, data, index, index + 1)[0]!);
}

/** Without decoding all of the line. */
function participantsOf(line: string): number {
  const bits = /"sync_committee_bits":"0x([0-9a-f]+)"/i.exec(line)?.[1] ?? "";
  let count = 0;
  for (const digit of bits) for (let n = Number.parseInt(digit, 16); n > 0; n &= n - 1) count++;
  return count;
}

/** A committee that no backend has seen: handles are kept by the object. */
export function unseen({ pubkeys, aggregatePubkey }: SyncCommittee): SyncCommittee {
  return { pubkeys, aggregatePubkey };
}
