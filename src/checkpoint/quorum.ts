/** k of n: a checkpoint that enough independent providers tell, and nobody contradicts. */
import { createScope } from "../abort.js";
import { systemClock } from "../clock.js";
import { asSidelightError, SidelightError } from "../errors.js";
import { retryAfterMsOf } from "../transport/pool/fault.js";
import { chooseEpoch, judge, type Verdict } from "./agreement.js";
import { type Asking, askFinalized, askRoot, type EpochRoot } from "./ask.js";
import type { Checkpoint, CheckpointProvider, CheckpointStatement } from "./port.js";
import {
  type CheckpointQuorumOptions,
  type Provider,
  type QuorumConfig,
  resolveQuorumOptions,
} from "./quorum-options.js";

/** What one provider said so far. */
interface Word {
  readonly provider: Provider;
  /** What it says is finalized, then its root of the epoch that is compared; none if it gave no usable answer. */
  readonly said: readonly EpochRoot[];
  readonly error: SidelightError | null;
}

/** Those who want to be left alone for a while, and the error that said so. */
type Resting = Map<Provider, { readonly error: SidelightError; readonly atMs: number }>;

/**
 * Asks every provider what is finalized, and takes the newest checkpoint that `required` independent operators agree on.
 *
 * ```ts
 * const checkpoint = checkpointQuorum({ providers: mainnetCheckpointProviders, required: 3 });
 * const client = createLightClient({ network: mainnet, checkpoint, sources });
 * ```
 *
 * Providers are hardly ever at the same epoch. The epoch that is compared is the newest one that enough have finalized; who
 * is further is asked for its root of that epoch. Any contradiction, also about another epoch, refuses all of it (unless
 * `tolerateDissent` says how many may contradict).
 *
 * Requests: at most 3 to each provider a call (genesis, finality checkpoints, one block root), each of at most 16 KiB and
 * `timeoutMs`, all providers at once, none repeated; none to one that has asked by `Retry-After` to be left alone, for up to ten
 * minutes. Synchronous and without I/O until `checkpoint()` is called.
 *
 * `checkpoint()` rejects with:
 * - `CHECKPOINT_DISAGREEMENT`: different roots of one epoch
 * - `CHECKPOINT_NO_QUORUM`: too few told the same; who did not answer, and why, is in the details
 * - `signal.reason`
 *
 * @throws OPTION_INVALID
 */
export function checkpointQuorum(options: CheckpointQuorumOptions): CheckpointProvider {
  const config = resolveQuorumOptions(options);
  const { providers, operators, required, tolerated } = config;
  const resting: Resting = new Map();
  return {
    name: `quorum of ${required} in ${operators}`,
    async checkpoint({ network, clock = systemClock(), signal }) {
      const asking: Asking = { network, clock, whileWanted: createScope(signal) };
      const first = await Promise.all(providers.map((provider) => askFirst(provider, asking, resting)));
      signal?.throwIfAborted();
      const heard = first.flatMap(claimsOf);
      // More voices than are needed, where they are: one that contradicts must not leave too few.
      const epoch = chooseEpoch(heard, required + tolerated) ?? chooseEpoch(heard, required);
      if (epoch === null) return decide(first, null, config, clock.nowMs());
      const words = await Promise.all(first.map((word) => askAgain(word, epoch, asking, resting)));
      signal?.throwIfAborted();
      return decide(words, epoch, config, clock.nowMs());
    },
  };
}

async function askFirst(provider: Provider, asking: Asking, resting: Resting): Promise<Word> {
  const rest = resting.get(provider);
  // a distance: the clock may be set back
  if (rest !== undefined && Math.abs(asking.clock.nowMs() - rest.atMs) < retryAfterMsOf(rest.error)) {
    return { provider, said: [], error: rest.error };
  }
  try {
    return { provider, said: [await askFinalized(provider.config, asking)], error: null };
  } catch (thrown) {
    return { provider, said: [], error: failed(provider, thrown, asking, resting) };
  }
}

/** Who has finalized a later epoch is asked for the one that is compared. */
async function askAgain(word: Word, epoch: number, asking: Asking, resting: Resting): Promise<Word> {
  const { provider, said } = word;
  if (said.every((checkpoint) => checkpoint.epoch <= epoch)) return word;
  try {
    const root = await askRoot(provider.config, asking, epoch);
    return { ...word, said: [...said, { epoch, root }] };
  } catch (thrown) {
    return { ...word, error: failed(provider, thrown, asking, resting) };
  }
}

function failed(provider: Provider, thrown: unknown, { clock }: Asking, resting: Resting): SidelightError {
  const error = asSidelightError(thrown, `asking ${provider.name}`);
  resting.set(provider, { error, atMs: clock.nowMs() });
  return error;
}

function claimsOf({ provider: { operator }, said }: Word) {
  return said.map((checkpoint) => ({ operator, ...checkpoint }));
}

/** @param epoch the one that was compared; `null` if there was none that enough have finalized */
function decide(
  words: readonly Word[],
  epoch: number | null,
  { operators, required, tolerated }: QuorumConfig,
  nowMs: number,
): Checkpoint {
  const verdict = judge(words.flatMap(claimsOf), epoch ?? -1);
  const { root, agreeing, dissenting, contested } = verdict;
  const agreed = agreeing.size;
  if (dissenting.size > tolerated) {
    const differing = epoch !== null && contested.includes(epoch) ? epoch : contested[0]!;
    throw disagreement(differing, required, statementsOf(words, differing, verdict));
  }
  const statements = statementsOf(words, epoch, verdict);
  if (epoch === null || root === null || agreed < required) throw noQuorum(epoch, required, agreed, statements);
  return { root, report: { root, epoch, required, agreed, operators, agreedAtMs: nowMs, statements } };
}

function statementsOf(words: readonly Word[], epoch: number | null, verdict: Verdict): CheckpointStatement[] {
  return words.map(({ provider: { name, operator }, said, error }) => {
    const root = said.find((checkpoint) => checkpoint.epoch === epoch)?.root ?? null;
    return {
      provider: name,
      operator,
      verdict: verdictOn(operator, said, root, verdict),
      finalized: said[0] ?? null,
      root,
      error: error && { code: error.code, message: error.message },
    };
  });
}

function verdictOn(operator: string, said: readonly EpochRoot[], root: string | null, { dissenting }: Verdict) {
  if (said.length === 0) return "silent";
  if (dissenting.has(operator)) return "contradicts";
  return root === null ? "other" : "agrees";
}

function disagreement(epoch: number, required: number, statements: CheckpointStatement[]): SidelightError {
  const message = `the providers tell different roots of epoch ${epoch} (${statements.map(describe).join("; ")})`;
  return new SidelightError("CHECKPOINT_DISAGREEMENT", message, { epoch, required, statements });
}

function noQuorum(
  epoch: number | null,
  required: number,
  agreed: number,
  statements: CheckpointStatement[],
): SidelightError {
  const expected = `expected ${required} independent operators to tell the same finalized root, got ${agreed}`;
  const message = `no checkpoint: ${expected} (${statements.map(describe).join("; ")})`;
  return new SidelightError("CHECKPOINT_NO_QUORUM", message, { epoch, required, agreed, statements });
}

function describe({ provider, finalized, root, error }: CheckpointStatement): string {
  if (finalized === null) return error?.message ?? `${provider}: nothing`;
  const own = `${provider}: epoch ${finalized.epoch} ${finalized.root}`;
  if (error !== null) return `${own}, then ${error.message}`;
  return root === null || root === finalized.root ? own : `${own}, before it ${root}`;
}
