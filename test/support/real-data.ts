import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { ROOT } from './source-tree.ts';

/** Path of a file or folder of the real histories; `undefined` where they are not at hand. */
export function realData(name: string): string | undefined {
  const path = join(ROOT, '../shared/data', name);
  return existsSync(path) ? path : undefined;
}

/**
 * Tests on a real history. Where it is not at hand they are skipped, by name, so that they are counted; `tests`
 * then only declares its tests, and the path it is given leads nowhere.
 */
export function describeWithData(name: string, tests: (path: string) => void): void {
  const path = realData(name);
  describe.skipIf(path === undefined)(`with ${name}`, () => tests(path ?? ''));
}
