/** `npm run example:chain`: a chain on this machine for whoever wants to try the examples and has no node at hand. */
import { CONTRACT } from "../support/state.js";
import { SOMEBODY, startExecutionNode } from "./execution-node.ts";
import { startLiveChain } from "./live-chain.ts";

const { devnet, checkpoint } = await startLiveChain();
const execution = await startExecutionNode(devnet);
const where = { network: "custom", beacon: devnet.url, checkpoint };

console.log(`
A beacon chain on this machine, real transitions and signatures, a block a second. Ctrl-C ends it.

  beacon node     ${devnet.url}
  checkpoint      ${checkpoint}
  execution node  ${execution.url}
  an account      ${SOMEBODY}

In the dapp, the page and the extension choose the network "another". Or all at once:

  dapp  http://localhost:5173/#${new URLSearchParams(where)}
  Node  node examples/node-proof/proof.js --network other \\
          --beacon ${devnet.url} --checkpoint ${checkpoint} \\
          --execution ${execution.url} \\
          --contract ${CONTRACT} --slot 0x0b --validator 12
`);

// the chain's process ends with this one, so there is something to hold on to
process.once("SIGINT", async () => {
  execution.close();
  await devnet.stop();
});
