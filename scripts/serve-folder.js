// A folder over HTTP on this machine, with the strictest content security policy that sidelight works under.
import { createReadStream, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css" };
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src data:",
  "connect-src http:",
].join("; ");

/** `null` for what is no address, such as `//`. */
function pathIn(url) {
  return URL.canParse(url, "http://site") ? normalize(new URL(url, "http://site").pathname) : null;
}

/**
 * @param {string} folder
 * @param {{ preset?: () => object }} options `preset`: what a page is given in its `#preset`, each time it is asked for
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export async function serveFolder(folder, { preset } = {}) {
  const server = createServer((request, response) => {
    const path = pathIn(request.url);
    if (path === null) return void response.writeHead(400).end();
    const file = join(folder, path.endsWith("/") ? `${path}index.html` : path);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return void response.writeHead(404).end();
    response.setHeader("content-type", TYPES[extname(file)] ?? "application/octet-stream");
    response.setHeader("content-security-policy", POLICY);
    if (preset === undefined || extname(file) !== ".html") return void createReadStream(file).pipe(response);
    // within a script element, only this could end it
    const json = JSON.stringify(preset()).replaceAll("<", "\\u003c");
    response.end(readFileSync(file, "utf8").replace('id="preset">null<', () => `id="preset">${json}<`));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
