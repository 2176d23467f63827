/** From one fork to the next: which fork's version is signed depends on the slot before the signature's, and no other. */
import { expect } from "chai";
import { testNetwork } from "../../support/networks.js";
import { hexBytes } from "../../support/protocol.js";
import { FORKS } from "./support/feed.js";
import { openForged, tryOut } from "./support/forged-pair.js";
import { describeWithReference } from "./support/reference.js";

const FORK_EPOCH = 12;
const FORK_SLOT = FORK_EPOCH * 8;

/** Attested and signature slot, and whether the new fork's version is signed. */
const CASES: readonly (readonly [attested: number, signature: number, isNew: boolean])[] = [
  [FORK_SLOT - 2, FORK_SLOT - 1, false],
  [FORK_SLOT - 1, FORK_SLOT, false],
  [FORK_SLOT - 1, FORK_SLOT + 1, true],
  [FORK_SLOT - 3, FORK_SLOT + 2, true],
  [FORK_SLOT, FORK_SLOT + 1, true],
];

describeWithReference("fork versions and another light client", (reference) => {
  for (const [i, fork] of FORKS.slice(1).entries()) {
    const before = FORKS[i]!;
    it(`${before} to ${fork}: both accept the right version and refuse the other`, async () => {
      const network = testNetwork({ name: `to-${fork}`, forks: { [before]: 0, [fork]: FORK_EPOCH, gloas: Infinity } });
      const { forge, pair } = await openForged(reference(), network, 72);
      const versions = [network.forks[before], network.forks[fork]].map(({ version }) => hexBytes(version));
      for (const [attestedSlot, signatureSlot, isNew] of CASES) {
        for (const [version, forkVersion] of versions.entries()) {
          const options = { attestedSlot, signatureSlot, forkVersion };
          const judgements = await pair.judge([
            tryOut("update", forge.update(options)),
            tryOut("finality", forge.finalityUpdate(options)),
            tryOut("optimistic", forge.optimisticUpdate(options)),
          ]);
          for (const { item, ours, theirs } of judgements) {
            const isRight = (version === 1) === isNew;
            const title = `${item.kind} ${attestedSlot} at ${signatureSlot}: ${ours.reason}; ${theirs.reason}`;
            expect([ours.accepted, theirs.accepted], title).to.deep.equal([isRight, isRight]);
          }
        }
      }
    });
  }
});
