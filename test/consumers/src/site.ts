/** Web servers for the apps: files of a folder, the headers that a careful site would send, and a log. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

export interface SiteOptions {
  /** `Content-Security-Policy` */
  readonly csp?: string;
  /** Lets other origins read what it serves, as a CDN does. */
  readonly cors?: boolean;
  /** What is served instead of a file, by path. */
  readonly overrides?: Readonly<Record<string, string>>;
}

export interface Site {
  /** `http://127.0.0.1:…`, without a slash at the end */
  readonly url: string;
  close(): Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".map": "application/json",
  ".wasm": "application/wasm",
};

export async function serve(folder: string, { csp, cors = false, overrides = {} }: SiteOptions = {}): Promise<Site> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://site");
    const path = pathname.endsWith("/") ? `${pathname}index.html` : pathname;
    const headers = {
      "Content-Type": TYPES[extname(path)] ?? "application/octet-stream",
      ...(csp === undefined ? {} : { "Content-Security-Policy": csp }),
      ...(cors ? { "Access-Control-Allow-Origin": "*" } : {}),
    };
    const content = overrides[path] ?? readFile(join(folder, normalize(path)));
    Promise.resolve(content).then(
      (body) => response.writeHead(200, headers).end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export interface PolicyOptions {
  /** Other origins of scripts. */
  readonly scripts?: readonly string[];
  /** May WASM be compiled? @default true */
  readonly wasm?: boolean;
  /** May the page load files of its own? @default false */
  readonly files?: boolean | undefined;
}

/** The policy of a careful page that follows a chain: its own scripts, WASM, requests to one beacon node, nothing else. */
export function policyOf(beacon: string, { scripts = [], wasm = true, files = false }: PolicyOptions = {}): string {
  const scriptSources = ["'self'", ...scripts, ...(wasm ? ["'wasm-unsafe-eval'"] : [])].join(" ");
  const connections = files ? `'self' ${beacon}` : beacon;
  return `default-src 'none'; script-src ${scriptSources}; connect-src ${connections}; img-src data:`;
}
