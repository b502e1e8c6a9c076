import { openBackend } from '../../../src/adapters/tensorflow/open-backend.ts';
import type { NetworkBackend } from '../../../src/ports/churn-network.ts';

/** Whether the addon of tfjs-node is there and computes; tests that need it are skipped by name where not. */
export const hasTfjsNode = await openBackend('tfjs-node').then(
  () => true,
  () => false,
);

/** The backends, and whether to skip each. */
export const BACKENDS: readonly { readonly backend: NetworkBackend; readonly isMissing: boolean }[] = [
  { backend: 'wasm', isMissing: false },
  { backend: 'cpu', isMissing: false },
  { backend: 'tfjs-node', isMissing: !hasTfjsNode },
];
