import * as blst from "blst-native";
import { nativeBls } from "../../../src/bls/native.js";
import { blsContract } from "../../contract/bls.js";

blsContract("nativeBls", () => nativeBls(blst));
