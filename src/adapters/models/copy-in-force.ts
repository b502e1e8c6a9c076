import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MODEL_KINDS, type Promotion } from '../../ports/model-registry.ts';
import { FolderModelRegistry } from './folder-model-registry.ts';

/**
 * Makes what is in force in the registry of one folder, or nothing, be in force in that of another: results are kept
 * with the models that made them. Nothing in force of a kind: the other folder then holds none of it.
 */
export async function copyInForce(from: string | undefined, to: string): Promise<void> {
  const source = from === undefined ? undefined : new FolderModelRegistry(from);
  const target = new FolderModelRegistry(to);
  for (const kind of MODEL_KINDS) {
    const promotion: Promotion | undefined = (await source?.promotions(kind))?.at(-1);
    if (from === undefined || promotion === undefined) {
      await rm(join(to, kind), { recursive: true, force: true });
      continue;
    }
    if (servesAlike((await target.promotions(kind)).at(-1), promotion)) continue;
    await mkdir(join(to, kind), { recursive: true });
    await cp(join(from, kind, promotion.version), join(to, kind, promotion.version), { recursive: true });
    await target.promote(kind, promotion);
  }
}

/** One version serves in two ways: a churn model as its network or as its best baseline, by how it was promoted. */
function servesAlike(one: Promotion | undefined, other: Promotion): boolean {
  return (
    one?.version === other.version && one.forced === other.forced && one.bestBaseline === other.bestBaseline
  );
}
