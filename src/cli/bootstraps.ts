/**
 * For others to begin with: the bootstrap of each block that becomes final. Ours is of one block only, and who comes later
 * trusts a later one.
 */
import { blstBls } from "../bls/blst/index.js";
import type { LightClient } from "../client/light-client.js";
import type { Network } from "../networks/types.js";
import { createChain } from "../spec/chain.js";
import { initializeLightClientStore } from "../spec/initialize.js";
import { fromHex } from "../ssz/bytes.js";
import { decodeBootstrap } from "../ssz/decode.js";
import type { Archive } from "../transport/libp2p/archive.js";
import type { Source } from "../transport/port.js";

/**
 * Asks for them in turn, one source after another, and keeps what proves to be of the block that the client has verified.
 * Quiet: who has none is asked for the next. @returns ends it
 */
export function collectBootstraps(
  client: LightClient,
  network: Network,
  sources: readonly Source[],
  archive: Archive,
): () => void {
  // a bootstrap is proven by branches alone
  const chain = createChain(network, blstBls());
  const end = new AbortController();
  let wanted: string | null = null;
  let isAsking = false;

  async function fetchOne(root: string): Promise<void> {
    for (const source of sources) {
      if (end.signal.aborted) return;
      try {
        const raw = await source.bootstrap(root, { signal: end.signal });
        initializeLightClientStore(chain, fromHex(root), decodeBootstrap(chain, raw));
        if (archive.keep({ kind: "bootstrap", root, raw }) !== null) return;
      } catch {
        // whom to blame for what is the client's business; this is for others
      }
    }
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
