/** The form that asks for an account, and what comes of it: a balance, and how far it can be believed. */
import type { TrustLabel } from "sidelight";
import type { Anchor, HeaderSource } from "sidelight/proof/fetch";
import { type Balance, formatEther, proveBalance } from "./balance.js";
import { count, shortRoot } from "./format.js";
import { element } from "./render.js";

const KEY = "sidelight-dapp-execution";

interface Answer {
  readonly tone: "calm" | "good" | "warn" | "bad";
  /** How far it can be believed; nothing where there is nothing to believe. */
  readonly label: string;
  readonly balance: string;
  readonly note: string;
}

export function wireBalanceForm(client: () => HeaderSource | null): void {
  const form = element<HTMLFormElement>("balance-form");
  const [nodes, address, at, button] = ["execution", "address", "at", "prove"].map((name) =>
    form.elements.namedItem(name),
  ) as [HTMLInputElement, HTMLInputElement, HTMLSelectElement, HTMLButtonElement];
  nodes.value = localStorage.getItem(KEY) ?? "";
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const anchor = at.value as Anchor;
    const following = client();
    if (!following?.[anchor]) {
      return show({ ...NOTHING, note: `No ${anchor} block here yet: wait until the page follows.` });
    }
    localStorage.setItem(KEY, nodes.value);
    button.disabled = true;
    show(NOTHING);
    try {
      show(answerOf(await proveBalance(following, nodes.value.trim().split(/[\s,]+/), address.value.trim(), anchor)));
    } catch (error) {
      show({ ...NOTHING, tone: "bad", note: error instanceof Error ? error.message : `${error}` });
    } finally {
      button.disabled = false;
    }
  });
}

const NOTHING: Answer = { tone: "calm", label: "", balance: "", note: "" };

function answerOf(proven: Balance): Answer {
  if (proven.trust === null) {
    const note = [...proven.liars.map((liar) => `${liar} lied: what it sent is not in the state.`), ...proven.others];
    return { tone: "bad", label: "Not proven", balance: "No balance", note: note.join(" ") };
  }
  const { balanceWei, trust, blockNumber, stateRoot, liars } = proven;
  const passedOver = liars.map((liar) => ` ${liar} lied, and was passed over.`).join("");
  const isFinal = trust.level === "finalized";
  return {
    tone: isFinal ? "good" : "warn",
    label: isFinal ? "Verified at finalized" : "Verified at head",
    balance: balanceWei === null ? "No such account" : formatEther(balanceWei),
    note: `In block ${count(blockNumber)}, ${finalityOf(trust)}: state root ${shortRoot(stateRoot)}.${passedOver}`,
  };
}

function finalityOf({ level, participation }: TrustLabel): string {
  if (level === "finalized") return "which is final";
  const signed = participation === null ? "" : `signed by ${participation.count} of ${participation.size}, `;
  return `${signed}which another may still replace`;
}

function show({ tone, label, balance, note }: Answer): void {
  element("balance-result").dataset["tone"] = tone;
  element("balance-trust").textContent = label;
  element("balance").textContent = balance;
  element("balance-note").textContent = note;
}
