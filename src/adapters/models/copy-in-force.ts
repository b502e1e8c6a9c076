import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MODEL_KINDS } from '../../ports/model-registry.ts';
import { FolderModelRegistry } from './folder-model-registry.ts';

/**
 * Copies what is in force in the registry of one folder into that of another, and puts it in force there: results are
 * kept with the models that made them. What is there already stays.
 */
export async function copyInForce(from: string, to: string): Promise<void> {
  const [source, target] = [new FolderModelRegistry(from), new FolderModelRegistry(to)];
  for (const kind of MODEL_KINDS) {
    const promotion = (await source.promotions(kind)).at(-1);
    if (promotion === undefined) continue;
    if ((await target.promotions(kind)).at(-1)?.version === promotion.version) continue;
    await mkdir(join(to, kind), { recursive: true });
    await cp(join(from, kind, promotion.version), join(to, kind, promotion.version), { recursive: true });
    await target.promote(kind, promotion);
  }
}
