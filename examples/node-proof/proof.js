// From a checkpoint root to a word of a contract's storage and a validator's balance that nobody could make up, in Node.
// On mainnet, what USDC's contract has at slot 11, the total supply:
//   node examples/node-proof/proof.js --checkpoint 0x… --beacon https://… --execution https://… \
//     --contract 0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48 --slot 0x0b --validator 12
import { parseArgs } from "node:util";
import { createLightClient } from "sidelight";
import { networkByName, networkFromBeaconNode } from "sidelight/networks";
import { validatorAt } from "sidelight/proof";
import { beaconProofSource, beaconState, execution, rpcSource } from "sidelight/proof/fetch";
import { restSource } from "sidelight/transport/rest";

const options = ["checkpoint", "beacon", "execution", "contract", "slot", "validator", "network"];
const { values } = parseArgs({ options: Object.fromEntries(options.map((name) => [name, { type: "string" }])) });
const { checkpoint, beacon, contract, slot } = values; // the checkpoint is the one thing that is trusted

const ask = async (route) => (await fetch(`${beacon}${route}`)).json();
const network =
  values.network === "other" // as the beacon node says; the checkpoint has to fit
    ? networkFromBeaconNode({ spec: await ask("/eth/v1/config/spec"), genesis: await ask("/eth/v1/beacon/genesis") })
    : networkByName(values.network ?? "mainnet");
const client = await createLightClient({ network, checkpoint, sources: [restSource(beacon)] }).syncOnce();
console.log(`finalized: slot ${client.finalized.slot}`);

const chain = execution({ client, rpc: [rpcSource(values.execution)] });
const word = await chain.getStorage(contract, slot); // throws if anything else was sent than what is there
console.log(`${contract} at ${slot}: ${word.value}, proven in execution block ${word.blockNumber}`);

// a node without proof routes is asked for its whole state: 300 MB on mainnet
const state = beaconState({ client, network, sources: [beaconProofSource(beacon)], maxStateBytes: 2 ** 29 });
const { value: validator } = await state.query(validatorAt(Number(values.validator)));
console.log(`validator ${values.validator}: ${validator ? `${validator.balanceGwei} gwei` : "none"}, proven`);
