/** What the network's pulse costs: a slot of light mode, a real mainnet block of block mode. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createBlockDecoder } from "../src/health/blocks/decode-block.js";
import { createLightHealth } from "../src/health/light.js";
import { mainnet } from "../src/networks/mainnet.js";
import { createBeaconTypes } from "../src/proof/beacon/types.js";
import { toHex } from "../src/ssz/bytes.js";
import { rootOfBytes } from "../src/ssz/tree.js";
import { DATA_FOLDER } from "../test/vectors/data-folder.js";
import type { Bench } from "./context.js";
import { measure } from "./measure.js";
import { readyDefault } from "./peers.js";

const SLOTS = 256;
const BLOCKS = "blocks/portal-headers-with-proof/beacon_data";
/** A block of Deneb of 150 KB: the largest that there is. */
const BLOCK = "22162263/block.ssz";

export const healthBench: Bench = {
  name: "health",
  async run({ isQuick, note }) {
    // for its hasher, which a client always has
    await readyDefault();
    const rounds = isQuick ? 7 : 31;
    const signatures = Array.from({ length: SLOTS }, (_, i) => signatureOf(i));
    const light = measure(
      [
        {
          metric: "a slot of light mode, 512 members",
          count: SLOTS,
          run: () => {
            const health = createLightHealth({ network: mainnet });
            for (const signature of signatures) health.signature(signature);
          },
        },
      ],
      { bench: healthBench.name, unit: "µs", rounds },
    );
    const path = join(DATA_FOLDER, BLOCKS, BLOCK);
    if (!existsSync(path)) {
      note("health: no real block without the reference data");
      return light;
    }
    const bytes = new Uint8Array(readFileSync(path));
    const root = toHex(rootOfBytes(createBeaconTypes(mainnet.preset).forks.deneb.BeaconBlock, bytes));
    const decoder = createBlockDecoder(mainnet);
    note(
      `health: block ${root.slice(0, 10)}… of ${bytes.length} bytes, of ${readdirSync(join(DATA_FOLDER, BLOCKS)).length}`,
    );
    const blocks = measure([{ metric: "a mainnet block: proven and read", run: () => decoder.decode(bytes, root) }], {
      bench: healthBench.name,
      unit: "ms",
      rounds,
    });
    return [...light, ...blocks];
  },
};

/** As full and as varied as mainnet's: seven of 512 absent, never the same. */
function signatureOf(i: number) {
  const bits = new Uint8Array(64).fill(0xff);
  for (let absent = 0; absent < 7; absent++) bits[(i * 7 + absent * 11) % 64]! &= ~(1 << ((i + absent) % 8));
  const attestedRoot = toHex(Uint8Array.from({ length: 32 }, (_, at) => (at < 4 ? (i >> (8 * at)) & 0xff : 1)));
  return { slot: i + 1, attestedSlot: i, attestedRoot, period: 0, bits: toHex(bits), size: 512 };
}
