import { bestSignedBlock } from "../chain/chain.ts";
import type { ChainEntry } from "../chain/entry.ts";
import type { LightClientTypeName } from "../chain/ssz-types.ts";
import {
  createBootstrap,
  createUpdate,
  toFinalityUpdate,
  toOptimisticUpdate,
  type Versioned,
} from "../light-client-data/updates.ts";
import { badRequest, type LightClientItem, notFound, type Result, type View } from "./result.ts";

/** specs/altair/light-client/p2p-interface.md, MAX_REQUEST_LIGHT_CLIENT_UPDATES. */
const MAX_UPDATES = 128;

function toItem(type: LightClientTypeName, { fork, slot, data }: Versioned<unknown>): LightClientItem {
  return { type, fork, slot, data };
}

export function updateItem({ chain }: View, signed: ChainEntry): LightClientItem {
  return toItem("LightClientUpdate", createUpdate(chain.config, signed, chain.get));
}

export function finalityItem({ chain }: View, signed: ChainEntry): LightClientItem {
  return toItem("LightClientFinalityUpdate", toFinalityUpdate(createUpdate(chain.config, signed, chain.get)));
}

export function optimisticItem({ chain }: View, signed: ChainEntry): LightClientItem {
  return toItem("LightClientOptimisticUpdate", toOptimisticUpdate(createUpdate(chain.config, signed, chain.get)));
}

/** Any block that is known, from Altair on: a devnet has no reason to forget. */
export function bootstrap({ chain }: View, root: string): Result {
  if (!/^0x[0-9a-f]{64}$/i.test(root)) return badRequest(`expected a block root of 32 bytes, got ${root}`);
  const entry = chain.get(root.toLowerCase());
  const data = entry && createBootstrap(entry);
  if (!data) return notFound(`no bootstrap for block root ${root}`);
  return { kind: "lightClient", items: [toItem("LightClientBootstrap", data)], isList: false };
}

export function updates(view: View, startPeriod: number, count: number): Result {
  const items: LightClientItem[] = [];
  const last = Math.min(startPeriod + Math.min(count, MAX_UPDATES) - 1, view.head.period);
  for (let period = Math.max(0, startPeriod); period <= last; period++) {
    const signed = bestSignedBlock(view.head, period);
    if (signed) items.push(updateItem(view, signed));
  }
  return { kind: "lightClient", items, isList: true };
}

export function finalityUpdate(view: View): Result {
  const signed = view.head.newestSigned;
  if (!signed) return notFound("no finality update yet");
  return { kind: "lightClient", items: [finalityItem(view, signed)], isList: false };
}

export function optimisticUpdate(view: View): Result {
  const signed = view.head.newestSigned;
  if (!signed) return notFound("no optimistic update yet");
  return { kind: "lightClient", items: [optimisticItem(view, signed)], isList: false };
}
