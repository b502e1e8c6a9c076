import { describe, expect, it } from 'vitest';
import { copyInForce } from '../../../src/adapters/models/copy-in-force.ts';
import { FolderModelRegistry } from '../../../src/adapters/models/folder-model-registry.ts';
import { instant } from '../../../src/core/time.ts';
import type { Promotion } from '../../../src/ports/model-registry.ts';
import { someModel } from '../../contracts/model-registry-contract.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

async function twoFolders() {
  const [from, to] = [temporaryFolder(), temporaryFolder()];
  const source = new FolderModelRegistry(from);
  const target = new FolderModelRegistry(to);
  const { version } = await source.save(someModel());
  const plain: Promotion = { version, promotedAt: instant(1), forced: false, reasons: [] };
  const follow = async (promotion: Promotion): Promise<readonly Promotion[]> => {
    await source.promote('churn', promotion);
    await copyInForce(from, to);
    return target.promotions('churn');
  };
  return { from, to, target, version, plain, follow };
}

describe('a copy of what is in force', () => {
  it('holds the model whole, and is not made twice', async () => {
    const { from, to, target, version, plain, follow } = await twoFolders();
    expect(await follow(plain)).toEqual([plain]);
    expect((await target.read('churn', version)).version).toBe(version);
    await copyInForce(from, to);
    expect(await target.promotions('churn')).toEqual([plain]);
  });

  it('follows a model that is promoted again as its best baseline, or by force, and back', async () => {
    const { plain, follow } = await twoFolders();
    await follow(plain);
    for (const how of [{ bestBaseline: true as const }, { forced: true }, {}]) {
      const promotion = { ...plain, ...how };
      expect((await follow(promotion)).at(-1)).toEqual(promotion);
    }
  });

  it('holds nothing of a kind of which nothing is in force', async () => {
    const { to, target, plain, follow } = await twoFolders();
    await follow(plain);
    await copyInForce(temporaryFolder(), to);
    expect(await target.promotions('churn')).toEqual([]);
    await follow(plain);
    await copyInForce(undefined, to);
    expect(await target.promotions('churn')).toEqual([]);
  });
});
