/** The chains that `npm run test:browser` has started, from inside a page or a worker. */
import type { ControlMethod, ControlMethods } from "../../devnet/src/api-types.ts";
import { bindDevnet, type Devnet } from "../../devnet/src/bind.ts";

/** A chain that all share, or one that this browser has for itself: what a test does to it disturbs nobody. */
export type ChainName = "live" | "manual";

/** URLs of their servers; see `scripts/test-browser.js`. */
export type Chains = Readonly<Record<string, string>>;

/** Of a page that karma has loaded. */
export function chainsOfPage(): Chains {
  return (globalThis as unknown as { __karma__: { config: { chains: Chains } } }).__karma__.config.chains;
}

/** The chain, as Node's tests have it. Its servers are of another origin; its commands go through karma's. */
export function connectChain(chains: Chains, which: ChainName): Promise<Devnet> {
  const browser = navigator.userAgent.includes("Firefox/") ? "firefox" : "chromium";
  const name = which === "manual" ? `manual-${browser}` : which;
  async function call<M extends ControlMethod>(
    method: M,
    params: ControlMethods[M]["params"],
  ): Promise<ControlMethods[M]["result"]> {
    const response = await fetch(`/chain/${name}`, { method: "POST", body: JSON.stringify({ method, params }) });
    const { result, error } = (await response.json()) as { result: ControlMethods[M]["result"]; error?: string };
    if (error !== undefined) throw new Error(`chain ${name}, ${method}: ${error}`);
    return result;
  }
  // whoever started it ends it
  return bindDevnet(call, { url: chains[name]!, pid: 0, stop: async () => {} });
}
