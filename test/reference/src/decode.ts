/** Objects as a server sends them to the reference's own values, by its own containers. */
import { ForkName, isForkPostAltair } from "@lodestar/params";
import {
  type LightClientBootstrap,
  type LightClientFinalityUpdate,
  type LightClientOptimisticUpdate,
  type LightClientUpdate,
  sszTypesFor,
} from "@lodestar/types";
import type { SentObject } from "./protocol.js";

export interface Decoded {
  bootstrap: LightClientBootstrap;
  update: LightClientUpdate;
  finality: LightClientFinalityUpdate;
  optimistic: LightClientOptimisticUpdate;
}

const OBJECTS = {
  bootstrap: "LightClientBootstrap",
  update: "LightClientUpdate",
  finality: "LightClientFinalityUpdate",
  optimistic: "LightClientOptimisticUpdate",
} as const;

/** What decoding needs of a container, whichever fork's it is. */
interface Container {
  fromJson(json: unknown): unknown;
  deserialize(bytes: Uint8Array): unknown;
}

export function decode<K extends keyof Decoded>(kind: K, object: SentObject): Decoded[K] {
  const fork = object.fork as ForkName;
  if (!Object.values(ForkName).includes(fork) || !isForkPostAltair(fork)) throw new Error(`unknown fork ${fork}`);
  const container: Container = sszTypesFor(fork)[OBJECTS[kind]];
  const value =
    object.encoding === "json"
      ? container.fromJson(JSON.parse(object.text))
      : container.deserialize(new Uint8Array(Buffer.from(object.hex.slice(2), "hex")));
  return value as Decoded[K];
}
