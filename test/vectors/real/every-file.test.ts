import { expect } from "chai";
import { noteForTable } from "../counts.js";
import { describeWithData, listFiles } from "../data-folder.js";
import { FOLDERS_READ_ELSEWHERE, NOT_READ, READ_ELSEWHERE } from "./other-files.js";
import { SESSIONS } from "./sessions.js";

describeWithData("files of real data", () => {
  const files = [...listFiles("mainnet"), ...listFiles("sepolia")];
  const inSessions = new Set(
    SESSIONS.flatMap(({ bootstrap, steps }) => [bootstrap.file, ...steps.map(({ source }) => source.file)]),
  );
  const isFolderRead = (file: string) => Object.keys(FOLDERS_READ_ELSEWHERE).some((folder) => file.startsWith(folder));

  it("are all read, or listed with the reason why not", () => {
    const unlisted = files.filter(
      (file) =>
        !inSessions.has(file) &&
        !Object.hasOwn(READ_ELSEWHERE, file) &&
        !Object.hasOwn(NOT_READ, file) &&
        !isFolderRead(file),
    );
    expect(unlisted).to.deep.equal([]);
    noteForTable(`real data: ${files.length - Object.keys(NOT_READ).length} of ${files.length} files read; not read:`);
    for (const [file, reason] of Object.entries(NOT_READ)) noteForTable(`  ${file}: ${reason}`);
  });

  it("are there, all that are listed", () => {
    const listed = [...inSessions, ...Object.keys(READ_ELSEWHERE), ...Object.keys(NOT_READ)];
    expect(listed.filter((file) => !files.includes(file))).to.deep.equal([]);
  });
});
