/** One backend for many clients of one chain: each signature is really verified, by every backend, but once, whoever asks. */
import type { Bls, CommitteeHandle } from "../../../src/bls/port.js";
import type { SignatureFault } from "../../../src/errors.js";
import { toHex } from "../../../src/ssz/bytes.js";
import type { SyncCommittee } from "../../../src/ssz/objects.js";
import { everyBls } from "../../support/backends.js";

interface SharedHandle extends CommitteeHandle {
  /** Of all committees with these keys. */
  readonly id: number;
}

export function sharedBls(backend: Bls = everyBls()): Bls {
  const handles = new WeakMap<SyncCommittee, SharedHandle>();
  const ids = new Map<string, number>();
  const answers = new Map<string, SignatureFault | null>();

  function idOf({ pubkeys }: SyncCommittee): number {
    // every byte of what is verified counts
    const key = pubkeys.map(toHex).join();
    const id = ids.get(key) ?? ids.size;
    ids.set(key, id);
    return id;
  }

  return {
    name: `shared ${backend.name}`,
    ready: () => backend.ready(),
    committee(committee) {
      const handle = handles.get(committee) ?? { committee, id: idOf(committee) };
      handles.set(committee, handle);
      return handle;
    },
    verifySyncAggregate(handle, bits, signingRoot, signature) {
      const parts = [bits.uint8Array, signingRoot, signature].map(toHex);
      const key = [(handle as SharedHandle).id, bits.bitLen, ...parts].join("/");
      let answer = answers.get(key);
      if (answer === undefined) {
        answer = backend.verifySyncAggregate(backend.committee(handle.committee), bits, signingRoot, signature);
        answers.set(key, answer);
      }
      return answer;
    },
  };
}
