/** The service worker of an extension that follows a chain by peers alone, as the test tells it; bundled, and put into one. */
import { type Follower, type FollowTask, followPeers, type Told } from "../contract/peer-follower.js";

/** What the test calls in there. One client at a time. */
export interface PeersWorker {
  follow(task: FollowTask): void;
  told(): Promise<Told>;
  stop(): Promise<void>;
}

let follower: Follower | undefined;

const peersWorker: PeersWorker = {
  follow(task) {
    follower = followPeers(task);
  },
  told: () => follower!.told(),
  stop: () => follower!.stop(),
};
Object.assign(globalThis, { peersWorker });
