/**
 * Sepolia finality updates as a bridge's relayer sent them, each with the committee that it says signed. There is no
 * bootstrap: the committees of periods 436 and 437 are only claimed, that of 438 is proven by the update of period 437.
 */

import { isDeepStrictEqual } from "node:util";
import { expect } from "chai";
import { computeSyncCommitteePeriodAtSlot } from "../../../src/networks/schedule.js";
import { isNextSyncCommitteeKnown, type LightClientStore, type SyncCommittee } from "../../../src/spec/index.js";
import { decodeJson } from "../../../src/ssz/json.js";
import { noteForTable } from "../counts.js";
import { describeWithData, listFiles, readJson } from "../data-folder.js";
import { assertKnownRoot, bls, CHAINS, countObject, decodeSigned, verifyNewer } from "./session.js";

const SET = "sepolia/union-history";

const chain = CHAINS.sepolia;

interface Message {
  readonly consensus_update: Record<string, unknown>;
  readonly trusted_sync_committee: { readonly sync_committee: Record<string, unknown> };
}

describeWithData("Sepolia updates of union", function () {
  this.timeout(60_000);

  before(() => bls.ready());

  it("in period 436 are signed by the committee that comes with them (not proven: there is no bootstrap)", () => {
    const [first, ...rest] = updatesOfPeriod(436);
    let store = storeOf(first!);
    for (const { update } of [first!, ...rest]) store = verify(store, update);
  });

  it("in period 437 are signed by the committee that comes with them (not proven), in period 438 by the proven one", () => {
    const [first, ...rest] = updatesOfPeriod(437);
    let store = storeOf(first!);
    for (const { update } of [first!, ...rest]) store = verify(store, update);
    expect(isNextSyncCommitteeKnown(store)).to.equal(true);

    const proven = store.nextSyncCommittee;
    const updates = updatesOfPeriod(438);
    for (const { update, claimed } of updates) {
      expect(isDeepStrictEqual(claimed, proven)).to.equal(true);
      store = verify(store, update);
    }
    noteForTable(`${SET}: ${updates.length} updates signed by a proven committee, the others by one only claimed`);
  });
});

function verify(store: LightClientStore, update: ReturnType<typeof decodeSigned>): LightClientStore {
  const next = verifyNewer(chain, store, update);
  assertKnownRoot(chain, update);
  countObject(chain, SET, update.attestedHeader.beacon.slot);
  return next;
}

/** The updates that a period's committee has signed, by slot. */
function updatesOfPeriod(period: number) {
  return listFiles(SET)
    .map(readUpdate)
    .filter(({ update }) => computeSyncCommitteePeriodAtSlot(chain.network, update.signatureSlot) === period)
    .sort((a, b) => a.update.signatureSlot - b.update.signatureSlot);
}

function readUpdate(path: string) {
  const json = readJson(path) as Message & { client_message?: { data: Message } };
  const message = json.client_message?.data ?? json;
  const value = message.consensus_update;
  const update = decodeSigned(chain, value["next_sync_committee"] === null ? "finality" : "update", {
    encoding: "json",
    value,
  });
  // `{"Current": committee}`, or `{"@type": "current", "@value": committee}`
  const committee = message.trusted_sync_committee.sync_committee;
  const claimed = committee["@value"] ?? Object.values(committee)[0];
  return {
    update,
    claimed: decodeJson(chain.types.SyncCommittee, claimed, {
      object: "SyncCommittee",
      fork: "capella",
    }) as SyncCommittee,
  };
}

/** As if its committee, and what it finalizes, had been trusted from the start. */
function storeOf({ update, claimed }: ReturnType<typeof readUpdate>): LightClientStore {
  return {
    finalizedHeader: update.finalizedHeader,
    currentSyncCommittee: claimed,
    nextSyncCommittee: null,
    bestValidUpdate: null,
    optimisticHeader: update.finalizedHeader,
    previousMaxActiveParticipants: 0,
    currentMaxActiveParticipants: 0,
  };
}
