/** The library's decoder of each object. */
import { decodeBootstrap, decodeFinalityUpdate, decodeOptimisticUpdate, decodeUpdate } from "../../src/ssz/decode.js";

export const DECODERS = {
  LightClientBootstrap: decodeBootstrap,
  LightClientUpdate: decodeUpdate,
  LightClientFinalityUpdate: decodeFinalityUpdate,
  LightClientOptimisticUpdate: decodeOptimisticUpdate,
} as const;
