/** Replays what a real Lodestar 1.22 answered (recorded on a local chain of the minimal preset). */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import type { SourceEvent } from "../../../src/transport/port.js";
import { restSource } from "../../../src/transport/rest.js";
import { closeServers, failure, type LyingServer, lyingServer, until } from "./lying-server.js";

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const folder = join(resolve(repository, process.env["SIDELIGHT_DATA"] ?? "../shared/data"), "rest-answers");

const FILES: Record<string, string> = {
  [`bootstrap/0x${"11".repeat(32)}`]: "lc_bootstrap_unknown",
  bootstrap: "lc_bootstrap",
  updates: "lc_updates",
  finality_update: "lc_finality_update",
  optimistic_update: "lc_optimistic_update",
};

/** A server that gives the recorded status, headers and body, in the encoding that is asked for. */
function replay(node: string): Promise<LyingServer> {
  return lyingServer((request, response) => {
    if (request.url?.startsWith("/eth/v1/events")) {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(readFileSync(join(folder, node, "events.txt")));
      return;
    }
    const route = request.url?.replace("/eth/v1/beacon/light_client/", "") ?? "";
    const name = Object.keys(FILES).find((prefix) => route.startsWith(prefix)) ?? "";
    const file = join(folder, node, `${FILES[name]}.${request.headers.accept?.includes("octet") ? "ssz" : "json"}`);
    const [statusLine = "", ...lines] = readFileSync(`${file}.hdr`, "utf8").trim().split(/\r?\n/);
    // The recorded length of an error is that of the body before it was shortened for the record.
    for (const line of lines.filter((text) => !/^(content-length|connection|keep-alive|date):/i.test(text))) {
      const colon = line.indexOf(":");
      response.setHeader(line.slice(0, colon), line.slice(colon + 1).trim());
    }
    response.writeHead(Number(statusLine.split(" ")[1])).end(readFileSync(file));
  });
}

for (const [node, fork] of [
  ["lodestar-deneb", "deneb"],
  ["lodestar-electra", "electra"],
] as const) {
  describe(`restSource against the answers of ${node}`, () => {
    before(function () {
      if (existsSync(join(folder, node))) return;
      console.log(`      skipped: no recorded answers in ${folder} (set SIDELIGHT_DATA to their parent)`);
      this.skip();
    });
    afterEach(closeServers);

    const read = (name: string) => readFileSync(join(folder, node, name));
    const root = `0x${"22".repeat(32)}`;

    it("reads single objects as SSZ, with their fork and untouched", async () => {
      const source = restSource((await replay(node)).url);
      const expected = (name: string) => ({ encoding: "ssz", bytes: Uint8Array.from(read(`${name}.ssz`)), fork });
      expect(await source.bootstrap(root)).to.deep.equal(expected("lc_bootstrap"));
      expect(await source.finalityUpdate()).to.deep.equal(expected("lc_finality_update"));
      expect(await source.optimisticUpdate()).to.deep.equal(expected("lc_optimistic_update"));
    });

    it("reads the same as JSON", async () => {
      const source = restSource((await replay(node)).url, { encodings: "json" });
      const expected = (name: string) => ({ encoding: "json", value: JSON.parse(read(name).toString()).data, fork });
      expect(await source.bootstrap(root)).to.deep.equal(expected("lc_bootstrap.json"));
      expect(await source.finalityUpdate()).to.deep.equal(expected("lc_finality_update.json"));
      expect(await source.optimisticUpdate()).to.deep.equal(expected("lc_optimistic_update.json"));
    });

    it("splits the SSZ updates, and counts as many in JSON", async () => {
      const source = restSource((await replay(node)).url);
      const chunks = await source.updates(0, 128);
      const total = chunks.reduce((sum, each) => sum + 12 + (each.encoding === "ssz" ? each.bytes.byteLength : 0), 0);
      expect(total).to.equal(read("lc_updates.ssz").byteLength);
      for (const each of chunks)
        expect(each)
          .to.have.property("digest")
          .that.matches(/^0x[0-9a-f]{8}$/);
      source.preferJson("updates");
      const list = await source.updates(0, 128);
      expect(list).to.have.length(chunks.length).greaterThan(0);
      for (const each of list) expect(each).to.include({ encoding: "json", fork });
    });

    it("understands its HTTP 500 for an unknown root as not available, without a retry", async () => {
      for (const encodings of ["any", "json"] as const) {
        const server = await replay(node);
        const unknown = `0x${"11".repeat(32)}`;
        await failure("NOT_AVAILABLE", restSource(server.url, { encodings }).bootstrap(unknown));
        expect(server.requests).to.have.length(1);
      }
    });

    it("delivers every light-client event of its stream", async () => {
      const source = restSource((await replay(node)).url);
      const text = read("events.txt").toString();
      const count = (type: string) => text.split(`event: light_client_${type}_update\n`).length - 1;
      const events: SourceEvent[] = [];
      const controller = new AbortController();
      const following = source.subscribe({ signal: controller.signal, onEvent: (event) => events.push(event) });
      const expected = count("optimistic") + count("finality");
      expect(expected).to.be.greaterThan(10);
      await until("all events", () => events.length === expected);
      expect(events.filter(({ type }) => type === "finality")).to.have.length(count("finality"));
      for (const { object } of events) expect(object).to.include({ encoding: "json", fork });
      controller.abort();
      await following;
    });
  });
}
