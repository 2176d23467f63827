import type { Chain } from "../chain/chain.ts";
import type { ChainEntry } from "../chain/entry.ts";
import { type ForkName, type LightClientTypeName, lightClientTypes, type SszType } from "../chain/ssz-types.ts";

/** A chain as somebody sees it who believes in `head`. */
export type View = { chain: Chain; head: ChainEntry };

/** A light-client object on its way out: what it is, and the fork whose shape it has. */
export type LightClientItem = {
  type: LightClientTypeName;
  fork: ForkName;
  /** Slot of the attested (or own) header: the fork digest follows its epoch. */
  slot: number;
  /** What the answer calls the fork, if not by its name. */
  claimedFork?: string;
  data: unknown;
};

/** What a route has to say, before anybody decided how to write it down. */
export type Result =
  | { kind: "lightClient"; items: LightClientItem[]; isList: boolean }
  | {
      kind: "value";
      json: () => unknown;
      /** Absent where the Beacon API has no SSZ form. */
      ssz?: () => Uint8Array;
      /** Fork, where the answer is versioned. */
      version?: string;
      /** Whether the block or state is finalized, where the answer says so. */
      finalized?: boolean;
    }
  | { kind: "error"; status: number; message: string }
  | { kind: "empty"; status: number };

export type Format = "json" | "ssz";

/** An HTTP answer, ready to be sent or tampered with. */
export type Answer = { status: number; headers: Record<string, string>; body: Uint8Array };

export function itemType(item: LightClientItem): SszType<unknown> {
  return lightClientTypes(item.fork)[item.type] as unknown as SszType<unknown>;
}

export function notFound(message: string): Result {
  return { kind: "error", status: 404, message };
}

export function badRequest(message: string): Result {
  return { kind: "error", status: 400, message };
}
