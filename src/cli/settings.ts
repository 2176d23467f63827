/** The meaning of a command line, checked: what `args.ts` makes and everything else takes. */

/** `--at`: a slot of the network, or a moment. */
export type AsOf = { readonly slot: number } | { readonly unixMs: number };

export interface Settings {
  readonly command: "sync" | "follow";
  /** A name, a path, or {@link FROM_BEACON}. */
  readonly network: string;
  /** For a configuration file that does not say them. */
  readonly genesisTime: string | undefined;
  readonly genesisValidatorsRoot: string | undefined;
  readonly checkpoint: string;
  readonly beacons: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number | undefined;
  readonly store: string | undefined;
  readonly at: AsOf | undefined;
  readonly maxCheckpointAgeSeconds: number | undefined;
  readonly allowStaleCheckpoint: boolean;
  readonly forceUpdate: boolean;
  /** `follow`: end when the head is so many slots beyond the first one. */
  readonly slots: number | undefined;
  /** `follow`: end after so many seconds. */
  readonly forSeconds: number | undefined;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly color: boolean;
}

export type Invocation =
  | { readonly kind: "help"; readonly topic: "general" | "sync" | "follow" }
  | { readonly kind: "version" }
  | { readonly kind: "run"; readonly settings: Settings };

/** The value of `--network` that takes the chain from the first `--beacon`. */
export const FROM_BEACON = "from-beacon";
