/** Do enough independent operators say the same? Pure: what was said is an argument. */

/** One provider's word: this is the checkpoint root of this epoch. */
export interface Claim {
  readonly operator: string;
  readonly epoch: number;
  /** `0x` hex, lower case */
  readonly root: string;
}

/**
 * The newest epoch that `needed` operators have finalized: what each says is finalized, its ancestors are as well. As fewer
 * than `needed` liars cannot lift it beyond what somebody honest has finalized, a checkpoint from the future gains nothing.
 * `null` if there are not so many.
 */
export function chooseEpoch(finalized: readonly Pick<Claim, "operator" | "epoch">[], needed: number): number | null {
  const newest = new Map<string, number>();
  for (const { operator, epoch } of finalized) newest.set(operator, Math.max(epoch, newest.get(operator) ?? epoch));
  const epochs = [...newest.values()].sort((a, b) => b - a);
  return epochs[needed - 1] ?? null;
}

export interface Verdict {
  /** The root that most operators tell of the epoch; `null` if none does, or others are as many. */
  readonly root: string | null;
  /** Operators that tell this root and contradict nobody. */
  readonly agreeing: ReadonlySet<string>;
  /** Operators that told, of any epoch, another root than most did; where none has most, all of them. */
  readonly dissenting: ReadonlySet<string>;
  /** Epochs of which different roots were told, newest first. */
  readonly contested: readonly number[];
}

/**
 * What the claims say of `epoch`. Those of other epochs count for contradictions only, and whoever is already in dissent is
 * not heard again: one liar must not bring those who contradict it under suspicion.
 */
export function judge(claims: readonly Claim[], epoch: number): Verdict {
  const dissenting = new Set<string>();
  const contested: number[] = [];
  const others = [...new Set(claims.map((claim) => claim.epoch))].filter((other) => other !== epoch);
  let root: string | null = null;
  for (const at of [epoch, ...others.sort((a, b) => b - a)]) {
    const heard = claims.filter((claim) => claim.epoch === at && !dissenting.has(claim.operator));
    const { winner, losers } = split(heard);
    if (at === epoch) root = winner;
    if (losers.length > 0) contested.push(at);
    for (const operator of losers) dissenting.add(operator);
  }
  const told = claims.filter((claim) => claim.epoch === epoch && claim.root === root);
  const agreeing = new Set(told.map(({ operator }) => operator).filter((operator) => !dissenting.has(operator)));
  return { root, agreeing, dissenting, contested: contested.sort((a, b) => b - a) };
}

/** The root that most operators tell of one epoch, and who tells another one. Who tells two contradicts itself. */
function split(claims: readonly Claim[]): { readonly winner: string | null; readonly losers: readonly string[] } {
  const operators = new Map<string, Set<string>>();
  for (const { operator, root } of claims) operators.set(root, (operators.get(root) ?? new Set()).add(operator));
  const [first, second] = [...operators].sort(([, a], [, b]) => b.size - a.size);
  const winner = first === undefined || first[1].size === second?.[1].size ? null : first[0];
  return { winner, losers: claims.filter(({ root }) => root !== winner).map(({ operator }) => operator) };
}
