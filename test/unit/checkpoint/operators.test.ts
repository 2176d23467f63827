import { expect } from "chai";
import { domainOf, operatorsOf } from "../../../src/checkpoint/operators.js";

function operators(...providers: (string | [string, string])[]): string[] {
  return operatorsOf(
    providers.map((provider) => {
      const [url, operator] = typeof provider === "string" ? [provider, undefined] : provider;
      return { url: new URL(url), operator };
    }),
  );
}

describe("operatorsOf", () => {
  it("takes one domain for one operator: other paths, ports, schemes and subdomains are no other voice", () => {
    const same = operators(
      "https://a.example.org",
      "http://a.example.org/key",
      "https://a.example.org:8443",
      "https://b.example.org",
      "https://x.y.EXAMPLE.org.",
      "https://user:pass@example.org",
    );
    expect(new Set(same)).to.deep.equal(new Set(["example.org"]));
    expect(new Set(operators("https://a.example", "https://b.example", "https://a.b.example")).size).to.equal(2);
  });

  it("takes addresses as they are", () => {
    expect(operators("http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.2:1")).to.deep.equal([
      "127.0.0.1",
      "127.0.0.1",
      "127.0.0.2",
    ]);
    expect(operators("http://[::1]:1", "http://[2001:db8::1]")).to.deep.equal(["[::1]", "[2001:db8::1]"]);
    expect(operators("http://localhost:1", "http://localhost:2")).to.deep.equal(["localhost", "localhost"]);
  });

  it("believes the caller who runs what", () => {
    expect(operators(["http://127.0.0.1:1", "me"], ["http://127.0.0.1:2", "you"])).to.deep.equal(["me", "you"]);
    expect(operators(["https://a.example", "me"], ["https://b.example", "me"])).to.deep.equal(["me", "me"]);
  });

  it("gives whoever shares a domain with somebody named no voice of their own", () => {
    expect(operators(["https://a.example.org", "me"], "https://b.example.org", "https://c.example")).to.deep.equal([
      "me",
      "me",
      "c.example",
    ]);
    expect(operators("https://b.example.org", ["https://a.example.org", "me"])).to.deep.equal(["me", "me"]);
  });
});

describe("domainOf", () => {
  it("may take strangers for one, and never one for two", () => {
    expect(domainOf(new URL("https://a.co.uk"))).to.equal(domainOf(new URL("https://b.co.uk")));
    expect(domainOf(new URL("https://mainnet.checkpoint.sigp.io"))).to.equal("sigp.io");
  });
});
