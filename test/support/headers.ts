/** What the tests of header validity share. */
import { assertValidLightClientHeader } from "../../src/spec/header.js";
import { decodeBootstrap } from "../../src/ssz/decode.js";
import type { LightClientHeader } from "../../src/ssz/objects.js";
import type { Forge, ForgedBootstrap } from "./forge.js";
import { forgeAt } from "./forges.js";
import type { LightClientFork } from "./networks.js";

export const SLOT = 85;
/** Of the execution block hash in a block body. */
export const GINDEX: Partial<Record<LightClientFork, number>> = {
  capella: 412,
  deneb: 812,
  electra: 812,
  fulu: 812,
  gloas: 2856,
};

type Change = Parameters<ForgedBootstrap["edit"]>[0];

/** A suite with a forge at `fork` and an honest bootstrap at {@link SLOT}. */
export function headerSuite(
  fork: LightClientFork,
  tests: (context: () => { forge: Forge; honest: ForgedBootstrap }) => void,
): void {
  describe(`assertValidLightClientHeader (${fork})`, () => {
    let forge: Forge;
    let honest: ForgedBootstrap;
    before(async () => {
      forge = await forgeAt(fork);
      honest = forge.bootstrap(SLOT);
    });

    it("takes an honest header", () => {
      for (const slot of [0, 1, 32, SLOT, 131]) assertValid(forge, forge.bootstrap(slot).value().header);
    });
    tests(() => ({ forge, honest }));
  });
}

export function assertValid(forge: Forge, header: LightClientHeader): void {
  assertValidLightClientHeader(forge.chain, "header in question", header);
}

/** Header of a bootstrap, changed after signing, read in a shape. */
export function headerOf(
  bootstrap: ForgedBootstrap,
  change: Change = () => {},
  shape?: LightClientFork,
): LightClientHeader {
  return bootstrap.edit(change).value(shape === undefined ? {} : { shape }).header;
}

/** Header of a bootstrap's JSON. */
export function headerOfJson(forge: Forge, value: unknown, shape: LightClientFork): LightClientHeader {
  return decodeBootstrap(forge.chain, { encoding: "json", value, fork: shape }).header;
}
