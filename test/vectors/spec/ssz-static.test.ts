/** consensus-specs `tests/formats/ssz_static/core.md`, for the containers of the light client. */

import { isDeepStrictEqual } from "node:util";
import { expect } from "chai";
import { blstBls } from "../../../src/bls/blst/index.js";
import { isSidelightError, type SidelightError } from "../../../src/errors.js";
import {
  type Chain,
  computeSyncCommitteeDomain,
  createChain,
  decodeBootstrap,
  decodeFinalityUpdate,
  decodeOptimisticUpdate,
  decodeUpdate,
  type Types,
} from "../../../src/spec/index.js";
import { fromHex, toHex } from "../../../src/ssz/bytes.js";
import { hashPair } from "../../../src/ssz/hash.js";
import { decodeJson } from "../../../src/ssz/json.js";
import type { AnyType, SszType } from "../../../src/ssz/type.js";
import { noteForTable } from "../counts.js";
import { describeWithData, readSszSnappy, readYaml } from "../data-folder.js";
import { casesOf, countCase, type VectorCase } from "./cases.js";
import { exactType } from "./exact-types.js";
import { networkOfFork } from "./networks.js";

const DECODERS = {
  LightClientBootstrap: decodeBootstrap,
  LightClientUpdate: decodeUpdate,
  LightClientFinalityUpdate: decodeFinalityUpdate,
  LightClientOptimisticUpdate: decodeOptimisticUpdate,
};

/** Types that the library has no container of: it computes their roots by hand, which is tested apart. */
const WITHOUT_CONTAINER = ["ForkData", "SigningData"];

/** What {@link exactType} makes of a light-client object or its parts. */
type ExactValue = Record<string, unknown>;

const decodes = { read: 0, refused: 0 };

describeWithData("ssz_static", function () {
  this.timeout(60_000);

  after(() => {
    noteForTable(
      `ssz_static: the decode functions read ${decodes.read} light-client objects and refused ${decodes.refused}`,
    );
  });

  for (const vectors of groups()) {
    const { release, preset, fork, handler } = vectors[0]!;
    const title = `${release} ${preset} ${fork} ${handler}`;
    if (WITHOUT_CONTAINER.includes(handler)) {
      it(`${title}: ${vectors.length} roots as the library computes them`, () => {
        for (const vector of vectors) {
          assertHandMadeRoot(vector);
          countCase(vector);
        }
      });
      continue;
    }

    const chain = createChain(networkOfFork(fork, preset as "minimal"), blstBls());
    const type = typeOf(chain.types, vectors[0]!);
    const exact = exactType(type);

    it(`${title}: ${vectors.length} round trips and roots, from SSZ and JSON`, () => {
      for (const vector of vectors) {
        const bytes = readSszSnappy(`${vector.folder}/serialized.ssz_snappy`);
        const value = exact.deserialize(bytes);
        expect(toHex(exact.serialize(value)), vector.folder).to.equal(toHex(bytes));
        expect(toHex(exact.hashTreeRoot(value)), vector.folder).to.equal(rootOf(vector));
        const json = readYaml(`${vector.folder}/value.yaml`);
        expect(isDeepStrictEqual(decodeJson(exact, json, context(vector)), value), `${vector.folder}: JSON`).to.equal(
          true,
        );
        countCase(vector);
      }
    });

    it(`${title}: production containers read what is safe, and refuse what is not`, () => {
      for (const vector of vectors) assertProduction(chain, type, vector, exact);
    });
  }
});

/** Cases of one type, fork, preset and release together. */
function groups(): VectorCase[][] {
  const found = new Map<string, VectorCase[]>();
  for (const vector of casesOf("ssz_static")) {
    const key = [vector.release, vector.preset, vector.fork, vector.handler].join("/");
    found.set(key, [...(found.get(key) ?? []), vector]);
  }
  return [...found.values()];
}

function typeOf(types: Types, { handler, fork }: VectorCase): AnyType {
  const denebOrLater = !["altair", "bellatrix", "capella"].includes(fork);
  const known: Readonly<Record<string, AnyType>> = {
    ...types.forks[fork],
    BeaconBlockHeader: types.BeaconBlockHeader,
    SyncCommittee: types.SyncCommittee,
    SyncAggregate: types.SyncAggregate,
    ExecutionPayloadHeader: denebOrLater ? types.ExecutionPayloadHeaderDeneb : types.ExecutionPayloadHeaderCapella,
  };
  const type = known[handler];
  if (type === undefined) throw new Error(`ssz_static: no container for ${handler}`);
  return type;
}

