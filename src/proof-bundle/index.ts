/** Proofs to take away: made by whoever has the network, verified offline by whoever has a checkpoint's root. */
export { type CreateBundleOptions, createProofBundle } from "./create.js";
export { BUNDLE_VERSION, MAX_BUNDLE_BYTES } from "./format.js";
export { type ProvenBundle, type VerifyBundleOptions, verifyProofBundle } from "./verify.js";
