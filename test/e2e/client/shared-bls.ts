/** One backend for many clients of one chain: each signature is really verified, but once, whoever asks. */
import { herumiBls } from "../../../src/bls/herumi.js";
import type { Bls, CommitteeHandle } from "../../../src/bls/port.js";
import type { SignatureFault } from "../../../src/errors.js";
import { toHex } from "../../../src/ssz/bytes.js";
import type { SyncCommittee } from "../../../src/ssz/objects.js";

interface SharedHandle extends CommitteeHandle {
  readonly key: string;
}

export function sharedBls(backend: Bls = herumiBls()): Bls {
  const handles = new WeakMap<SyncCommittee, SharedHandle>();
  const answers = new Map<string, SignatureFault | null>();
  return {
    name: `shared ${backend.name}`,
    ready: () => backend.ready(),
    committee(committee) {
      // every byte of what is verified is part of the key
      const handle = handles.get(committee) ?? { committee, key: committee.pubkeys.map(toHex).join() };
      handles.set(committee, handle);
      return handle;
    },
    verifySyncAggregate(handle, bits, signingRoot, signature) {
      const parts = [bits.uint8Array, signingRoot, signature].map(toHex);
      const key = [(handle as SharedHandle).key, bits.bitLen, ...parts].join("/");
      let answer = answers.get(key);
      if (answer === undefined) {
        answer = backend.verifySyncAggregate(backend.committee(handle.committee), bits, signingRoot, signature);
        answers.set(key, answer);
      }
      return answer;
    },
  };
}
