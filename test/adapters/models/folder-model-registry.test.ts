import { appendFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FolderModelRegistry } from '../../../src/adapters/models/folder-model-registry.ts';
import { instant } from '../../../src/core/time.ts';
import { modelRegistryContract, someModel } from '../../contracts/model-registry-contract.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { unwritableFolder } from '../../support/unwritable-folder.ts';

modelRegistryContract('FolderModelRegistry', () => new FolderModelRegistry(temporaryFolder()));

async function aStoredModel() {
  const folder = temporaryFolder();
  const registry = new FolderModelRegistry(folder);
  const { version } = await registry.save(someModel());
  return { folder, registry, version, path: join(folder, 'churn', version) };
}

describe('a registry in a folder', () => {
  it('holds a folder for each version and nothing that is half done', async () => {
    const { folder, path, version, registry } = await aStoredModel();
    const promotion = { version, promotedAt: instant(0), forced: false, reasons: [] };
    await registry.promote('churn', promotion);
    expect(readdirSync(path).sort()).toEqual(['card.md', 'manifest.json', 'weights.bin']);
    expect(readdirSync(join(folder, 'churn')).sort()).toEqual([version, 'promotions.json']);
    expect(readFileSync(join(path, 'card.md'), 'utf8')).toBe('# A model\n');
    const again = new FolderModelRegistry(folder);
    expect(await again.promotions('churn')).toEqual([promotion]);
  });

  it.each<[string, string, (path: string) => void]>([
    ['a longer file', 'weights.bin', (path) => appendFileSync(path, 'x')],
    ['a changed file', 'weights.bin', (path) => writeFileSync(path, Uint8Array.of(1, 2, 3, 254))],
    ['a file that was removed', 'weights.bin', (path) => rmSync(path)],
    ['a changed card', 'card.md', (path) => appendFileSync(path, 'It is perfect.\n')],
    [
      'another number in the manifest',
      'manifest.json',
      (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('0.1', '0.2')),
    ],
    [
      'a manifest that names another hash',
      'manifest.json',
      (path) =>
        writeFileSync(path, readFileSync(path, 'utf8').replace(/"[0-9a-f]{64}"/, `"${'0'.repeat(64)}"`)),
    ],
    [
      'a manifest cut short',
      'manifest.json',
      (path) => writeFileSync(path, readFileSync(path).subarray(0, 90)),
    ],
    ['a manifest of nothing', 'manifest.json', (path) => writeFileSync(path, '{}')],
    ['a manifest that was removed', 'manifest.json', (path) => rmSync(path)],
  ])('refuses %s, names the file, and saving the model again mends it', async (_what, name, damage) => {
    const { registry, version, path } = await aStoredModel();
    damage(join(path, name));
    await expect(registry.read('churn', version)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining(join(path, name)) as unknown,
      mend: expect.stringMatching(/restore the file.*train the model anew/) as unknown,
    });
    const promotion = { version, promotedAt: instant(0), forced: true, reasons: [] };
    await expect(registry.promote('churn', promotion)).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    expect(await registry.promotions('churn')).toEqual([]);
    await registry.save(someModel());
    expect(await registry.read('churn', version)).toMatchObject({ files: someModel().files });
  });

  it('refuses a model that stands under the name of another', async () => {
    const { folder, registry, version, path } = await aStoredModel();
    const other = 'churn@1997-09-30-00000000';
    mkdirSync(join(folder, 'churn', other));
    for (const name of readdirSync(path))
      writeFileSync(join(folder, 'churn', other, name), readFileSync(join(path, name)));
    await expect(registry.read('churn', other)).rejects.toThrow(`it is the manifest of ${version}`);
  });

  it('takes a manifest that says the same in another layout', async () => {
    const { registry, version, path } = await aStoredModel();
    const manifest = JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8')) as Record<string, unknown>;
    const reversed = Object.fromEntries(Object.entries(manifest).reverse());
    writeFileSync(join(path, 'manifest.json'), JSON.stringify(reversed));
    expect((await registry.read('churn', version)).manifest).toEqual(manifest);
  });

  it('takes a promotion of the closed form, as it was once written, for one of the best baseline', async () => {
    const { folder, registry, version } = await aStoredModel();
    const once = {
      version,
      promotedAt: '2026-01-01T00:00:00.000Z',
      forced: false,
      closedForm: true,
      reasons: [],
    };
    writeFileSync(join(folder, 'churn', 'promotions.json'), JSON.stringify({ promotions: [once] }));
    expect(await registry.promotions('churn')).toEqual([
      { version, promotedAt: Date.UTC(2026, 0, 1), forced: false, bestBaseline: true, reasons: [] },
    ]);
  });

  it.each(['{', '[]', '{"promotions": [{"version": "x"}]}'])(
    'refuses a history of promotions that is %j',
    async (text) => {
      const { folder, registry } = await aStoredModel();
      const path = join(folder, 'churn', 'promotions.json');
      writeFileSync(path, text);
      await expect(registry.promotions('churn')).rejects.toMatchObject({
        code: 'MODEL_INVALID',
        message: expect.stringContaining(path) as unknown,
      });
    },
  );

  it('says so where nothing can be written', async () => {
    const registry = new FolderModelRegistry(unwritableFolder());
    await expect(registry.save(someModel())).rejects.toMatchObject({ code: 'OUTPUT_WRITE' });
  });
});
