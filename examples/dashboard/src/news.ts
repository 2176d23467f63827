/**
 * What is said aloud, by screen readers: each thing once, when it happens. The page itself changes every second, which
 * nobody could listen to.
 */
import { type Anomaly, METRICS } from "sidelight/health";
import { count, formatValue, unitOf } from "./format.js";
import { type Model, recentJudgements, type Trouble } from "./model.js";

export const TROUBLES: Readonly<Record<Trouble, string>> = {
  blocks: "No blocks",
  past: "The past is missing",
  series: "Nothing is kept",
};

export const KINDS: Readonly<Record<Anomaly["kind"], string>> = {
  begin: "begins",
  end: "ends",
  adapted: "new normal",
};

/** Takes one model after the other, gives what is new in it, oldest first. */
export function createNews(): (model: Model) => string[] {
  let told: ReadonlySet<string> = new Set();
  let troubled: readonly Trouble[] = [];

  return (model) => {
    const news: string[] = [];
    const recent = recentJudgements(model);
    const isNew = ({ kind, epoch, metric }: Anomaly) => !told.has(`${epoch} ${kind} ${metric}`);
    for (const { epoch, anomalies } of recent) {
      for (const kind of Object.keys(KINDS) as Anomaly["kind"][]) {
        const fresh = anomalies.filter((anomaly) => anomaly.kind === kind && isNew(anomaly));
        if (fresh.length > 0) news.push(sentenceOf(epoch, kind, fresh));
      }
    }
    // what is not recent any more will not be new again
    told = new Set(recent.flatMap(({ anomalies }) => anomalies.map((of) => `${of.epoch} ${of.kind} ${of.metric}`)));
    const troubles = (Object.keys(TROUBLES) as Trouble[]).filter((what) => model.troubles[what] !== undefined);
    for (const what of troubles) if (!troubled.includes(what)) news.push(`${TROUBLES[what]}: ${model.troubles[what]}`);
    troubled = troubles;
    return news;
  };
}

/** "Epoch 163, begins: participation of attesters 65.6 % (-20 σ). Looks like: participation crash." */
function sentenceOf(epoch: number, kind: Anomaly["kind"], anomalies: readonly Anomaly[]): string {
  const values = anomalies.map(
    ({ metric, value, distance }) =>
      `${METRICS[metric].title} ${formatValue(unitOf(metric), value)} (${formatValue("deviations", distance)})`,
  );
  const stress = anomalies[0]!.stress.join(", ");
  const looks = kind === "begin" && stress !== "" ? ` Looks like: ${stress}.` : "";
  return `Epoch ${count(epoch)}, ${KINDS[kind]}: ${values.join(", ")}.${looks}`;
}
