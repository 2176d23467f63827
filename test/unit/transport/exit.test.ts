import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { closeServers, lyingServer, sendJson } from "./lying-server.js";

describe("restSource in a process", () => {
  afterEach(closeServers);

  it("leaves nothing behind that keeps the process alive", async function () {
    this.timeout(30_000);
    const server = await lyingServer((request, response) => {
      if (!request.url?.startsWith("/hang")) sendJson(response, { version: "deneb", data: {} });
    });
    const probe = fileURLToPath(new URL("./exit-probe.ts", import.meta.url));
    // Killed (and failed) if it does not end by itself well before its own timeouts of a minute.
    const options = { timeout: 25_000 };
    const { stdout } = await promisify(execFile)(process.execPath, ["--import=tsx", probe, server.url], options);
    expect(JSON.parse(stdout)).to.deep.equal(
      [23, "REQUEST_TIMEOUT"],
      "23 is the code of a DOMException's TimeoutError",
    );
  });
});
