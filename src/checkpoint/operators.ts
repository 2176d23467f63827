/** Who is independent of whom. Pure. */

export interface Operated {
  readonly url: URL;
  /** Who runs it, if the caller said so. */
  readonly operator: string | undefined;
}

/**
 * A name for who runs each provider; providers with the same one count once. What the caller says holds; without that, all
 * hosts of one domain are one operator, and so is whoever shares a domain with somebody named.
 */
export function operatorsOf(providers: readonly Operated[]): string[] {
  return providers.map(({ url, operator }) => {
    if (operator !== undefined) return operator;
    const domain = domainOf(url);
    return (
      providers.find((other) => other.operator !== undefined && domainOf(other.url) === domain)?.operator ?? domain
    );
  });
}

/**
 * The last two labels of a host name; an address as it is. The registrable domain may be longer (`a.co.uk`, `a.github.io`),
 * never shorter: without a list of public suffixes, strangers may be taken for one, but never one for two.
 */
export function domainOf({ hostname }: URL): string {
  const host = hostname.replace(/\.$/, "");
  const isAddress = host.startsWith("[") || /^[\d.]+$/.test(host);
  return isAddress ? host : host.split(".").slice(-2).join(".");
}
