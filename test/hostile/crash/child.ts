/** Writes to a folder until it is killed; what was confirmed goes to the standard output. */
import { readFileSync, writeSync } from "node:fs";
import { fileStore } from "../../../src/store/file.js";
import { writeUntilTheEnd } from "./write.js";

const [, , dataFile, folder] = process.argv;

writeUntilTheEnd({
  data: JSON.parse(readFileSync(dataFile!, "utf8")),
  store: fileStore(folder!),
  confirm: (slot) => writeSync(1, `${slot}\n`),
}).catch((error) => {
  writeSync(2, `${error}\n`);
  process.exitCode = 1;
});
