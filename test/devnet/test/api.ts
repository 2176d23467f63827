import type { Devnet, DevnetInfo } from "../src/client.ts";
import { codec, type LightClientObject, type TypeName } from "./verify.ts";

export const PATHS = {
  updates: (start: number, count: number) => `/eth/v1/beacon/light_client/updates?start_period=${start}&count=${count}`,
  bootstrap: (root: string) => `/eth/v1/beacon/light_client/bootstrap/${root}`,
  finality: "/eth/v1/beacon/light_client/finality_update",
  optimistic: "/eth/v1/beacon/light_client/optimistic_update",
};

export const JSON_ONLY = { accept: "application/json" };
export const SSZ_ONLY = { accept: "application/octet-stream" };

export type Versioned = { version: string; data: unknown };
export type Decoded = { version: string; object: LightClientObject };

export async function getJson<T = unknown>(url: string): Promise<T> {
  const response = await fetch(url, { headers: JSON_ONLY });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

export async function getSsz(url: string): Promise<{ version: string | null; bytes: Uint8Array }> {
  const response = await fetch(url, { headers: SSZ_ONLY });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  const version = response.headers.get("eth-consensus-version");
  return { version, bytes: new Uint8Array(await response.arrayBuffer()) };
}

export function decodeJson(type: TypeName, { version, data }: Versioned): Decoded {
  return { version, object: codec(version, type).fromJson(data) };
}

export async function getObject(url: string, type: TypeName): Promise<Decoded> {
  return decodeJson(type, await getJson<Versioned>(url));
}

export async function getUpdates(url: string, start: number, count: number): Promise<Decoded[]> {
  const list = await getJson<Versioned[]>(url + PATHS.updates(start, count));
  return list.map((item) => decodeJson("LightClientUpdate", item));
}

export type Chunk = { digest: string; bytes: Uint8Array };

/** beacon-APIs, `LightClientUpdateResponseChunk`. */
export function splitChunks(bytes: Uint8Array): Chunk[] {
  const chunks: Chunk[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let at = 0; at < bytes.length; ) {
    const length = Number(view.getBigUint64(at, true));
    const payload = bytes.subarray(at + 8, at + 8 + length);
    chunks.push({ digest: Buffer.from(payload.subarray(0, 4)).toString("hex"), bytes: payload.subarray(4) });
    at += 8 + length;
  }
  return chunks;
}

export function periodOf(info: DevnetInfo, slot: number): number {
  return Math.floor(slot / (info.slotsPerEpoch * info.epochsPerSyncCommitteePeriod));
}

/** Public keys of the committee that signs at a slot, from the bootstrap of a block of that period. */
export async function committeeAt(devnet: Devnet, slot: number): Promise<Uint8Array[]> {
  const { info } = devnet;
  const slots = info.slotsPerEpoch * info.epochsPerSyncCommitteePeriod;
  const head = await devnet.head();
  const last = Math.min(head.slot, (periodOf(info, slot) + 1) * slots - 1);
  for (let at = last; at >= periodOf(info, slot) * slots; at--) {
    const truth = await devnet.truth(at);
    if (!truth) continue;
    const { object } = await getObject(devnet.url + PATHS.bootstrap(truth.root), "LightClientBootstrap");
    return object.currentSyncCommittee?.pubkeys ?? [];
  }
  throw new Error(`no block in the period of slot ${slot}`);
}
