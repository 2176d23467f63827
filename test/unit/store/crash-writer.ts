/**
 * Runs in a process of its own, to be killed: saves record after record to the folder named by its argument, and
 * writes the number of each one to the standard output once it is confirmed.
 */
import { writeSync } from "node:fs";
import { fileStore } from "../../../src/store/file.js";
import { makeRecord, readRecord } from "./crash-record.js";

async function main(): Promise<void> {
  const store = fileStore(process.argv[2]!);
  const last = await store.load("mainnet");
  for (let number = last === null ? 1 : readRecord(last) + 1; ; number++) {
    await store.save("mainnet", makeRecord(number));
    writeSync(1, `${number}\n`);
  }
}

main().catch((error) => {
  writeSync(2, `${error}\n`);
  process.exitCode = 1;
});
