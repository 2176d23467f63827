import { expect } from "chai";
import { DECODERS } from "../../support/decoders.js";
import { expectCode } from "../../support/expect-code.js";
import type { Forge } from "../../support/forge.js";
import { forgeAt } from "../../support/forges.js";
import { contentOf } from "../../support/frozen.js";
import {
  type JsonNode,
  jsonLeaves,
  jsonNodes,
  valueAt,
  withoutValueAt,
  withValueAt,
} from "../../support/json-paths.js";
import { DISTINCT_FORKS } from "../../support/networks.js";
import { type AnyForged, oneOfEach } from "../../support/objects.js";

const HUGE_NUMBER = "9".repeat(1_000_000);
const HUGE_HEX = `0x${"00".repeat(500_000)}`;

const NOT_STRINGS = [
  undefined,
  null,
  0,
  1,
  -1,
  1.5,
  Number.NaN,
  true,
  [],
  {},
  ["0x00"],
  { length: 66 },
  new Uint8Array(32),
];

const NOT_INTEGERS = [
  ...[
    "",
    " ",
    "-1",
    "+1",
    "1.0",
    "1.5",
    "1e3",
    "0x10",
    "01",
    "00",
    " 1",
    "1 ",
    "1\n",
    "1,000",
    "１",
    "NaN",
    "Infinity",
  ],
  ...["null", "undefined", "__proto__", "1_000", "1n", "٣", HUGE_NUMBER, HUGE_HEX],
];

