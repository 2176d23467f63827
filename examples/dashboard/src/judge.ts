/**
 * Judges the epochs of a series, each by those before it. A series lets go of its oldest epochs; what the detector has
 * learned of them stays, so that a verdict is the same whether or not the page has been open for months.
 */
import { createDetector, type Detector, type Judgement, type SeriesPoint } from "sidelight/health";
import { BASELINE_EPOCHS } from "./model.js";

/** Epochs from one copy of the detector to the next: it goes over so many again, and a few, when a new one comes. */
const STRIDE = 16;

/** A detector that has judged all epochs before `before`. */
interface Fork {
  before: number;
  readonly detector: Detector;
}

/**
 * Takes the points of a series as it has grown, gives the verdicts on its single epochs. Blocks say more of an epoch two
 * epochs later, and a walk into the past finds older ones: what is judged again is the first epoch whose values have
 * changed and those after it, and nothing before. The verdicts are those of one detector over all epochs that there ever were.
 */
export function createJudge(slotsPerEpoch: number): (points: readonly SeriesPoint[]) => readonly Judgement[] {
  const baseline = { kind: "rolling", minEpochs: BASELINE_EPOCHS } as const;
  /** The first one has judged what the series has let go, and nothing else. */
  const oldest: Fork = { before: 0, detector: createDetector({ slotsPerEpoch, baseline }) };
  let forks = [oldest];
  let known: readonly SeriesPoint[] = [];
  let judgements: readonly Judgement[] = [];

  /** What the series has let go will not change any more. */
  function letGo(before: number): void {
    const gone = known.filter(({ epoch }) => epoch < before);
    for (const point of gone) oldest.detector.push(point);
    if (gone.length === 0) return;
    oldest.before = gone.at(-1)!.epoch + 1;
    known = known.slice(gone.length);
    judgements = judgements.slice(gone.length);
    forks = [oldest, ...forks.filter((fork) => fork.before > oldest.before)];
  }

  return (points) => {
    const single = points.filter(({ epochs }) => epochs === 1);
    if (single.length > 0) letGo(single[0]!.epoch);
    const due = single.filter(({ epoch }) => epoch >= oldest.before);
    // a series makes another point of an epoch when its values change
    const changed = due.findIndex((point, i) => point !== known[i]);
    if (changed === -1) return judgements;
    forks = forks.filter(({ before }) => before <= due[changed]!.epoch);
    const from = forks.at(-1)!;
    const detector = from.detector.fork();
    const first = due.findIndex(({ epoch }) => epoch >= from.before);
    const next = judgements.slice(0, first);
    due.slice(first).forEach((point, i) => {
      if (i > 0 && i % STRIDE === 0) forks.push({ before: point.epoch, detector: detector.fork() });
      const judgement = detector.push(point);
      next.push(first + i < changed ? judgements[first + i]! : judgement);
    });
    known = due;
    judgements = next;
    return judgements;
  };
}
