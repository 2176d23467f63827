/** A store of the reference, and verdicts on what is fed to it. */
import { type BeaconConfig, chainConfigFromJson, createBeaconConfig, createChainForkConfig } from "@lodestar/config";
import { Lightclient } from "@lodestar/light-client";
import { LightclientSpec } from "@lodestar/light-client/spec";
import type { LightClientTransport } from "@lodestar/light-client/transport";
import { fromHex } from "@lodestar/utils";
import { type Decoded, decode } from "./decode.js";
import type { Item, OpenParams, SentObject, SignedKind, Timing, Verdict } from "./protocol.js";

export interface Session {
  verify(items: readonly Item[]): { verdicts: Verdict[]; timing: Timing };
  /** Another session with the same store. */
  copy(): Session;
}

/** Never by force: what is accepted is accepted for its proofs. */
const OPTIONS = { allowForcedUpdates: false, updateHeadersOnForcedUpdate: false };

/** @throws when the bootstrap is refused, or cannot be decoded */
export async function openSession({ spec, genesisValidatorsRoot, root, bootstrap }: OpenParams): Promise<Session> {
  const forkConfig = createChainForkConfig(chainConfigFromJson(spec as Record<string, string>));
  const config = createBeaconConfig(forkConfig, fromHex(genesisValidatorsRoot));
  await validateBootstrap(config, root, bootstrap);
  return sessionFrom(new LightclientSpec(config, OPTIONS, decode("bootstrap", bootstrap)));
}

function sessionFrom(start: LightclientSpec): Session {
  let verifier = start;

  function verify(items: readonly Item[]): { verdicts: Verdict[]; timing: Timing } {
    const cpuBefore = process.cpuUsage();
    let decodeMs = 0;
    let verifyMs = 0;
    const verdicts = items.map((item) => {
      const tried = copyOf(verifier);
      const started = performance.now();
      let decoded = started;
      let reason: string | undefined;
      try {
        const object = decode(item.kind, item.object);
        decoded = performance.now();
        feed(tried, item.kind, item.currentSlot, object);
      } catch (error) {
        reason = String(error);
      }
      const ended = performance.now();
      decodeMs += decoded - started;
      verifyMs += ended - decoded;
      if (reason === undefined && item.keep) verifier = tried;
      return verdictOf(tried, reason);
    });
    const { user, system } = process.cpuUsage(cpuBefore);
    return { verdicts, timing: { decodeMs, verifyMs, cpuMs: (user + system) / 1000 } };
  }

  return { verify, copy: () => sessionFrom(verifier) };
}

/** Its check of a bootstrap is reached only through the client, by way of a transport. */
async function validateBootstrap(config: BeaconConfig, root: string, bootstrap: SentObject): Promise<void> {
  const transport = {
    getBootstrap: async () => ({ version: bootstrap.fork, data: decode("bootstrap", bootstrap) }),
  } as unknown as LightClientTransport;
  const { genesisValidatorsRoot } = config;
  const genesisData = { genesisTime: 0, genesisValidatorsRoot };
  await Lightclient.initializeFromCheckpointRoot({ config, genesisData, transport, checkpointRoot: fromHex(root) });
}

function feed(verifier: LightclientSpec, kind: SignedKind, currentSlot: number, object: Decoded[SignedKind]): void {
  if (kind === "update") verifier.onUpdate(currentSlot, object as Decoded["update"]);
  else if (kind === "finality") verifier.onFinalityUpdate(currentSlot, object as Decoded["finality"]);
  else verifier.onOptimisticUpdate(currentSlot, object as Decoded["optimistic"]);
}

/** Its store changes in place, even on the way to a refusal: so it is tried on a copy, maps and all. */
function copyOf(verifier: LightclientSpec): LightclientSpec {
  const shallow = <T extends object>(value: T): T => {
    const copy = Object.assign(Object.create(Object.getPrototypeOf(value)), value);
    for (const [key, field] of Object.entries(copy)) if (field instanceof Map) copy[key] = new Map(field);
    return copy;
  };
  const copy = shallow(verifier);
  return Object.assign(copy, { store: shallow(verifier.store) });
}

function verdictOf({ store }: LightclientSpec, reason: string | undefined): Verdict {
  const finalizedSlot = store.finalizedHeader.beacon.slot;
  const optimisticSlot = store.optimisticHeader.beacon.slot;
  const slots = { finalizedSlot, optimisticSlot };
  return reason === undefined ? { accepted: true, ...slots } : { accepted: false, reason, ...slots };
}
