/** A provider that says what an honest one says, but for the roots: those are of a chain that never was. */
import { type LyingServer, lyingServer, sendJson } from "../unit/transport/lying-server.js";

export const FALSE_ROOT = `0x${"ee".repeat(32)}`;

/** `closeServers` of the lying server ends it. */
export async function startParrot(honestUrl: string): Promise<LyingServer> {
  return lyingServer((request, response) => {
    void fetch(honestUrl + request.url!)
      .then(async (answer) => {
        const text = await answer.text();
        const told = request.url!.includes("genesis")
          ? text
          : text.replace(/"root":"0x[0-9a-f]{64}"/g, `"root":"${FALSE_ROOT}"`);
        sendJson(response, JSON.parse(told), answer.status);
      })
      .catch(() => response.destroy());
  });
}
