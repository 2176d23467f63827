/** Run by exit.test.ts as a process of its own: does one thing of each kind, and then has nothing left to do. */
import { restSource } from "../../../src/transport/rest.js";

const url = process.argv[2] ?? "";
const source = restSource(url, { timeoutMs: 60_000 });
const hang = restSource(`${url}/hang`, { timeoutMs: 60_000 });
const late = restSource(`${url}/hang`, { timeoutMs: 50 });

async function run(): Promise<void> {
  await source.finalityUpdate();
  const signal = AbortSignal.timeout(50);
  await hang.subscribe({ signal, onEvent: () => {} });
  const codes = [hang.finalityUpdate({ signal }), late.optimisticUpdate()].map((call) =>
    call.catch((error: { code?: unknown }) => error.code),
  );
  console.log(JSON.stringify(await Promise.all(codes)));
}

run();
