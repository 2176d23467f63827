// A devnet (test/devnet) for scripts: a real chain in a child process.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { bundleDevnet } from "../test/devnet/bundle.js";
import { ROOT, Trouble } from "./shared.js";

const START_TIMEOUT_MS = 120_000;

/**
 * Starts a chain. It ends with this process, however that ends: at the latest when its standard input closes. Ctrl-C does
 * not reach it, so that there is a chain for as long as somebody follows it.
 *
 * @param {object} options see `DevnetOptions` in test/devnet/src/api-types.ts
 * @returns {Promise<{
 *   url: string,
 *   controlUrl: string,
 *   call: (method: string, params: object) => Promise<any>,
 *   stop: () => Promise<void>,
 * }>}
 */
export async function startDevnet(options) {
  const args = [await bundleDevnet(), "--exit-with-parent", "--options", JSON.stringify(options)];
  const child = spawn(process.execPath, args, {
    cwd: join(ROOT, "test/devnet"),
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  child.stdin.on("error", () => {});
  process.on("exit", () => child.kill());
  const { url, controlUrl } = await untilReady(child);
  const exited = new Promise((resolve) => child.once("close", resolve));
  return {
    url,
    controlUrl,
    async call(method, params) {
      const answer = await fetch(controlUrl, { method: "POST", body: JSON.stringify({ method, params }) });
      const { result, error } = await answer.json();
      if (error !== undefined) throw new Trouble(`the chain refused ${method}: ${error}`);
      return result;
    },
    async stop() {
      child.stdin.end();
      await exited;
    },
  };
}

function untilReady(child) {
  return new Promise((resolve, reject) => {
    let text = "";
    let errors = "";
    const fail = (why) => reject(new Trouble(`the chain did not start: ${why}\n${errors.trim()}`));
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      fail(`not ready after ${START_TIMEOUT_MS / 1000} s`);
    }, START_TIMEOUT_MS);
    child.once("error", (error) => fail(error.message));
    child.once("exit", (code, signal) => fail(`it ended with ${code ?? signal}`));
    child.stderr.on("data", (chunk) => {
      errors = (errors + chunk).slice(-10_000);
    });
    child.stdout.on("data", (chunk) => {
      text += chunk;
      const line = text.split("\n").find((each) => each.startsWith('{"ready":true'));
      if (line === undefined || !text.includes("\n")) return;
      clearTimeout(timer);
      resolve(JSON.parse(line));
    });
  });
}
