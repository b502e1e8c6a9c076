import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ChurnManifest } from '../../../src/adapters/models/churn-manifest.ts';
import { FolderModelRegistry } from '../../../src/adapters/models/folder-model-registry.ts';
import { readServedModels } from '../../../src/adapters/models/read-served-models.ts';
import { verdictOn } from '../../../src/adapters/models/verdict-on.ts';
import { CHURN_INPUTS } from '../../../src/core/scoring/churn/churn-inputs.ts';
import { instant } from '../../../src/core/time.ts';
import type { ModelToSave, Promotion } from '../../../src/ports/model-registry.ts';
import { segmentModel } from '../../core/scoring/segments/a-segment-model.ts';
import { threeKinds } from '../../core/scoring/segments/some-people.ts';
import type { ServedBy } from '../../../src/ports/served-models.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { WEIGHTS, churnManifest, churnModel } from './a-churn-model.ts';

const NAMES = CHURN_INPUTS.map(({ name }) => name);

async function promoted(model: ModelToSave, decision: Partial<Promotion> = {}) {
  const folder = temporaryFolder();
  const registry = new FolderModelRegistry(folder);
  const { version } = await registry.save(model);
  const promotion = { version, promotedAt: instant(0), forced: false, reasons: [], ...decision };
  await registry.promote(model.kind, promotion);
  return { folder, registry, version };
}

function decayedCount(width: number): ChurnManifest['plain'] {
  const fit = { intercept: 0.5, coefficients: Array<number>(width).fill(-1) };
  return { key: 'decayedCount', fits: { 30: fit, 90: fit } };
}

describe('the churn model in force', () => {
  it('is none where none was promoted', async () => {
    const registry = new FolderModelRegistry(temporaryFolder());
    await registry.save(churnModel());
    expect(await readServedModels(registry)).toEqual({
      ...{ churn: undefined, segmentsVersion: undefined, valueSegments: undefined, styles: undefined },
    });
  });

  it('comes back with all that the pipeline needs', async () => {
    const { registry, version } = await promoted(churnModel());
    const { network, calibration, closedForm } = churnManifest();
    expect((await readServedModels(registry)).churn).toEqual({
      version,
      serves: 'network',
      network: { weights: WEIGHTS, shapes: network?.shapes, standardiser: network?.standardiser },
      calibration,
      closedForm,
      plain: undefined,
      baseline: Float32Array.from(NAMES, (_, i) => i / 8),
      ofOrders: new Set(),
    });
  });

  it('is the one promoted last', async () => {
    const { registry } = await promoted(churnModel());
    const { version } = await registry.save(churnModel({ seed: 2 }));
    await registry.promote('churn', { version, promotedAt: instant(1), forced: false, reasons: [] });
    expect((await readServedModels(registry)).churn?.version).toBe(version);
  });

  it.each<[string, boolean, Partial<ChurnManifest>, ServedBy]>([
    ['the gate refused', false, { gate: { passed: false, reasons: ['Worse.'] } }, 'closed_form'],
    [
      'the gate refused and somebody forced',
      true,
      { gate: { passed: false, reasons: ['Worse.'] } },
      'network',
    ],
    ['there is no network', true, { network: null, withoutNetwork: 'too short' }, 'closed_form'],
    [
      'the gate refused, and a plain baseline is the best,',
      false,
      { gate: { passed: false, reasons: ['Worse.'] }, plain: decayedCount(1) },
      'decayedCount',
    ],
  ])('where %s serves what it may', async (_what, forced, changes, serves) => {
    const { registry } = await promoted(churnModel(changes), { forced });
    const { churn } = await readServedModels(registry);
    expect(churn?.serves).toBe(serves);
    expect(churn?.network === undefined).toBe(serves !== 'network');
  });

  it.each<[string, Partial<ChurnManifest>, RegExp]>([
    ['an input too many', { inputs: [...NAMES, 'log_moon'] }, /its input \d+, log_moon, is one too many/],
    ['an input too few', { inputs: NAMES.slice(0, -1) }, /it lacks input \d+, log_days_since_first_order/],
    [
      'two inputs in another order',
      { inputs: [NAMES[0] ?? '', NAMES[2] ?? '', NAMES[1] ?? '', ...NAMES.slice(3)] },
      /its input 2 is log_order_gap, and here it is log_days_since_order/,
    ],
    ['inputs of another meaning', { inputsHash: 'abc' }, /made of other features \(abc, here [0-9a-f]+\)/],
    ['a baseline of another width', { baseline: [1] }, /baseline or standardiser is not of \d+ numbers/],
    ['a plain baseline of another width', { plain: decayedCount(2) }, /its decayedCount is not of 1 coeff/],
    ['a closed form that is none', { closedForm: { r: 0, alpha: 1, a: 1, b: 1 } }, /closedForm\.r/],
  ])('is refused for %s, with the mend', async (_what, changes, says) => {
    const { registry, version } = await promoted(churnModel(changes));
    const error: unknown = await readServedModels(registry).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'MODEL_INVALID',
      mend: expect.stringMatching(/train.*anew/) as unknown,
    });
    expect(error).toMatchObject({ message: expect.stringMatching(says) as unknown });
    expect(error).toMatchObject({ message: expect.stringContaining(version) as unknown });
  });

  it('is refused with weights of another hash, or none', async () => {
    const { folder, registry, version } = await promoted(churnModel());
    writeFileSync(join(folder, 'churn', version, 'weights.bin'), Uint8Array.of(0, 0, 128, 64));
    await expect(readServedModels(registry)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('weights.bin') as unknown,
    });
    const without = await promoted({ ...churnModel(), files: {} });
    await expect(readServedModels(without.registry)).rejects.toThrow('has a network and no weights.bin');
  });
});

describe('the segment models in force', () => {
  const model = segmentModel(threeKinds(40, 1));
  const segments = (models: Record<string, unknown>, publish?: unknown): ModelToSave => ({
    ...{ kind: 'segments', asOf: instant(0), files: {}, card: '' },
    manifest: { models, ...(publish === undefined ? {} : { publish }) },
  });

  it('are both, or one of them', async () => {
    const both = await promoted(segments({ value_segment: model, style: model }));
    expect(await readServedModels(both.registry)).toEqual({
      ...{ churn: undefined, segmentsVersion: both.version, valueSegments: model, styles: model },
    });
    const one = await promoted(segments({ style: model }));
    expect(await readServedModels(one.registry)).toMatchObject({ valueSegments: undefined, styles: model });
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    [
      'is none',
      { value_segment: { ...model, centroids: [] } },
      /value_segment of segments@.*centroids: not a list/,
    ],
    [
      'is of a feature that does not exist',
      { style: { ...model, inputs: [{ ...model.inputs[0], feature: 'moon' }, ...model.inputs.slice(1)] } },
      /style of segments@.*knows no feature moon/,
    ],
  ])('are refused where one %s', async (_what, models, says) => {
    const { registry } = await promoted(segments(models));
    await expect(readServedModels(registry)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringMatching(says) as unknown,
    });
  });

  it('say in their manifest whether they may be published', async () => {
    const registry = new FolderModelRegistry(temporaryFolder());
    const publish = { passed: false, reasons: ['They moved too far.'] };
    expect(verdictOn(await registry.save(segments({}, publish)))).toEqual(publish);
    const silent = await registry.save(segments({}));
    expect(() => verdictOn(silent)).toThrow(/does not say whether it may serve[^]*publish/);
    expect(verdictOn(await registry.save(churnModel()))).toEqual(churnManifest().gate);
  });
});
