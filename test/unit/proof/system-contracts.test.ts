import { expect } from "chai";
import {
  BEACON_ROOTS_ADDRESS,
  beaconRootSlots,
  decodeExecutionHeaderJson,
  executionHeaderHash,
  HISTORY_STORAGE_ADDRESS,
  historyStorageSlot,
  verifyBeaconRoot,
  verifyExecutionHeaderChain,
  verifyHistoricalBlockHash,
} from "../../../src/proof/index.js";
import { toHex } from "../../../src/ssz/bytes.js";
import { AMSTERDAM_HEADER } from "../../support/execution-headers.js";
import { expectCode } from "../../support/expect-code.js";
import { fill } from "../../support/fill.js";
import { buildState, type State, slotHex } from "../../support/state.js";

/** Both contracts, after the blocks 100 to 20000, a block every 12 seconds. */
async function chainState(): Promise<State> {
  const roots = new Map<bigint, bigint>();
  const hashes = new Map<bigint, bigint>();
  for (let number = 19_000; number <= 20_000; number++) {
    const timestamp = timeOf(number);
    roots.set(BigInt(timestamp) % 8191n, BigInt(timestamp));
    roots.set((BigInt(timestamp) % 8191n) + 8191n, BigInt(toHex(fill("beacon", number))));
    hashes.set(BigInt(number - 1) % 8191n, BigInt(toHex(fill("hash", number - 1))));
  }
  const account = { nonce: 1n, balance: 0n };
  return buildState(
    new Map([
      [BEACON_ROOTS_ADDRESS, { ...account, storage: roots }],
      [HISTORY_STORAGE_ADDRESS, { ...account, storage: hashes }],
    ]),
  );
}

const timeOf = (number: number) => 1_700_000_000 + 12 * number;

describe("system contracts", () => {
  let state: State;
  before(async () => {
    state = await chainState();
  });

  it("verifyBeaconRoot: the root of the parent of the beacon block of a time (EIP-4788)", async () => {
    const { stateRoot } = state;
    for (const number of [19_500, 20_000]) {
      const timestamp = timeOf(number);
      const answer = await state.getProof(BEACON_ROOTS_ADDRESS, beaconRootSlots(timestamp));
      expect(verifyBeaconRoot({ stateRoot, timestamp, answer })).to.equal(toHex(fill("beacon", number)));
      // of another time
      expectCode("CLAIM_MISMATCH", () => verifyBeaconRoot({ stateRoot, timestamp: timestamp + 1, answer }));
      const key = answer.storageProof[1]!;
      const forged = { ...answer, storageProof: [answer.storageProof[0]!, { ...key, value: slotHex(5n) }] };
      expectCode("CLAIM_MISMATCH", () => verifyBeaconRoot({ stateRoot, timestamp, answer: forged }));
    }
  });

  it("verifyBeaconRoot: null for a time that no block had, and for one that the ring has left", async () => {
    const { stateRoot } = state;
    for (const timestamp of [timeOf(20_000) - 5, timeOf(20_000) - 8191]) {
      const answer = await state.getProof(BEACON_ROOTS_ADDRESS, beaconRootSlots(timestamp));
      expect(verifyBeaconRoot({ stateRoot, timestamp, answer })).to.equal(null);
    }
    for (const timestamp of [0, -1, 0.5, 2 ** 60]) {
      expectCode("OPTION_INVALID", () => verifyBeaconRoot({ stateRoot, timestamp, answer: {} }));
    }
  });

  it("verifyHistoricalBlockHash: of the 8191 blocks before (EIP-2935)", async () => {
    const { stateRoot } = state;
    const ask = async (blockNumber: number, stateBlockNumber = 20_000) => {
      const answer = await state.getProof(HISTORY_STORAGE_ADDRESS, [historyStorageSlot(blockNumber)]);
      return verifyHistoricalBlockHash({ stateRoot, stateBlockNumber, blockNumber, answer });
    };
    expect(await ask(19_999)).to.equal(toHex(fill("hash", 19_999)));
    expect(await ask(19_100)).to.equal(toHex(fill("hash", 19_100)));
    // of before the fork
    expect(await ask(18_500)).to.equal(null);
    const answer = await state.getProof(HISTORY_STORAGE_ADDRESS, [historyStorageSlot(19_999)]);
    for (const blockNumber of [20_000, 20_001, 11_808, -1, 1.5]) {
      expectCode("OPTION_INVALID", () =>
        verifyHistoricalBlockHash({ stateRoot, stateBlockNumber: 20_000, blockNumber, answer }),
      );
    }
    expectCode("CLAIM_MISMATCH", () =>
      verifyHistoricalBlockHash({ stateRoot, stateBlockNumber: 20_000, blockNumber: 19_998, answer }),
    );
  });

  it("verifyExecutionHeaderChain: parents by their hashes", () => {
    const older = { ...AMSTERDAM_HEADER, number: "0xbf", hash: undefined };
    const olderHash = executionHeaderHash(decodeExecutionHeaderJson(older));
    const newer = { ...AMSTERDAM_HEADER, parentHash: olderHash, hash: undefined };
    const blockHash = executionHeaderHash(decodeExecutionHeaderJson(newer));
    const numbers = verifyExecutionHeaderChain({ blockHash, headers: [newer, older] }).map(({ number }) => number);
    expect(numbers).to.deep.equal([192, 191]);
    expectCode("BLOCK_HASH_MISMATCH", () => verifyExecutionHeaderChain({ blockHash, headers: [newer, newer] }));
    expectCode("BLOCK_HASH_MISMATCH", () => verifyExecutionHeaderChain({ blockHash, headers: [older] }));
    expectCode("OPTION_INVALID", () => verifyExecutionHeaderChain({ blockHash, headers: new Array(8193) }));
  });
});
