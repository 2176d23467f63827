/** `--checkpoint` and `--checkpoint-provider`: what a run trusts. */
import {
  chiadoCheckpointProviders,
  gnosisCheckpointProviders,
  holeskyCheckpointProviders,
  hoodiCheckpointProviders,
  mainnetCheckpointProviders,
  sepoliaCheckpointProviders,
} from "../checkpoint/providers.js";
import { checkpointQuorum } from "../checkpoint/quorum.js";
import type { QuorumProvider } from "../checkpoint/quorum-options.js";
import type { Network } from "../networks/types.js";
import type { LightClientOptions } from "../options.js";
import { usageError } from "./failure.js";
import { formatQuantity, shortRoot } from "./render/text.js";
import type { CheckpointSetting, Settings } from "./settings.js";
import { describeSourceOption } from "./sources.js";

const PUBLIC: Readonly<Record<string, readonly QuorumProvider[]>> = {
  mainnet: mainnetCheckpointProviders,
  sepolia: sepoliaCheckpointProviders,
  hoodi: hoodiCheckpointProviders,
  holesky: holeskyCheckpointProviders,
  gnosis: gnosisCheckpointProviders,
  chiado: chiadoCheckpointProviders,
};

/** @throws OPTION_INVALID naming the command line's option */
export function resolveCheckpoint(
  { checkpoint, timeoutMs }: Pick<Settings, "checkpoint" | "timeoutMs">,
  network: Network,
): LightClientOptions["checkpoint"] {
  if (checkpoint.kind === "root") return checkpoint.root;
  if (checkpoint.kind === "stored") return "stored";
  const { required } = checkpoint;
  const providers = checkpoint.providers ?? publicProviders(network);
  return describeSourceOption(() =>
    checkpointQuorum({
      providers,
      ...(required === undefined ? {} : { required }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    }),
  );
}

/** By name: to a chain of the same name and another genesis, what they say is none of its own. */
function publicProviders(network: Network): readonly QuorumProvider[] {
  const providers = PUBLIC[network.name];
  if (providers !== undefined) return providers;
  const expected = `at least two, as no public ones of ${network.name} are known`;
  throw usageError("--checkpoint-provider", expected, "none");
}

/** `[name=]url`: who runs it, if the host does not tell. */
export function parseProvider(text: string): QuorumProvider {
  const [, name, url] = /^([^=:/?#]{1,100})=(.*)$/s.exec(text) ?? [];
  return name === undefined ? { url: text } : { url: url!, name, operator: name };
}

/** For the title of a run. */
export function describeCheckpoint(checkpoint: CheckpointSetting): string {
  if (checkpoint.kind === "root") return `checkpoint ${shortRoot(checkpoint.root)}`;
  if (checkpoint.kind === "stored") return "the stored state only";
  const { providers } = checkpoint;
  return `checkpoint by quorum of ${providers === undefined ? "public providers" : formatQuantity(providers.length, "provider")}`;
}
