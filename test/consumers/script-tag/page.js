/* global sidelight */
const { beacon, checkpoint } = Object.fromEntries(new URLSearchParams(location.search));

async function follow() {
  const [spec, genesis] = await Promise.all(
    ["/eth/v1/config/spec", "/eth/v1/beacon/genesis"].map(async (path) => (await fetch(beacon + path)).json()),
  );
  const client = sidelight.createLightClient({
    network: sidelight.networkFromBeaconNode({ spec, genesis }),
    checkpoint,
    sources: [sidelight.restSource(beacon)],
    store: sidelight.indexedDbStore(),
  });
  const errors = [];
  client.on("error", ({ error }) => errors.push(error.toJSON()));
  try {
    const first = await client.start();
    const next = await client.once("head");
    return { first, next, finalized: client.finalized, errors };
  } finally {
    await client.stop();
  }
}

follow()
  .catch((error) => ({ failed: error.code ?? error.name, message: error.message }))
  .then((outcome) => {
    document.getElementById("outcome").textContent = JSON.stringify(outcome);
  });
