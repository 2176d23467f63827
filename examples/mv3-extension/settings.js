// What the options page writes and the background reads: network, checkpoint, beacon nodes. In chrome.storage.local.

/**
 * Updates are asked for in steps, and what a step proves is kept in IndexedDB before the next is looked at: a worker that
 * is killed while it catches up loses the step that it was at.
 */
const PERIODS_A_STEP = 4;

function inSteps(source) {
  return {
    ...source,
    updates: (start, count, options) => source.updates(start, Math.min(count, PERIODS_A_STEP), options),
  };
}

globalThis.settings = {
  /** @returns {Promise<object | null>} `null` before there are any */
  async load() {
    const { settings = null } = await chrome.storage.local.get("settings");
    return settings;
  },

  async save(settings) {
    await chrome.storage.local.set({ settings });
  },

  /** `chain` is what a beacon node says of a network that has no name here. */
  networkOf({ network, chain }) {
    return network === "custom" ? sidelight.networkFromBeaconNode(chain) : sidelight.networkByName(network);
  },

  /** Makes no request; throws what is wrong with the settings. */
  clientOf(settings) {
    return sidelight.createLightClient({
      network: globalThis.settings.networkOf(settings),
      checkpoint: settings.checkpoint,
      sources: settings.endpoints.map((url) => inSteps(sidelight.restSource(url))),
      store: sidelight.indexedDbStore(),
    });
  },
};
