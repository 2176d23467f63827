/**
 * For others to begin with: the bootstrap of each block that becomes final. Ours is of one block only, and who comes later
 * trusts a later one.
 */
import { blstBls } from "../bls/blst/index.js";
import type { LightClient } from "../client/light-client.js";
import { isSidelightError, type SidelightError } from "../errors.js";
import type { Network } from "../networks/types.js";
import { createChain } from "../spec/chain.js";
import { initializeLightClientStore } from "../spec/initialize.js";
import { fromHex } from "../ssz/bytes.js";
import { decodeBootstrap } from "../ssz/decode.js";
import type { Archive } from "../transport/libp2p/archive.js";
import type { RawObject, Source } from "../transport/port.js";

/**
 * Asks for them in turn, one source after another, and keeps what proves to be of the block that the client has verified.
 * Who has none is asked for the next; who sends one that does not prove the block is told of.
 *
 * @returns ends it
 */
export function collectBootstraps(
  client: LightClient,
  network: Network,
  sources: readonly Source[],
  archive: Archive,
  onFalse: (error: SidelightError, source: string) => void,
): () => void {
  // a bootstrap is proven by branches alone
  const chain = createChain(network, blstBls());
  const end = new AbortController();
  let wanted: string | null = null;
  let isAsking = false;

  async function fetchOne(root: string): Promise<void> {
    for (const source of sources) {
      if (end.signal.aborted) return;
      const raw = await source.bootstrap(root, { signal: end.signal }).catch(() => null);
      if (raw !== null && keep(root, raw, source.name)) return;
    }
  }

  function keep(root: string, raw: RawObject, source: string): boolean {
    try {
      initializeLightClientStore(chain, fromHex(root), decodeBootstrap(chain, raw));
    } catch (error) {
      if (!isSidelightError(error)) throw error;
      onFalse(error, source);
      return false;
    }
    return archive.keep({ kind: "bootstrap", root, raw }) !== null;
  }

  async function ask(): Promise<void> {
    isAsking = true;
    while (wanted !== null && !end.signal.aborted) {
      const root = wanted;
      wanted = null;
      await fetchOne(root);
    }
    isAsking = false;
  }

  const off = client.on("finality", ({ root }) => {
    wanted = root;
    if (!isAsking) void ask();
  });
  return () => {
    off();
    end.abort(new Error("ended"));
  };
}
