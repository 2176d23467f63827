// Import this before anything else that touches SSZ: zero hashes and cached roots are made with the hasher that is set
// at that time. The native batch hasher makes state roots several times faster than the default.
import { setHasher } from "@chainsafe/persistent-merkle-tree";
import { hasher } from "@chainsafe/persistent-merkle-tree/hasher/hashtree";

setHasher(hasher);
