import { expect } from "chai";
import type { CheckpointProvider } from "../../../src/checkpoint/port.js";
import { describeCheckpoint, parseProvider, resolveCheckpoint } from "../../../src/cli/checkpoint.js";
import type { CheckpointSetting } from "../../../src/cli/settings.js";
import { chiado, gnosis, hoodi, mainnet, sepolia } from "../../../src/networks/index.js";
import { expectCode } from "../../support/expect-code.js";
import { testNetwork } from "../../support/networks.js";

const ROOT = `0x${"ab".repeat(32)}`;
const PUBLIC: CheckpointSetting = { kind: "quorum", providers: undefined, required: undefined };

function resolve(checkpoint: CheckpointSetting, network = mainnet, timeoutMs?: number) {
  return resolveCheckpoint({ checkpoint, timeoutMs }, network);
}

describe("resolveCheckpoint", () => {
  it("takes a root, and what is stored, as they are", () => {
    expect(resolve({ kind: "root", root: ROOT })).to.equal(ROOT);
    expect(resolve({ kind: "stored" })).to.equal("stored");
  });

  it("asks more than half of the public providers of a network", () => {
    const nameOf = (network: typeof mainnet) => (resolve(PUBLIC, network) as CheckpointProvider).name;
    expect([mainnet, hoodi, sepolia, gnosis].map(nameOf)).to.deep.equal([
      "quorum of 5 in 8",
      "quorum of 4 in 7",
      "quorum of 2 in 3",
      "quorum of 2 in 3",
    ]);
  });

  it("refuses a quorum where there are no two operators, and says what to name", () => {
    const one = expectCode("OPTION_INVALID", () => resolve(PUBLIC, chiado));
    expect(one).to.include({ option: "--checkpoint-provider", actual: "1" });
    const none = expectCode("OPTION_INVALID", () => resolve(PUBLIC, testNetwork({ forks: { electra: 0 } })));
    expect(none).to.include({ option: "--checkpoint-provider", actual: "none" });
  });

  it("names the option that is wrong", () => {
    const providers = [{ url: "https://a.example" }, { url: "https://b.example" }];
    const refused = (setting: Partial<Extract<CheckpointSetting, { kind: "quorum" }>>, timeoutMs?: number) =>
      expectCode("OPTION_INVALID", () => resolve({ ...PUBLIC, providers, ...setting }, mainnet, timeoutMs)).option;
    expect(refused({ required: 3 })).to.equal("--require");
    expect(refused({ providers: [{ url: "here" }] })).to.equal("--checkpoint-provider");
    expect(refused({}, 2 ** 31)).to.equal("--timeout");
  });
});

describe("parseProvider", () => {
  it("tells a name from a URL", () => {
    expect(parseProvider("my node=http://localhost:5052")).to.deep.equal({
      url: "http://localhost:5052",
      name: "my node",
      operator: "my node",
    });
    for (const url of [
      "https://a.example/?key=b",
      "https://a.example/k=v",
      "https://u:p=q@a.example",
      "http://a#b=c",
    ]) {
      expect(parseProvider(url)).to.deep.equal({ url });
    }
  });
});

describe("describeCheckpoint", () => {
  it("fits a title", () => {
    expect(describeCheckpoint({ kind: "root", root: ROOT })).to.equal("checkpoint 0xababab…ababab");
    expect(describeCheckpoint({ kind: "stored" })).to.equal("the stored state only");
    expect(describeCheckpoint(PUBLIC)).to.equal("checkpoint by quorum of public providers");
    expect(describeCheckpoint({ ...PUBLIC, providers: [{ url: "a" }] })).to.equal("checkpoint by quorum of 1 provider");
  });
});