for (const fork of DISTINCT_FORKS) {
  describe(`JSON decoding of ${fork} objects`, () => {
    let forge: Forge;
    let objects: readonly AnyForged[];

    before(async () => {
      forge = await forgeAt(fork);
      objects = oneOfEach(forge, 115);
    });

    const decode = (forged: AnyForged, value: unknown) =>
      DECODERS[forged.object](forge.chain, { encoding: "json", value, fork });

    /** Refused, and the error names the place. */
    function expectRefused(forged: AnyForged, value: unknown, path: string): void {
      const details = expectCode("DECODE_FAILED", () => decode(forged, value));
      const { object, fork: named, encoding, expected, actual } = details;
      expect([object, named, encoding, details.path].join()).to.equal([forged.object, fork, "json", path].join());
      expect(expected.length + actual.length).to.be.lessThan(300);
    }

    /** The same test at every place of that kind, but only at the first and last of the public keys. */
    function eachNode(
      select: (json: unknown) => JsonNode[],
      test: (forged: AnyForged, node: JsonNode, json: unknown) => void,
    ): void {
      const jsons = objects.map((forged) => [forged, forged.json()] as const);
      for (const [forged, json] of jsons) {
        const nodes = select(json).filter(({ path }) => !/pubkeys\[([1-9]|[12]\d|30)\]/.test(path));
        if (forged.object === "LightClientUpdate") expect(nodes.length).to.be.greaterThan(0);
        for (const node of nodes) test(forged, node, json);
      }
    }

    it("gives what SSZ gives", () => {
      for (const forged of objects)
        expect(contentOf(decode(forged, forged.json()))).to.equal(contentOf(forged.value()));
    });

    it("takes hex of either case", () => {
      for (const forged of objects) {
        const text = JSON.stringify(forged.json()).replace(/0x[0-9a-f]+/g, (hex) => `0x${hex.slice(2).toUpperCase()}`);
        expect(contentOf(decode(forged, JSON.parse(text)))).to.equal(contentOf(forged.value()));
      }
    });

    it("refuses every missing field", () => {
      eachNode(jsonNodes, (forged, { keys, path }, json) => {
        const parent = valueAt(json, keys.slice(0, -1));
        const where = Array.isArray(parent) ? path.replace(/\[\d+\]$/, "") : path;
        expectRefused(forged, withoutValueAt(json, keys), where);
      });
    });

    it("refuses every leaf that is not a string", () => {
      eachNode(jsonLeaves, (forged, { keys, path }, json) => {
        for (const value of NOT_STRINGS) expectRefused(forged, withValueAt(json, keys, value), path);
        const number = Number(valueAt(json, keys));
        if (!Number.isNaN(number)) expectRefused(forged, withValueAt(json, keys, number), path);
      });
    });

    it("refuses every integer that is not one in decimal", () => {
      eachNode(integers, (forged, { keys, path }, json) => {
        for (const value of NOT_INTEGERS) expectRefused(forged, withValueAt(json, keys, value), path);
      });
    });

    it("refuses slots and indices beyond 2^53 - 1", () => {
      const isIndex = ({ path }: JsonNode) => /(slot|proposer_index)$/.test(path);
      eachNode(
        (json) => integers(json).filter(isIndex),
        (forged, { keys, path }, json) => {
          for (const value of [
            "9007199254740992",
            "9007199254740993",
            "18446744073709551615",
            "99999999999999999999",
          ]) {
            expectRefused(forged, withValueAt(json, keys, value), path);
          }
          decode(forged, withValueAt(json, keys, "9007199254740991"));
        },
      );
    });

    it("refuses integers of the execution header beyond their type, and takes the greatest", () => {
      if (fork === "altair" || fork === "gloas") return;
      const isBig = ({ path }: JsonNode) => !/(slot|proposer_index)$/.test(path);
      eachNode(
        (json) => integers(json).filter(isBig),
        (forged, { keys, path }, json) => {
          const limit = 1n << (path.endsWith("base_fee_per_gas") ? 256n : 64n);
          for (const value of [limit, limit + 1n, limit * 10n]) {
            expectRefused(forged, withValueAt(json, keys, `${value}`), path);
          }
          decode(forged, withValueAt(json, keys, `${limit - 1n}`));
        },
      );
    });

    it("refuses bytes of every wrong length or form", () => {
      eachNode(hexes, (forged, { keys, path, value }, json) => {
        const hex = value as string;
        const isList = path.endsWith("extra_data");
        const wrong = ["", "0", "0x0", `${hex}0`, hex.slice(2), `0X${hex.slice(2)}`, ` ${hex}`, `${hex}\n`, HUGE_HEX];
        wrong.push(`0x${"zz".repeat((hex.length - 2) / 2 || 1)}`, `0x-${hex.slice(3)}${hex.length === 2 ? "1" : ""}`);
        wrong.push(isList ? `0x${"00".repeat(33)}` : `${hex}00`, isList ? "0x000" : hex.slice(0, -2));
        if (!isList) wrong.push("0x");
        for (const bytes of wrong) expectRefused(forged, withValueAt(json, keys, bytes), path);
      });
    });

    it("refuses objects and arrays that are something else", () => {
      eachNode(
        (json) => jsonNodes(json).filter(({ value }) => typeof value === "object"),
        (forged, { keys, path, value }, json) => {
          const wrong: unknown[] = [undefined, null, 0, "", "0x", true, Array.isArray(value) ? { ...value } : [value]];
          if (Array.isArray(value)) wrong.push([], [...value, value[0]], { length: value.length }, new Array(100_000));
          for (const other of wrong) expectRefused(forged, withValueAt(json, keys, other), path);
        },
      );
      for (const forged of objects) {
        for (const value of [null, undefined, 0, "", "{}", [], [forged.json()], true]) expectRefused(forged, value, "");
      }
    });

    it("refuses holes in arrays", () => {
      eachNode(
        (json) => jsonNodes(json).filter(({ value }) => Array.isArray(value)),
        (forged, { keys, path, value }, json) => {
          const sparse = new Array((value as unknown[]).length);
          expectRefused(forged, withValueAt(json, keys, sparse), `${path}[0]`);
        },
      );
    });

    it("ignores keys that it does not know, hostile names included", () => {
      for (const forged of objects) {
        const json = JSON.stringify(forged.json());
        for (const key of ["extra", "__proto__", "constructor", "toString", "hasOwnProperty", "slot2"]) {
          const text = json.replaceAll("{", `{${JSON.stringify(key)}:{"slot":"1","beacon":null},`);
          const parsed = JSON.parse(text);
          expect(Object.keys(parsed)).to.include(key);
          expect(contentOf(decode(forged, parsed)), key).to.equal(contentOf(forged.value()));
        }
      }
      expect(({} as Record<string, unknown>)["beacon"]).to.equal(undefined);
    });

    it("does not take a field from a prototype", () => {
      for (const forged of objects) {
        const json = forged.json();
        for (const key of Object.keys(json)) {
          const { [key]: inherited, ...own } = json;
          expectRefused(forged, Object.assign(Object.create({ [key]: inherited }), own), key);
          const parsed = JSON.parse(`{"__proto__":${JSON.stringify({ [key]: inherited })}}`);
          expectRefused(forged, { ...own, ...parsed }, key);
        }
      }
    });

    it("refuses every null in the place of an object's field by name", () => {
      for (const forged of objects) {
        for (const { keys, path } of jsonNodes(forged.json()).filter(({ keys }) => keys.length <= 2)) {
          expectRefused(forged, withValueAt(forged.json(), keys, null), path);
        }
      }
    });
  });
}

function integers(json: unknown): JsonNode[] {
  return jsonLeaves(json).filter(({ value }) => /^\d+$/.test(value as string));
}

function hexes(json: unknown): JsonNode[] {
  return jsonLeaves(json).filter(({ value }) => (value as string).startsWith("0x"));
}