/** Light-client objects through the decode functions, their parts through the container itself. */
function assertProduction(chain: Chain, anyType: AnyType, vector: VectorCase, exact: SszType<unknown>): void {
  const type = anyType as SszType<unknown>;
  const bytes = readSszSnappy(`${vector.folder}/serialized.ssz_snappy`);
  const value = exact.deserialize(bytes) as ExactValue;
  const isSafe = unsafeIntegers(value) === 0;
  const json = readYaml(`${vector.folder}/value.yaml`);
  if (isSafe) {
    expect(toHex(type.serialize(type.deserialize(bytes))), vector.folder).to.equal(toHex(bytes));
    expect(toHex(type.hashTreeRoot(type.deserialize(bytes))), vector.folder).to.equal(rootOf(vector));
    expect(toHex(type.serialize(decodeJson(type, json, context(vector)))), vector.folder).to.equal(toHex(bytes));
  } else {
    expect(errorOf(() => decodeJson(type, json, context(vector))).code, `${vector.folder}: JSON`).to.equal(
      "DECODE_FAILED",
    );
  }
  if (!isDecoded(vector.handler)) return;
  const decode = () =>
    DECODERS[vector.handler as keyof typeof DECODERS](chain, { encoding: "ssz", bytes, fork: vector.fork });
  if (!isSafe) {
    expect(errorOf(decode).code, vector.folder).to.equal("DECODE_FAILED");
    decodes.refused++;
    return;
  }
  const decoded = decode() as unknown as ExactValue;
  decodes.read++;
  const wire = type.deserialize(bytes) as ExactValue;
  for (const name of ["header", "attestedHeader", "finalizedHeader"]) {
    const beacon = (header: unknown) => (header as { beacon: unknown } | undefined)?.beacon;
    expect(isDeepStrictEqual(beacon(decoded[name]), beacon(wire[name])), `${vector.folder}: ${name}`).to.equal(true);
  }
  for (const name of ["currentSyncCommittee", "syncAggregate", "signatureSlot"]) {
    expect(isDeepStrictEqual(decoded[name], wire[name]), `${vector.folder}: ${name}`).to.equal(true);
  }
}

function isDecoded(handler: string): handler is keyof typeof DECODERS {
  return Object.hasOwn(DECODERS, handler);
}

/** How many of the integers that the library keeps as numbers are beyond those. */
function unsafeIntegers(value: ExactValue): number {
  let count = 0;
  for (const [name, field] of Object.entries(value)) {
    const isNumber = ["slot", "proposerIndex", "signatureSlot"].includes(name);
    if (isNumber && (field as bigint) > BigInt(Number.MAX_SAFE_INTEGER)) count++;
    if (["header", "attestedHeader", "finalizedHeader", "beacon"].includes(name)) {
      count += unsafeIntegers(field as ExactValue);
    }
  }
  return count;
}

/** `compute_fork_data_root` and `compute_signing_root`, which are two chunks each. */
function assertHandMadeRoot(vector: VectorCase): void {
  const value = readYaml(`${vector.folder}/value.yaml`) as Record<string, string>;
  if (vector.handler === "ForkData") {
    const domain = computeSyncCommitteeDomain(
      fromHex(value["current_version"]!),
      fromHex(value["genesis_validators_root"]!),
    );
    expect(toHex(domain), vector.folder).to.equal(`0x07000000${rootOf(vector).slice(2, 2 + 2 * 28)}`);
  } else {
    const root = hashPair(fromHex(value["object_root"]!), fromHex(value["domain"]!));
    expect(toHex(root), vector.folder).to.equal(rootOf(vector));
  }
}

function rootOf(vector: VectorCase): string {
  return (readYaml(`${vector.folder}/roots.yaml`) as { root: string }).root;
}

function context({ handler, fork }: VectorCase) {
  return { object: handler, fork };
}

function errorOf(run: () => unknown): SidelightError {
  try {
    run();
  } catch (error) {
    if (isSidelightError(error)) return error;
    throw error;
  }
  throw new Error("expected an error");
}
