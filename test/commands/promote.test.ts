import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ChurnManifest } from '../../src/adapters/models/churn-manifest.ts';
import { FolderModelRegistry } from '../../src/adapters/models/folder-model-registry.ts';
import { readServedModels } from '../../src/adapters/models/read-served-models.ts';
import { instant } from '../../src/core/time.ts';
import type { ModelToSave } from '../../src/ports/model-registry.ts';
import { churnModel } from '../adapters/models/a-churn-model.ts';
import { segmentModel } from '../core/scoring/segments/a-segment-model.ts';
import { threeKinds } from '../core/scoring/segments/some-people.ts';
import { runCommand, runForJson } from '../support/run-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const REFUSED: Partial<ChurnManifest> = { gate: { passed: false, reasons: ['It is worse.', 'Much worse.'] } };

async function candidate(model: ModelToSave) {
  const models = temporaryFolder();
  const registry = new FolderModelRegistry(models);
  const { version } = await registry.save(model);
  return { models, registry, version, args: ['promote', version, '--models', models] };
}

const FIT = { intercept: 0.5, coefficients: [-1] };
const PLAIN = { key: 'decayedCount', fits: { 30: FIT, 90: FIT } } as const;

describe('promote', () => {
  it('puts a model that passed in force, and says so', async () => {
    const { registry, version, args } = await candidate(churnModel());
    const { code, stdout } = await runCommand(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      new RegExp(`^promoted ${version}\\n {2}It is as good as the best.\\n.*the network`),
    );
    expect(await registry.promotions('churn')).toEqual([
      {
        version,
        promotedAt: instant(Date.UTC(2026, 0, 1)),
        forced: false,
        reasons: ['It is as good as the best.'],
      },
    ]);
    expect((await readServedModels(registry)).churn).toMatchObject({ version, serves: 'network' });
  });

  it('refuses one that did not pass, with all reasons, and says what serves instead', async () => {
    const { registry, version, args } = await candidate(churnModel(REFUSED));
    const refusal = await runCommand(args);
    expect({ code: refusal.code, stdout: refusal.stdout }).toEqual({ code: 1, stdout: '' });
    expect(refusal.stderr).toMatch(/It is worse\.\n.*Much worse\. \[MODEL_REFUSED\]/);
    expect(refusal.stderr).toContain('the closed form of a published history goes on serving');
    expect(refusal.stderr).toMatch(/mend:.*--force/);
    expect(await registry.promotions('churn')).toEqual([]);

    const better = await registry.save(churnModel());
    await runForJson(['promote', better.version, ...args.slice(2)]);
    const { stderr } = await runCommand(args);
    expect(stderr).toContain(`${version} did not pass its gate, and ${better.version} stays in force`);
    expect((await readServedModels(registry)).churn?.version).toBe(better.version);
  });

  it('puts it in force against advice, which is kept', async () => {
    const { registry, version, args } = await candidate(churnModel(REFUSED));
    const before = await registry.save(churnModel());
    await runForJson(['promote', before.version, ...args.slice(2)]);
    expect(await runForJson([...args, '--force'])).toEqual({
      ...{ kind: 'churn', version, serves: 'the network', forced: true },
      ...{ reasons: ['It is worse.', 'Much worse.'], promotedAt: '2026-01-01T00:00:00.000Z' },
      replaced: before.version,
    });
    const history = await registry.promotions('churn');
    expect(history.map((one) => [one.version, one.forced])).toEqual([
      [before.version, false],
      [version, true],
    ]);
    expect((await readServedModels(registry)).churn?.serves).toBe('network');
  });

  it('lets the best baseline of a refused one serve, fitted to its history, without force', async () => {
    const { registry, version, args } = await candidate(churnModel({ ...REFUSED, plain: PLAIN }));
    const { code, stdout } = await runCommand([...args, '--baseline']);
    expect(code).toBe(0);
    expect(stdout).toContain('the decayed order count');
    expect(await registry.promotions('churn')).toMatchObject([
      { version, forced: false, bestBaseline: true },
    ]);
    const { churn } = await readServedModels(registry);
    expect(churn).toMatchObject({
      version: `${version}/baseline`,
      serves: 'decayedCount',
      network: undefined,
      plain: PLAIN,
    });
    const forced = await runCommand([...args, '--force']);
    expect(forced.code).toBe(0);
    expect((await readServedModels(registry)).churn).toMatchObject({ serves: 'network' });
  });

  it('refuses the best baseline of a model from before it was kept, unless that is the closed form', async () => {
    const { plain: _, ...old } = churnModel().manifest as unknown as ChurnManifest;
    const { args } = await candidate({ ...churnModel(), manifest: old });
    const { code, stderr } = await runCommand([...args, '--baseline']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/the best baseline of \S+ is recency, which was not kept/);
  });

  it('of a model without a network puts the closed form in force', async () => {
    const { args } = await candidate(churnModel({ ...REFUSED, network: null, withoutNetwork: 'too short' }));
    expect(await runForJson([...args, '--force'])).toMatchObject({
      serves: 'the closed form MBG/NBD',
      forced: true,
    });
  });

  it('does not need force for what passed, and does nothing the second time', async () => {
    const { models, args } = await candidate(churnModel());
    expect(await runForJson([...args, '--force'])).toMatchObject({ forced: false, replaced: null });
    const history = readFileSync(join(models, 'churn', 'promotions.json'), 'utf8');
    const { code, stdout } = await runCommand(args);
    expect(code).toBe(0);
    expect(stdout).toContain('is in force already');
    expect(readFileSync(join(models, 'churn', 'promotions.json'), 'utf8')).toBe(history);
  });

  it('goes back to an earlier one', async () => {
    const { registry, version, args } = await candidate(churnModel());
    const { version: later } = await registry.save(churnModel({ seed: 2 }));
    for (const one of [version, later, version]) await runForJson(['promote', one, ...args.slice(2)]);
    expect((await registry.promotions('churn')).map((one) => one.version)).toEqual([version, later, version]);
  });

  it.each(['', '/', '/manifest.json'])('takes the path of a model, with %j behind it', async (end) => {
    const { models, version } = await candidate(churnModel());
    const path = `${join(models, 'churn', version)}${end}`;
    expect(await runForJson(['promote', path])).toMatchObject({ version, forced: false });
  });

  it('publishes segments that passed, and no others', async () => {
    const model = segmentModel(threeKinds(40, 1));
    const segments = (passed: boolean): ModelToSave => ({
      ...{ kind: 'segments', asOf: instant(0), files: {}, card: '' },
      manifest: { models: { value_segment: model }, publish: { passed, reasons: ['They moved.'] } },
    });
    const { args, registry } = await candidate(segments(true));
    expect(await runForJson(args)).toMatchObject({ kind: 'segments', serves: 'value segments' });
    expect((await readServedModels(registry)).valueSegments).toEqual(model);
    const refused = await candidate(segments(false));
    const { code, stderr } = await runCommand(refused.args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/none is in force: nobody is in a segment\n.*They moved\. \[MODEL_REFUSED\]/);
  });

  it.each<[string, Partial<ChurnManifest>, RegExp]>([
    ['does not fit the running catalogue', { inputs: ['moon'] }, /its input 1 is moon, and here it is /],
    ['is of another form', { baseline: 'none' as never }, /baseline/],
  ])('keeps out a model that %s, forced or not', async (_what, changes, says) => {
    const { registry, args } = await candidate(churnModel(changes));
    for (const more of [[], ['--force']]) {
      const { code, stderr } = await runCommand([...args, ...more]);
      expect(code).toBe(2);
      expect(stderr).toMatch(says);
      expect(stderr).toMatch(/MODEL_INVALID[^]*train the model anew/);
    }
    expect(await registry.promotions('churn')).toEqual([]);
  });

  it('keeps out a damaged one', async () => {
    const { models, version, args } = await candidate(churnModel());
    appendFileSync(join(models, 'churn', version, 'weights.bin'), 'x');
    const { code, stderr } = await runCommand(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/weights\.bin is not what was saved[^]*MODEL_INVALID/);
  });

  it('says that a folder does not exist', async () => {
    const folder = join(temporaryFolder(), 'nope');
    const version = 'churn@1997-09-30-00000000';
    for (const args of [[version, '--models', folder], [join(folder, 'churn', version)]]) {
      const { code, stderr } = await runCommand(['promote', ...args]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/there is no folder \S+nope to look for churn@1997[^]*\[MODEL_INVALID\]/);
      expect(stderr).toContain('mend: name the folder that train stored the model in');
    }
  });

  it.each([
    ['model.bin', /names no model/],
    ['churn@1997-09-30-00000000', /there is no churn model churn@1997-09-30-00000000/],
  ])('says what is wrong with %s', async (model, says) => {
    const { code, stderr } = await runCommand(['promote', model, '--models', temporaryFolder()]);
    expect(code).toBe(2);
    expect(stderr).toMatch(says);
    expect(stderr).toMatch(/mend: \S/);
  });
});
