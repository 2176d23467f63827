/** An account's balance, proven: the execution nodes that are asked cannot make anything up. */
import { isSidelightError, type TrustLabel } from "sidelight";
import { type Anchor, execution, type HeaderSource, rpcSource } from "sidelight/proof/fetch";

export type Balance = Proven | NotProven;

interface Proven {
  /** `null`: it is proven that there is no such account. */
  readonly balanceWei: bigint | null;
  readonly trust: TrustLabel;
  readonly blockNumber: number;
  readonly stateRoot: string;
  /** Who sent something else, and was passed over. */
  readonly liars: readonly string[];
}

interface NotProven {
  readonly trust: null;
  readonly liars: readonly string[];
  /** What the others said, that have it not or did not answer. */
  readonly others: readonly string[];
}

/**
 * Asks one node after the other, until what one says fits the state root of the verified header.
 * @throws OPTION_INVALID, CLIENT_STATE_INVALID
 */
export async function proveBalance(
  client: HeaderSource,
  urls: readonly string[],
  address: string,
  at: Anchor,
): Promise<Balance> {
  const liars: string[] = [];
  const chain = execution({
    client,
    rpc: urls.map((url) => rpcSource(url)),
    onPeer: ({ source, action }) => action === "evicted" && liars.push(source),
  });
  try {
    const { value, trust, blockNumber, stateRoot } = await chain.getAccount(address, { at });
    return { balanceWei: value?.balanceWei ?? null, trust, blockNumber, stateRoot, liars };
  } catch (error) {
    if (!isSidelightError(error, "NO_SOURCE_ANSWERED")) throw error;
    const others = error.details.attempts.filter(({ source }) => !liars.includes(source));
    return { trust: null, liars, others: others.map(({ message }) => message) };
  }
}

/** Wei as ether, exact to six digits. */
export function formatEther(wei: bigint): string {
  const micros = (wei / 10n ** 12n).toString().padStart(7, "0");
  const fraction = micros.slice(-6).replace(/0+$/, "");
  const whole = BigInt(micros.slice(0, -6)).toLocaleString("en");
  return fraction === "" ? `${whole} ETH` : `${whole}.${fraction} ETH`;
}
