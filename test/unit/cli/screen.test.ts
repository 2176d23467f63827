import { expect } from "chai";
import { columnsOf, createScreen } from "../../../src/cli/render/screen.js";
import { fakeTerminal } from "./fake-terminal.js";

describe("columnsOf", () => {
  it("is 80 where a terminal does not say: nothing at all would be seen", () => {
    expect(columnsOf({ columns: 132 })).to.equal(132);
    expect(columnsOf({ columns: 0 })).to.equal(80);
    expect(columnsOf({})).to.equal(80);
  });
});

describe("createScreen", () => {
  it("draws in place, below the lines that stay", () => {
    const fake = fakeTerminal(20);
    const screen = createScreen(fake);
    screen.print("title");
    screen.draw(["one", "two"]);
    expect(fake.text()).to.equal("title\none\ntwo\n");
    screen.print("news, longer than what is drawn");
    screen.draw(["1"]);
    expect(fake.text()).to.equal("title\nnews, longer than what is drawn\n1\n");
    screen.warn("trouble");
    screen.draw(["uno", "due"]);
    expect(fake.text()).to.equal("title\nnews, longer than what is drawn\ntrouble\nuno\ndue\n");
  });

  it("takes the drawing away, or leaves it", () => {
    const fake = fakeTerminal(20);
    const screen = createScreen(fake);
    screen.draw(["one", "two"]);
    screen.clear();
    screen.print("end");
    expect(fake.text()).to.equal("end\n");
    screen.draw(["last"]);
    screen.keep();
    screen.print("after");
    screen.clear();
    expect(fake.text()).to.equal("end\nlast\nafter\n");
  });

  it("never lets a drawn line wrap", () => {
    const fake = fakeTerminal(10);
    createScreen(fake).draw(["0123456789", "0123456789ab"]);
    expect(fake.text()).to.equal("0123456789\n012345678…\n");
  });

  it("draws nothing where nothing can be drawn in place", () => {
    const fake = fakeTerminal(10, false);
    const screen = createScreen(fake);
    screen.draw(["one"]);
    screen.clear();
    expect(fake.text()).to.equal("");
  });
});
