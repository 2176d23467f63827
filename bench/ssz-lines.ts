/** The updates' other encoding: what a server that has SSZ would have sent. */
import type { Chain } from "../src/spec/index.js";
import { decodeJson } from "../src/ssz/json.js";
import type { SszType } from "../src/ssz/type.js";
import type { RawObject } from "../src/transport/port.js";

export function sszOfLine({ types }: Chain, line: string): RawObject {
  const { version, data } = JSON.parse(line) as { version: keyof typeof types.forks; data: Record<string, unknown> };
  const type = types.forks[version].LightClientUpdate as SszType<unknown>;
  const value = decodeJson(type, withBeacon(data), { object: "LightClientUpdate", fork: version });
  return { encoding: "ssz", bytes: type.serialize(value), fork: version };
}

/** Archives of before late 2022 have no `beacon` around the headers' fields. */
function withBeacon(data: Record<string, unknown>): Record<string, unknown> {
  const wrap = (header: unknown) => (Object.hasOwn(header as object, "beacon") ? header : { beacon: header });
  return {
    ...data,
    attested_header: wrap(data["attested_header"]),
    finalized_header: wrap(data["finalized_header"]),
  };
}
