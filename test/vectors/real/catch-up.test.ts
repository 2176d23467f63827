/** A whole catch-up of 3.4 years of mainnet: 1129 periods, Altair to Deneb, one committee handing over to the next. */

import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { expect } from "chai";
import type { Bls } from "../../../src/bls/port.js";
import { mainnet } from "../../../src/networks/mainnet.js";
import { computeSyncCommitteePeriodAtSlot } from "../../../src/networks/schedule.js";
import {
  createChain,
  decodeBootstrap,
  decodeUpdate,
  initializeLightClientStore,
  type LightClientStore,
  processLightClientUpdate,
  storePeriod,
} from "../../../src/spec/index.js";
import { beaconHeaderRoot } from "../../../src/ssz/roots.js";
import { everyBls } from "../../support/backends.js";
import { noteForTable } from "../counts.js";
import { DATA_FOLDER, describeWithData, readJson } from "../data-folder.js";
import { assertKnownRoot, countObject } from "./session.js";

const SET = "mainnet/updates-290-1418";
const FIRST_PERIOD = 290;
const LAST_PERIOD = 1418;
const COUNT = 1129;

const bls = everyBls({ othersEvery: 8 });

let signatures = 0;

/** Counts what verifies: the store's progress alone would not show a signature that nobody looked at. */
const countingBls: Bls = {
  ...bls,
  verifySyncAggregate(...args) {
    const fault = bls.verifySyncAggregate(...args);
    if (fault === null) signatures++;
    return fault;
  },
};

const chain = createChain(mainnet, countingBls);

describeWithData("catch-up over 1129 periods of mainnet", function () {
  this.timeout(600_000);

  before(() => bls.ready());

  it("verifies every update", async () => {
    let store = bootstrap();
    let period = FIRST_PERIOD;
    let knownRoots = 0;
    let ms = 0;
    for await (const line of readLines()) {
      const started = performance.now();
      const { version, data } = JSON.parse(line) as { version: string; data: unknown };
      const update = decodeUpdate(chain, { encoding: "json", value: data, fork: version });
      const attestedSlot = update.attestedHeader.beacon.slot;
      expect(computeSyncCommitteePeriodAtSlot(chain.network, attestedSlot)).to.equal(period);
      // the clock of the data: the first slot at which this signature can be known
      store = processLightClientUpdate(chain, store, update, update.signatureSlot);
      ms += performance.now() - started;

      expect(store.finalizedHeader.beacon.slot).to.equal(update.finalizedHeader.beacon.slot);
      expect(store.nextSyncCommittee).to.equal(update.nextSyncCommittee);
      if (assertKnownRoot(chain, update)) knownRoots++;
      countObject(chain, SET, attestedSlot);
      period++;
    }
    expect(period - 1).to.equal(LAST_PERIOD);
    expect(storePeriod(chain, store)).to.equal(LAST_PERIOD);
    expect(period - FIRST_PERIOD).to.equal(COUNT);
    expect(signatures).to.equal(COUNT);
    const seconds = (ms / 1000).toFixed(1);
    noteForTable(
      `${SET}: ${COUNT} of ${COUNT} updates in ${seconds} s, ${(ms / COUNT).toFixed(1)} ms each (JSON, proofs, signature by both builds of blst, each eighth by the others); ` +
        `${knownRoots} finalized roots compared with the list of known ones`,
    );
  });
});

/** The file is older than today's form: its header has no `beacon` around it. */
function bootstrap(): LightClientStore {
  const value = readJson(`${SET}/bootstrap_mainnet.json`);
  const decoded = decodeBootstrap(chain, { encoding: "json", value, fork: "altair" });
  countObject(chain, SET, decoded.header.beacon.slot);
  return initializeLightClientStore(chain, beaconHeaderRoot(chain.types, decoded.header.beacon), decoded);
}

function readLines(): AsyncIterable<string> {
  const file = createReadStream(join(DATA_FOLDER, SET, "updates-290-1418.jsonl.gz"));
  return createInterface({ input: file.pipe(createGunzip()), crlfDelay: Number.POSITIVE_INFINITY });
}
