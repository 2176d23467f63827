#!/usr/bin/env node
import { main } from "../dist/cli/main.js";

/** Only for those who ask for peers: it needs packages that others do without. */
async function loadPeers() {
  // Node 20 has none
  if (globalThis.WebSocket === undefined) globalThis.WebSocket = (await import("ws")).WebSocket;
  return import("../dist/cli/peers.js");
}

// Not process.exit: what was written to a pipe may still be on its way.
process.exitCode = await main(process.argv.slice(2), { loadPeers });
