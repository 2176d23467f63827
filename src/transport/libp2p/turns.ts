/** Lets only so many at a time do the same thing; others wait for their turn. */
import { orAborted } from "../../abort.js";

export interface Turns {
  /** Waits for a turn. @returns ends it @throws `signal.reason` */
  take(key: string, signal: AbortSignal | undefined): Promise<() => void>;
}

export function createTurns(atATime: number): Turns {
  const queues = new Map<string, { running: number; readonly waiting: (() => void)[] }>();

  return {
    async take(key, signal) {
      const queue = queues.get(key) ?? { running: 0, waiting: [] };
      queues.set(key, queue);
      const next = () => {
        const waiter = queue.waiting.shift();
        if (waiter === undefined) queue.running--;
        else waiter();
      };
      let isOver = false;
      const end = () => {
        if (!isOver) next();
        isOver = true;
      };
      if (queue.running < atATime) {
        queue.running++;
        return end;
      }
      const turn = new Promise<void>((resolve) => queue.waiting.push(resolve));
      try {
        await orAborted(turn, signal);
      } catch (reason) {
        // the turn comes all the same, and is passed on
        turn.then(end);
        throw reason;
      }
      return end;
    },
  };
}
