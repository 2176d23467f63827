/** The meaning of a command line, checked: what `args.ts` makes and everything else takes. */

import type { QuorumProvider } from "../checkpoint/quorum-options.js";
import type { StaleCheckpoint } from "../options.js";
import type { Beacon } from "./beacons.js";
import type { Listen } from "./metrics-server.js";

/** `--at`: a slot of the network, or a moment. */
export type AsOf = { readonly slot: number } | { readonly unixMs: number };

/** What is trusted, as the command line says it. */
export type CheckpointSetting =
  | { readonly kind: "root"; readonly root: string }
  | { readonly kind: "stored" }
  | {
      readonly kind: "quorum";
      /** `undefined`: the public ones of the network. */
      readonly providers: readonly QuorumProvider[] | undefined;
      readonly required: number | undefined;
    };

export interface Settings {
  readonly command: "sync" | "follow" | "serve";
  /** A name, a path, or {@link FROM_BEACON}. */
  readonly network: string;
  /** For a configuration file that does not say them. */
  readonly genesisTime: string | undefined;
  readonly genesisValidatorsRoot: string | undefined;
  readonly checkpoint: CheckpointSetting;
  readonly beacons: readonly Beacon[];
  /** Multiaddrs and node records. */
  readonly peers: readonly string[];
  readonly timeoutMs: number | undefined;
  readonly store: string | undefined;
  readonly at: AsOf | undefined;
  readonly maxCheckpointAgeSeconds: number | undefined;
  readonly staleCheckpoint: StaleCheckpoint | undefined;
  readonly forceUpdate: boolean;
  /** `serve`: multiaddrs to wait at for others. */
  readonly listen: readonly string[];
  /** `serve`: connections of others. */
  readonly maxConnections: number | undefined;
  /** `follow`: end when the head is so many slots beyond the first one. */
  readonly slots: number | undefined;
  /** `follow` and `serve`: end after so many seconds. */
  readonly forSeconds: number | undefined;
  /** `follow` and `serve`: where Prometheus may ask. */
  readonly metrics: Listen | undefined;
  /** Folder for evidence of contradictions. */
  readonly evidence: string | undefined;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly color: boolean;
}

/** `verify-evidence` */
export interface Verification extends Pick<Settings, "network" | "genesisTime" | "genesisValidatorsRoot" | "json"> {
  readonly file: string;
  /** Roots of blocks and committees. */
  readonly trusted: readonly string[];
  readonly color: boolean;
}

export type Invocation =
  | { readonly kind: "help"; readonly topic: "general" | Settings["command"] | "verify-evidence" }
  | { readonly kind: "version" }
  | { readonly kind: "verify"; readonly verification: Verification }
  | { readonly kind: "run"; readonly settings: Settings };

/** The value of `--network` that takes the chain from the first `--beacon`. */
export const FROM_BEACON = "from-beacon";
