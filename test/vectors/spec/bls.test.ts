import * as native from "blst-native";
import { blstBls } from "../../../src/bls/blst/index.js";
import { both } from "../../../src/bls/both.js";
import { herumiBls } from "../../../src/bls/herumi.js";
import { nativeBls } from "../../../src/bls/native.js";
import { blsVectors } from "./bls.js";

blsVectors([herumiBls(), blstBls(), nativeBls(native), both(blstBls(), herumiBls())]);
