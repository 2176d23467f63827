import { type LiveChain, startLiveChain } from "./live-chain.ts";

let shared: Promise<LiveChain> | undefined;

/** The one chain that every suite follows, each through a server of its own. */
export function sharedChain(): Promise<LiveChain> {
  shared ??= startLiveChain();
  return shared;
}

// at the end of the whole run, whichever suites were in it
after(async () => (await shared)?.devnet.stop());
