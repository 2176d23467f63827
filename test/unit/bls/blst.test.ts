import { blstBls } from "../../../src/bls/blst/index.js";
import { blsContract } from "../../contract/bls.js";

blsContract("blstBls", blstBls);
