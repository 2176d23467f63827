/** Files of the command line that are there whole, or not at all. */
import { renameSync, rmSync, writeFileSync } from "node:fs";

/**
 * Puts a file into its place, over one that is there: who reads it finds the one or the other, and a disk that is full
 * leaves the one. The folder is there already.
 *
 * @param temporary beside it, where it grows; what a killed process leaves of it is nothing that anybody reads
 * @throws what the file system throws
 */
export function replaceFile(
  path: string,
  content: string | Uint8Array,
  temporary = `${path}.${process.pid}.tmp`,
): void {
  try {
    writeFileSync(temporary, content);
    renameSync(temporary, path);
  } catch (thrown) {
    rmSync(temporary, { force: true });
    throw thrown;
  }
}
