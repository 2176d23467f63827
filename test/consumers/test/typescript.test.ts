import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { binOf, runNode } from "../src/command.js";
import { addApp, addPeers, modulesOf, openWorkspace, REPOSITORY } from "../src/workspace.js";

/** libp2p's own types need Node's, and do not compile without. */
const OF_OTHERS = "sidelight/transport/libp2p";

describe("a strict TypeScript program that checks the library's types too", function () {
  this.timeout(120_000);
  let app: string;

  before(() => {
    const workspace = openWorkspace();
    // the types of some modules are of their peers
    app = addApp(addPeers(workspace), "typescript");
    write("every-module.ts", (name) => name !== OF_OTHERS);
    writeFileSync(
      join(app, "tsconfig.others.json"),
      JSON.stringify({
        extends: "./tsconfig.nodenext.json",
        compilerOptions: { skipLibCheck: true },
        include: [],
        files: ["others.ts"],
      }),
    );

    function write(file: string, isIn: (name: string) => boolean): void {
      const lines = modulesOf(workspace.manifest)
        .filter(isIn)
        .map((name, i) => `export * as module${i} from ${JSON.stringify(name)};`);
      writeFileSync(join(app, file), `${lines.join("\n")}\n`);
    }
  });

  it("compiles what has the types of others, where those are not checked", async () => {
    const lines = [
      `import { createPeers, nodeRecord, type PeersOptions } from "${OF_OTHERS}";`,
      `import { createLightClient } from "sidelight";`,
      `export const follow = (options: PeersOptions, checkpoint: string) =>`,
      `  createLightClient({ network: options.network, checkpoint, sources: [...createPeers(options).sources] });`,
      `export const peers: PeersOptions["peers"] = ["/dns4/a/tcp/443/wss", nodeRecord("enr:")];`,
    ];
    writeFileSync(join(app, "others.ts"), `${lines.join("\n")}\n`);
    const { code, output } = await runNode([binOf("typescript", "tsc"), "-p", "tsconfig.others.json"], { cwd: app });
    expect(output).to.equal("");
    expect(code).to.equal(0);
  });

  // the compiler that most programs have, and the one that builds this library
  const compilers = [
    { resolution: "bundler", version: 7, tsc: join(REPOSITORY, "node_modules/typescript/bin/tsc") },
    { resolution: "nodenext", version: 5, tsc: binOf("typescript", "tsc") },
  ];
  for (const { resolution, version, tsc } of compilers) {
    it(`compiles with moduleResolution ${resolution}, TypeScript ${version}`, async () => {
      const { code, output } = await runNode([tsc, "-p", `tsconfig.${resolution}.json`], { cwd: app });
      expect(output).to.equal("");
      expect(code).to.equal(0);
    });
  }
});
