/** From what came over the wire to the library's object: JSON as text, SSZ as bytes. */
import type { LightClientFork } from "../src/networks/types.js";
import { createChain, decodeUpdate } from "../src/spec/index.js";
import { decodeJson } from "../src/ssz/json.js";
import { decodeLine } from "./cases.js";
import type { Bench } from "./context.js";
import { measure } from "./measure.js";
import { readyDefault } from "./peers.js";

const COUNT = 10;

export const decodeUpdateBench: Bench = {
  name: "decode-update",
  async run({ isQuick, data, note }) {
    const bls = await readyDefault();
    const chain = createChain(data.network, bls!);
    const line = data.lines.at(-1)!;
    const { version: fork, data: value } = JSON.parse(line) as { version: LightClientFork; data: unknown };
    const type = chain.types.forks[fork].LightClientUpdate;
    // the union of the forks' containers has no common type of values
    const wire = decodeJson(type as Parameters<typeof decodeJson>[0], value, { object: "LightClientUpdate", fork });
    const bytes = type.serialize(wire as never);
    note(`decode-update: a ${fork} update, ${line.length} bytes of JSON, ${bytes.length} bytes of SSZ`);

    const times = (run: () => unknown) => () => {
      for (let i = 0; i < COUNT; i++) run();
    };
    return measure(
      [
        {
          metric: "SSZ",
          baseline: "JSON",
          count: COUNT,
          run: times(() => decodeUpdate(chain, { encoding: "ssz", bytes, fork })),
        },
        { metric: "JSON", count: COUNT, run: times(() => decodeLine(chain, line)) },
        { metric: "JSON.parse alone", baseline: "JSON", count: COUNT, run: times(() => JSON.parse(line)) },
      ],
      { bench: decodeUpdateBench.name, unit: "ms", rounds: isQuick ? 7 : 31 },
    );
  },
};
