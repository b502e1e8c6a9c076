import { MemoryStateStore } from '../../src/adapters/memory/memory-state-store.ts';
import { stateStoreContract } from './state-store-contract.ts';

stateStoreContract('MemoryStateStore', (partitions, counted) =>
  Promise.resolve(new MemoryStateStore(partitions, counted)),
);
