import { describe, expect, it } from 'vitest';
import { DAY_MS, instant, plus } from '../../src/core/time.ts';
import type { ModelRegistry, ModelToSave, Promotion } from '../../src/ports/model-registry.ts';

const AS_OF = instant(Date.UTC(1997, 8, 30, 23, 59, 59, 999));

/** A model as plain as one can be. */
export function someModel(changes: Partial<ModelToSave> = {}): ModelToSave {
  return {
    kind: 'churn',
    asOf: AS_OF,
    manifest: { purpose: 'to be read back', numbers: [0.1, -1e-9, 3], nested: { b: null, a: 'ä' } },
    files: { 'weights.bin': Uint8Array.of(1, 2, 3, 255) },
    card: '# A model\n',
    ...changes,
  };
}

function promotionOf(version: string, changes: Partial<Promotion> = {}): Promotion {
  return { version, promotedAt: plus(AS_OF, DAY_MS), forced: false, reasons: ['It was better.'], ...changes };
}

/** What every ModelRegistry promises. `open` gives an empty one. */
export function modelRegistryContract(name: string, open: () => ModelRegistry): void {
  describe(`${name} keeps the model registry contract`, () => {
    it('an empty one knows no models and has none in force', async () => {
      const registry = open();
      expect(await registry.versions('churn')).toEqual([]);
      expect(await registry.promotions('segments')).toEqual([]);
      const read = registry.read('churn', 'churn@1997-09-30-00000000');
      await expect(read).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    });

    it('what was saved is read back whole, and says what it is', async () => {
      const registry = open();
      const model = someModel();
      const saved = await registry.save(model);
      expect(saved.version).toMatch(/^churn@1997-09-30-[0-9a-f]{8}$/);
      const read = await registry.read('churn', saved.version);
      expect(read).toEqual(saved);
      expect(read.files).toEqual(model.files);
      expect(read.manifest).toMatchObject({
        ...{ ...model.manifest, version: saved.version, kind: 'churn', asOf: '1997-09-30T23:59:59.999Z' },
        files: {
          'weights.bin': expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
          'card.md': expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
        },
      });
    });

    it('a model without files of its own is a model, too', async () => {
      const registry = open();
      const { version } = await registry.save(someModel({ kind: 'segments', files: {} }));
      expect(await registry.read('segments', version)).toMatchObject({ kind: 'segments', files: {} });
      expect(await registry.versions('churn')).toEqual([]);
    });

    it('the same again is the same version, whatever the order of its keys', async () => {
      const registry = open();
      const first = await registry.save(someModel({ manifest: { a: 1, b: { c: 2, d: 3 } } }));
      const again = await registry.save(someModel({ manifest: { b: { d: 3, c: 2 }, a: 1 } }));
      expect(again.version).toBe(first.version);
      expect(await registry.versions('churn')).toEqual([first.version]);
    });

    it.each<[string, Partial<ModelToSave>]>([
      ['a number of the manifest', { manifest: { purpose: 'to be read back', numbers: [0.1, -1e-9, 4] } }],
      ['a byte of a file', { files: { 'weights.bin': Uint8Array.of(1, 2, 3, 254) } }],
      ['the name of a file', { files: { 'weights2.bin': Uint8Array.of(1, 2, 3, 255) } }],
      ['the card', { card: '# The model\n' }],
      ['the time of day', { asOf: plus(AS_OF, -1) }],
    ])('%s makes another version', async (_what, changes) => {
      const registry = open();
      const first = await registry.save(someModel());
      const second = await registry.save(someModel(changes));
      expect(await registry.versions('churn')).toEqual([first.version, second.version].sort());
      expect(second.version).not.toBe(first.version);
    });

    it('lists models from the oldest to the newest', async () => {
      const registry = open();
      const days = [40, 0, 400];
      for (const day of days) await registry.save(someModel({ asOf: plus(AS_OF, day * DAY_MS) }));
      const dates = (await registry.versions('churn')).map((version) => version.slice(6, 16));
      expect(dates).toEqual(['1997-09-30', '1997-11-09', '1998-11-04']);
    });

    it('saving puts nothing in force; promoting does, and history is kept, newest last', async () => {
      const registry = open();
      const { version: first } = await registry.save(someModel());
      const { version: second } = await registry.save(someModel({ asOf: plus(AS_OF, DAY_MS) }));
      expect(await registry.promotions('churn')).toEqual([]);
      const history = [
        promotionOf(first),
        promotionOf(second, { forced: true, reasons: ['It was worse.', 'Much “worse”.'] }),
        promotionOf(first, { promotedAt: plus(AS_OF, 9 * DAY_MS + 1), reasons: [] }),
      ];
      for (const promotion of history) await registry.promote('churn', promotion);
      expect(await registry.promotions('churn')).toEqual(history);
      expect(await registry.promotions('segments')).toEqual([]);
    });

    it.each(['churn@1997-09-30-00000000', 'segments@1997-09-30-00000000', '../churn', ''])(
      'refuses to read or to promote %j, which is not there',
      async (version) => {
        const registry = open();
        const { version: known } = await registry.save(someModel());
        const read = registry.read('churn', version);
        await expect(read).rejects.toMatchObject({
          code: 'MODEL_INVALID',
          mend: expect.stringContaining(known) as unknown,
        });
        const promote = registry.promote('churn', promotionOf(version));
        await expect(promote).rejects.toMatchObject({ code: 'MODEL_INVALID' });
        expect(await registry.promotions('churn')).toEqual([]);
      },
    );

    it.each(['../weights.bin', 'manifest.json', 'card.md', 'a/b', ''])(
      'refuses a file named %j',
      async (file) => {
        const save = open().save(someModel({ files: { [file]: Uint8Array.of(1) } }));
        await expect(save).rejects.toThrow(RangeError);
      },
    );
  });
}
