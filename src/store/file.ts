/**
 * A store in a folder, for Node: a file a key, replaced atomically.
 *
 * A save writes a temporary file beside the old one, flushes it to disk, and renames it over the old one; a crash at
 * any moment leaves either the old file or the new one, and at worst a temporary file, which nobody reads and which a
 * later save removes.
 */
import { mkdir, open, readdir, readFile, rename, stat, unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { describeValue, messageOf, SidelightError } from "../errors.js";
import type { CheckpointStore } from "./port.js";

/** Snapshots have about 60 KiB, a series of `sidelight/health` up to 1.4 MB after years; a file beyond this is neither. */
const MAX_FILE_BYTES = 2_097_152;

/** File systems take names of 255 bytes; a temporary file's has 60 more than a key's. */
const MAX_NAME_LENGTH = 190;

/** No save takes this long, so an older temporary file was left by a crash and not by another process at work. */
const LEFTOVER_AGE_MS = 60_000;

type Operation = "load" | "save" | "clear";

/**
 * Keeps snapshots as files in `folder`, which is made by the first save. Saves and clears of one key are done in the
 * order they were asked for. Several processes may share a folder: what one loads is always something that one of them
 * saved, whole.
 *
 * Files are `sidelight-<key>.snapshot`, with every character of the key but `a-z`, `0-9`, `-` and `_` written as `%`
 * and four hex digits (capitals too: some file systems do not tell them apart).
 *
 * @param folder relative to the working directory of this moment, or absolute
 * @throws OPTION_INVALID for a folder that is no path
 */
export function fileStore(folder: string): CheckpointStore {
  if (typeof folder !== "string" || folder === "" || folder.includes("\0")) {
    const details = { option: "folder", expected: "the path of a folder", actual: describeValue(folder) };
    throw new SidelightError(
      "OPTION_INVALID",
      `fileStore: expected ${details.expected}, got ${details.actual}`,
      details,
    );
  }
  const root = resolve(folder);
  /** Per key, the end of the last write that was asked for. */
  const writes = new Map<string, Promise<void>>();
  /** File names whose leftovers were looked for. */
  const swept = new Set<string>();

  function enqueue(key: string, write: () => Promise<void>): Promise<void> {
    const written = (writes.get(key) ?? Promise.resolve()).then(write, write);
    writes.set(key, written);
    const forget = () => {
      if (writes.get(key) === written) writes.delete(key);
    };
    written.then(forget, forget);
    return written;
  }

  async function attempt<T>(operation: Operation, key: string, work: (fileName: string) => Promise<T>): Promise<T> {
    const fileName = fileNameOf(key);
    if (fileName.length > MAX_NAME_LENGTH) {
      throw storeFailed(
        operation,
        `expected a key that makes a file name of up to ${MAX_NAME_LENGTH} characters, got one of ${fileName.length}`,
      );
    }
    try {
      return await work(fileName);
    } catch (thrown) {
      throw storeFailed(operation, `${fileName}: ${describeFailure(thrown)}`);
    }
  }

  async function sweep(fileName: string): Promise<void> {
    if (swept.has(fileName)) return;
    swept.add(fileName);
    await removeLeftovers(root, fileName);
  }

  return {
    load: (key) =>
      attempt("load", key, async (fileName) => {
        const path = join(root, fileName);
        const found = await unlessMissing(stat(path));
        if (found === null) return null;
        // Looked at before opening: reading a pipe would wait forever.
        if (!found.isFile()) throw new Error("not a file");
        assertSize(found.size);
        const bytes = await unlessMissing(readFile(path));
        if (bytes === null) return null;
        assertSize(bytes.length);
        return new Uint8Array(bytes);
      }),
    async save(key, snapshot) {
      const copy = new Uint8Array(snapshot);
      const save = () =>
        attempt("save", key, async (fileName) => {
          assertSize(copy.length);
          const made = await mkdir(root, { recursive: true });
          if (made !== undefined) await syncFolder(dirname(root));
          await sweep(fileName);
          await replaceFile(root, fileName, copy);
        });
      await enqueue(key, save);
    },
    async clear(key) {
      const clear = () =>
        attempt("clear", key, async (fileName) => {
          await sweep(fileName);
          await unlessMissing(unlink(join(root, fileName)));
          await syncFolder(root);
        });
      await enqueue(key, clear);
    },
  };
}

async function replaceFile(root: string, fileName: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(root, `.${fileName}.${globalThis.crypto.randomUUID()}.tmp`);
  try {
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(root, fileName));
  } catch (thrown) {
    await unlink(temporary).catch(() => undefined);
    throw thrown;
  }
  await syncFolder(root);
}

/** Makes a rename or a removal durable. Best effort: not every system lets a folder be flushed. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch {
    // The file itself is safe; only the time of the switch is not.
  }
}

/** Removes what crashes have left. Best effort: leftovers do no harm. */
async function removeLeftovers(root: string, fileName: string): Promise<void> {
  try {
    for (const name of await readdir(root)) {
      if (!name.startsWith(`.${fileName}.`) || !name.endsWith(".tmp")) continue;
      const path = join(root, name);
      const { mtimeMs } = await stat(path);
      if (Date.now() - mtimeMs > LEFTOVER_AGE_MS) await unlink(path);
    }
  } catch {
    // Another store object will try again.
  }
}

/** Different keys have different names, on case-insensitive file systems too; none leaves the folder. */
function fileNameOf(key: string): string {
  const escaped = key.replace(/[^a-z0-9_-]/g, (unit) => `%${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return `sidelight-${escaped}.snapshot`;
}

function assertSize(bytes: number): void {
  if (bytes > MAX_FILE_BYTES) throw new Error(`expected at most ${MAX_FILE_BYTES} bytes, got ${bytes}`);
}

async function unlessMissing<T>(promise: Promise<T>): Promise<T | null> {
  try {
    return await promise;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw thrown;
  }
}

/** Code and text of a system error without the path that Node puts at the end. */
function describeFailure(thrown: unknown): string {
  const message = messageOf(thrown);
  const { code, syscall } = thrown as NodeJS.ErrnoException;
  if (code === undefined) return message;
  const end = syscall === undefined ? -1 : message.indexOf(`, ${syscall}`);
  return end < 0 ? code : message.slice(0, end);
}

/** Without a `cause`: Node's error holds the whole path. */
function storeFailed(operation: Operation, message: string): SidelightError<"STORE_FAILED"> {
  return new SidelightError("STORE_FAILED", `file ${operation}: ${message}`, { operation, message });
}
