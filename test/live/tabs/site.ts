/** A page with one script, served over HTTP. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export interface Site {
  readonly url: string;
  close(): void;
}

/** The script of a file beside this one, as any bundler makes it. */
export async function bundle(file: string, format: "iife" | "esm" = "iife"): Promise<string> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const { outputFiles } = await build({ entryPoints: [path], bundle: true, write: false, format, target: "es2022" });
  return outputFiles[0]!.text;
}

/** @param scripts by their names; the page loads the first */
export async function serveScripts(scripts: Readonly<Record<string, string>>): Promise<Site> {
  const [first] = Object.keys(scripts);
  const page = `<!doctype html><meta charset="utf-8"><title>a tab</title><script src="${first}"></script>`;
  const server = createServer((request, response) => {
    const name = new URL(request.url!, "http://site").pathname.slice(1);
    if (name === "") response.writeHead(200, { "content-type": "text/html" }).end(page);
    else if (scripts[name] !== undefined)
      response.writeHead(200, { "content-type": "text/javascript" }).end(scripts[name]);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
