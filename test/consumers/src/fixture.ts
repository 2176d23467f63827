/** What mocha does around all files of a run, in whichever process they are. */
import { createWorkspace } from "./workspace.js";

let remove = () => {};

export async function mochaGlobalSetup(): Promise<void> {
  remove = await createWorkspace();
}

export function mochaGlobalTeardown(): void {
  remove();
}
