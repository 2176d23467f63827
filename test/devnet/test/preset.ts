// The packages read the preset when they are first imported; tests run on the minimal one.
import "../src/chain/hasher.ts";

process.env.LODESTAR_PRESET = "minimal";
