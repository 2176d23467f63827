/** The BLS backends, each by its name, and all of them as one. */
import { readFileSync } from "node:fs";
import * as addon from "blst-native";
import type { Variant } from "../../src/bls/blst/engine.js";
import { blstBls, blstBlsFrom } from "../../src/bls/blst/index.js";
import { both } from "../../src/bls/both.js";
import { herumiBls } from "../../src/bls/herumi.js";
import { nativeBls } from "../../src/bls/native.js";
import type { Bls, CommitteeHandle } from "../../src/bls/port.js";
import type { SyncCommittee } from "../../src/ssz/objects.js";

const file = (name: string) => () => readFileSync(new URL(`../../src/bls/blst/wasm/${name}.wasm`, import.meta.url));

/** Each build by itself, for who wants its engine. */
export function blstVariants(): Record<"blst simd" | "blst baseline", Variant> {
  const of = (name: string): Variant => ({ name, wasm: file(name) });
  return { "blst simd": of("simd"), "blst baseline": of("baseline") };
}

export const BACKENDS = {
  "blst, the default": blstBls,
  "blst simd": () => blstBlsFrom({ simd: file("simd") }),
  "blst baseline": () => blstBlsFrom({ baseline: file("baseline") }),
  herumi: herumiBls,
  native: () => nativeBls(addon),
  "blst and herumi": () => both(blstBls(), herumiBls()),
} as const satisfies Record<string, () => Bls>;

/** What tests that need one backend verify with: the library's default, or what `SIDELIGHT_BLS` names (or `every`). */
export function testBls(): Bls {
  const name = process.env["SIDELIGHT_BLS"] ?? "blst, the default";
  if (name === "every") return everyBls();
  const create = (BACKENDS as Record<string, () => Bls>)[name];
  if (create === undefined) throw new Error(`SIDELIGHT_BLS: expected every or one of ${Object.keys(BACKENDS)}`);
  return create();
}

interface EveryHandle extends CommitteeHandle {
  readonly handles: readonly CommitteeHandle[];
}

/**
 * Asks both builds of blst, herumi and the native one about every signature; they must agree on whether it verifies. Those
 * other than ours take most of the time: `othersEvery` 8 asks them about each eighth.
 */
export function everyBls({ othersEvery = 1 } = {}): Bls {
  const members = [
    BACKENDS["blst simd"](),
    BACKENDS["blst baseline"](),
    both(BACKENDS.herumi(), BACKENDS.native()),
  ] as const;
  const handles = new WeakMap<SyncCommittee, EveryHandle>();
  let asked = 0;
  return {
    name: "every",
    async ready() {
      for (const bls of members) await bls.ready();
    },
    committee(committee) {
      const handle = handles.get(committee) ?? { committee, handles: members.map((bls) => bls.committee(committee)) };
      handles.set(committee, handle);
      return handle;
    },
    verifySyncAggregate(handle, ...rest) {
      const chosen = asked++ % othersEvery === 0 ? members : members.slice(0, 2);
      const answers = chosen.map((bls, i) => bls.verifySyncAggregate((handle as EveryHandle).handles[i]!, ...rest));
      const isAgreed = answers.every((answer) => (answer === null) === (answers[0] === null));
      if (!isAgreed) throw new Error(`backends disagree: ${members.map(({ name }, i) => `${name} ${answers[i]}`)}`);
      return answers[0]!;
    },
  };
}
