// CommonJS, in a Node that can `require` ES modules (20.19, 22.12 and later): there is no top-level await in the way.
const { createLightClient } = require("sidelight");
const { mainnet } = require("sidelight/networks");
const { restSource } = require("sidelight/transport/rest");

const client = createLightClient({
  network: mainnet,
  checkpoint: `0x${"11".repeat(32)}`,
  sources: [restSource("https://node.example")],
});
process.stdout.write(client.status.state);
