/** An ephemeral network: many servers, many clients, one clock that passes as fast as the machine can. */
import type { LightClient } from "../../../src/client/light-client.js";
import type { VerifiedHeader } from "../../../src/client/types.js";
import type { LightClientOptions } from "../../../src/options.js";
import { toHex } from "../../../src/ssz/bytes.js";
import type { FakeChain } from "../../unit/client/fake-chain.js";
import { drive, until } from "../../unit/client/waiting.js";
import { BEHAVIOURS, type BehaviourName, type CountedServer, createServer, randomFrom } from "./behaviours.js";

export interface Member {
  readonly name: string;
  readonly client: LightClient;
  readonly servers: readonly CountedServer[];
  /** What it was told that the chain does not have: must stay empty. */
  readonly lies: string[];
  /** Headers that it was told. */
  told: number;
  /** Slots at which its head was older than `FRESH_SLOTS` although an honest server was there to ask. */
  late: number;
  slots: number;
}

/** Two slots behind is what a look in the middle of a slot gives; one more for whoever was asked in vain first. */
export const FRESH_SLOTS = 3;

export interface Network {
  readonly members: readonly Member[];
  join(name: string, servers: readonly BehaviourName[], options?: Partial<LightClientOptions>): Promise<Member>;
  /** Lets slots pass. Calls back in the middle of each, when clients have polled. */
  pass(slots: number, onSlot?: (slot: number) => Promise<void> | void): Promise<void>;
  stop(): Promise<void>;
}

export function createNetwork(chain: FakeChain, seed: number): Network {
  const { clock, timeOf } = chain;
  const { slotDurationMs } = chain.network;
  const random = randomFrom(seed);
  const members: Member[] = [];
  const roots = new Map<number, string>();

  function rootOf(slot: number): string {
    const root = roots.get(slot) ?? toHex(chain.forge.block({ slot }).root);
    roots.set(slot, root);
    return root;
  }

  return {
    members,
    async join(name, servers, options = {}) {
      const sources = servers.map((behaviour, i) =>
        createServer(chain, `${behaviour} ${i}`, BEHAVIOURS[behaviour], random),
      );
      const client = chain.client({ sources, ...options });
      const member: Member = { name, client, servers: sources, lies: [], told: 0, late: 0, slots: 0 };
      const check = (kind: "head" | "finality") => (header: VerifiedHeader) => {
        member.told++;
        if (header.root !== rootOf(header.slot)) member.lies.push(`${kind} ${header.slot} of ${header.trust.source}`);
      };
      client.on("head", check("head"));
      client.on("finality", check("finality"));
      client.on("error", () => {});
      members.push(member);
      await drive(clock, client.start(), { limitMs: 64 * slotDurationMs });
      return member;
    },
    async pass(slots, onSlot) {
      const first = chain.slot() + 1;
      for (let slot = first; slot < first + slots; slot++) {
        await clock.advanceTo(timeOf(slot) + 0.9 * slotDurationMs);
        for (const member of members) {
          if (member.client.status.state === "stopped") continue;
          member.slots++;
          if (slot - (member.client.head?.slot ?? 0) > FRESH_SLOTS) member.late++;
        }
        await onSlot?.(slot);
      }
      // what yields to the host takes real turns of the event loop
      await until(() => true);
    },
    async stop() {
      await Promise.all(members.map(({ client }) => client.stop()));
    },
  };
}
