/**
 * Public providers of checkpoints, by network: who says that they serve them. Names and addresses as public lists have them;
 * whether they still run, and who runs them, is for you to look at. Nobody is asked unless you pass them to a quorum.
 *
 * - Ethereum: eth-clients/checkpoint-sync-endpoints (74f3c5c8, July 2025; the list behind
 *   eth-clients.github.io/checkpoint-sync-endpoints); ReamLabs/ream `checkpoint_sync_sources` (5f3051c5, July 2026).
 *   Left out: what is served without TLS.
 * - Gnosis: docs.gnosischain.com, "Networks" (read 2026-11-21).
 */
import type { QuorumProvider } from "./quorum-options.js";

export interface PublicCheckpointProvider extends QuorumProvider {
  readonly name: string;
  /** Year and month of the newest list that has it. */
  readonly retrieved: string;
}

export const mainnetCheckpointProviders: readonly PublicCheckpointProvider[] = [
  { name: "beaconcha.in", url: "https://sync-mainnet.beaconcha.in", retrieved: "2026-07" },
  { name: "EthStaker", url: "https://beaconstate.ethstaker.cc", retrieved: "2026-07" },
  { name: "Sigma Prime", url: "https://mainnet.checkpoint.sigp.io", retrieved: "2026-07" },
  { name: "Attestant", url: "https://mainnet-checkpoint-sync.attestant.io", retrieved: "2025-07" },
  { name: "BeaconState.info", url: "https://beaconstate.info", retrieved: "2025-07" },
  { name: "ChainSafe", url: "https://beaconstate-mainnet.chainsafe.io", retrieved: "2025-07" },
  { name: "PietjePuk", url: "https://checkpointz.pietjepuk.net", retrieved: "2025-07" },
  { name: "Stakely", url: "https://mainnet-checkpoint-sync.stakely.io", retrieved: "2025-07" },
];

export const sepoliaCheckpointProviders: readonly PublicCheckpointProvider[] = [
  { name: "BeaconState.info", url: "https://sepolia.beaconstate.info", retrieved: "2026-07" },
  { name: "ChainSafe", url: "https://beaconstate-sepolia.chainsafe.io", retrieved: "2026-07" },
  { name: "ethPandaOps", url: "https://checkpoint-sync.sepolia.ethpandaops.io", retrieved: "2026-07" },
];

export const hoodiCheckpointProviders: readonly PublicCheckpointProvider[] = [
  { name: "BeaconState.info", url: "https://hoodi.beaconstate.info", retrieved: "2026-07" },
  { name: "EthStaker", url: "https://hoodi.beaconstate.ethstaker.cc", retrieved: "2026-07" },
  { name: "Attestant", url: "https://hoodi-checkpoint-sync.attestant.io", retrieved: "2025-07" },
  { name: "ChainSafe", url: "https://beaconstate-hoodi.chainsafe.io", retrieved: "2025-07" },
  { name: "ethPandaOps", url: "https://checkpoint-sync.hoodi.ethpandaops.io", retrieved: "2025-07" },
  { name: "Sigma Prime", url: "https://hoodi.checkpoint.sigp.io", retrieved: "2025-07" },
  { name: "Stakely", url: "https://hoodi-checkpoint-sync.stakely.io", retrieved: "2025-07" },
];

export const holeskyCheckpointProviders: readonly PublicCheckpointProvider[] = [
  { name: "BeaconState.info", url: "https://holesky.beaconstate.info", retrieved: "2025-07" },
  { name: "ChainSafe", url: "https://beaconstate-holesky.chainsafe.io", retrieved: "2025-07" },
  { name: "ethPandaOps", url: "https://checkpoint-sync.holesky.ethpandaops.io", retrieved: "2025-07" },
  { name: "Stakely", url: "https://holesky-checkpoint-sync.stakely.io", retrieved: "2025-07" },
];

export const gnosisCheckpointProviders: readonly PublicCheckpointProvider[] = [
  { name: "Gnosis", url: "https://checkpoint.gnosischain.com", retrieved: "2026-11" },
  { name: "Gateway.fm", url: "https://checkpoint.gnosis.gateway.fm", retrieved: "2026-11" },
  { name: "DAppNode", url: "https://checkpoint-sync-gnosis.dappnode.io", retrieved: "2026-11" },
];

/** Of one operator only: too few for a quorum, unless you add your own. */
export const chiadoCheckpointProviders: readonly PublicCheckpointProvider[] = [
  { name: "Gnosis", url: "https://checkpoint.chiadochain.net", retrieved: "2026-11" },
];
