import { restSourceContract } from "../../contract/rest-source.js";
import { restWorld } from "../../contract/rest-world.js";
import { sourceContract } from "../../contract/source.js";
import type { Devnet } from "../../devnet/src/bind.ts";
import { type Chains, connectChain } from "../support/chains.js";

export function sourceSuites(getChains: () => Chains): void {
  describe("sources in front of a real chain", () => {
    let devnet: Devnet;

    before(async () => {
      devnet = await connectChain(getChains(), "manual");
    });

    sourceContract("restSource", async () => restWorld(devnet));
    sourceContract("restSource, JSON only", async () => restWorld(devnet, { encodings: "json" }));
    restSourceContract("browser", () => devnet);
  });
}
