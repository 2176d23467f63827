/** Signatures that are verified later: for batches. */
import type { SyncAggregateItem } from "../bls/port.js";
import type { Chain } from "./chain.js";

export interface DeferredSignatures {
  /** A chain on which every signature verifies; the rest of it is the true one. */
  readonly chain: Chain;
  /**
   * What was asked of it, in order, with the handles of the true backend. **Until these verify, nothing that was made
   * with {@link chain} is known to be true.**
   */
  readonly items: readonly SyncAggregateItem[];
}

/**
 * The same rules, whether a signature is verified at once or with others: what takes a chain takes this one, and leaves
 * behind what still has to be verified.
 */
export function deferSignatures(chain: Chain): DeferredSignatures {
  const items: SyncAggregateItem[] = [];
  const { bls } = chain;
  return {
    items,
    chain: {
      ...chain,
      bls: {
        name: bls.name,
        ready: () => bls.ready(),
        committee: (committee) => bls.committee(committee),
        verifySyncAggregate(committee, bits, signingRoot, signature) {
          items.push({ committee, bits, signingRoot, signature });
          return null;
        },
      },
    },
  };
}
