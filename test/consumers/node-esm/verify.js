// The protocol alone, with data that the program gets by itself, and a backend of its choice.
import { blstBls } from "sidelight/bls/blst";
import { networkFromBeaconNode } from "sidelight/networks";
import {
  createChain,
  decodeBootstrap,
  decodeFinalityUpdate,
  decodeUpdate,
  initializeLightClientStore,
  processLightClientFinalityUpdate,
  processLightClientUpdate,
  storePeriod,
} from "sidelight/spec";

const [beacon, checkpoint] = process.argv.slice(2);
const get = async (path) => (await fetch(beacon + path)).json();
const raw = ({ version, data }) => ({ encoding: "json", value: data, fork: version });

const spec = await get("/eth/v1/config/spec");
const genesis = await get("/eth/v1/beacon/genesis");
const network = networkFromBeaconNode({ spec, genesis });

const bls = blstBls();
await bls.ready();
const chain = createChain(network, bls);
const root = Uint8Array.from(checkpoint.slice(2).match(/../g), (byte) => Number.parseInt(byte, 16));
const bootstrap = decodeBootstrap(chain, raw(await get(`/eth/v1/beacon/light_client/bootstrap/${checkpoint}`)));
let store = initializeLightClientStore(chain, root, bootstrap);

const period = storePeriod(chain, store);
const updates = await get(`/eth/v1/beacon/light_client/updates?start_period=${period}&count=128`);
for (const update of updates) {
  store = processLightClientUpdate(chain, store, decodeUpdate(chain, raw(update)), slotNow());
}
const finality = decodeFinalityUpdate(chain, raw(await get("/eth/v1/beacon/light_client/finality_update")));
store = processLightClientFinalityUpdate(chain, store, finality, slotNow());

const [from, to] = [bootstrap.header.beacon.slot, store.finalizedHeader.beacon.slot];
process.stdout.write(JSON.stringify({ from, to, updates: updates.length }));

function slotNow() {
  return Math.floor((Date.now() - network.genesisTime * 1000) / network.slotDurationMs);
}
