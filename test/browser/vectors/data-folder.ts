/** Stands in for `test/vectors/data-folder.ts` in browsers: the same functions, over what was packed. */
import { files } from "reference-data";
import { uncompress } from "snappyjs";
import { parse } from "yaml";

type DataFolder = typeof import("../../vectors/data-folder.js");

export const DATA_FOLDER = "the reference data";

export const hasData = Object.keys(files).length > 0;

export const describeWithData: DataFolder["describeWithData"] = (title, body) => {
  if (hasData) describe(title, body);
};

export const listFiles: DataFolder["listFiles"] = (folder) =>
  Object.keys(files)
    .filter((path) => path.startsWith(`${folder}/`))
    .sort();

function fileAt(path: string) {
  const file = files[path];
  if (file === undefined) throw new Error(`${path} was not packed`);
  return file;
}

export const readBytes: DataFolder["readBytes"] = (path) => {
  const file = fileAt(path);
  if ("text" in file) return new TextEncoder().encode(file.text);
  return Uint8Array.from(atob(file.base64), (character) => character.charCodeAt(0));
};

export const readText: DataFolder["readText"] = (path) => {
  const file = fileAt(path);
  return "text" in file ? file.text : new TextDecoder().decode(readBytes(path));
};

export const readJson: DataFolder["readJson"] = (path) => JSON.parse(readText(path));

export const readYaml: DataFolder["readYaml"] = (path) => parse(readText(path), { schema: "failsafe" });

export const readSszSnappy: DataFolder["readSszSnappy"] = (path) => uncompress(readBytes(path));
