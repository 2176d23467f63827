// What there is to see, as a value: JSON-safe, kept in chrome.storage, sent to popups and pages. Pure functions only.

const PULSE_LENGTH = 48;

/** Two views are of the same thing if this is equal. */
function identityOf({ network, chain, checkpoint }) {
  return `${network} ${chain?.genesis.data.genesis_validators_root ?? ""} ${checkpoint}`;
}

const REDUCERS = {
  // A worker that was killed starts from what is final: what was seen before does not go back.
  head: (view, head) => (head.slot >= (view.head?.slot ?? 0) ? { ...view, head } : view),
  finality: (view, finalized) => (finalized.slot >= (view.finalized?.slot ?? 0) ? { ...view, finalized } : view),
  participation(view, { slot, attestedSlot, bits, count, size, rate }) {
    if (attestedSlot < (view.participation?.attestedSlot ?? 0)) return view;
    const others = view.pulse.filter((beat) => beat.slot !== slot);
    const pulse = [...others, { slot, rate }].slice(-PULSE_LENGTH);
    return { ...view, participation: { slot, attestedSlot, bits, count, size, rate }, pulse };
  },
  status: (view, status) => ({ ...view, status }),
  passed: (view, atMs) => ({ ...view, failure: null, passedAtMs: atMs }),
  failed: (view, failure) => ({ ...view, failure }),
};

globalThis.view = {
  /** The view that was kept, if it is of these settings. */
  begin(settings, network, kept) {
    const identity = identityOf(settings);
    const status = { state: "idle" };
    if (kept?.identity === identity) return { ...kept, status };
    return {
      identity,
      network: network.name,
      slotMs: network.slotDurationMs,
      head: null,
      finalized: null,
      participation: null,
      pulse: [],
      status,
      /** Why the last pass gave nothing: `{ code, message }`. */
      failure: null,
      /** End of the last pass that got to the head. */
      passedAtMs: null,
    };
  },

  after: (view, event, payload) => REDUCERS[event](view, payload),

  /** The toolbar's few letters: participation in percent, or what is in the way of it. */
  badge({ head, finalized, participation, status, failure }) {
    if (failure !== null) return { text: "!", tone: "bad", title: failure.message };
    if (status.state === "catching-up" || head === null) return { text: "…", tone: "calm", title: "catching up" };
    const signed = participation === null ? "" : `, signed by ${participation.count} of ${participation.size}`;
    const text = participation === null ? "" : `${Math.floor(participation.rate * 100)}`;
    return { text, tone: "good", title: `head ${head.slot}, final ${finalized?.slot ?? "–"}${signed}` };
  },
};
