import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FolderModelRegistry } from '../../src/adapters/models/folder-model-registry.ts';
import { simulatedSource } from '../../src/adapters/simulator/simulated-source.ts';
import { markSnapshot } from '../../src/adapters/memory/state-snapshot.ts';
import { STATE_FILE, runEmbedded } from '../../src/commands/embedded-run.ts';
import { CHURN_INPUTS } from '../../src/core/scoring/churn/churn-inputs.ts';
import { instant } from '../../src/core/time.ts';
import type { ModelToSave } from '../../src/ports/model-registry.ts';
import { networkModel, promote } from '../support/a-stored-network.ts';
import { queryRows, runCommand, runForJson } from '../support/run-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { ordersInput } from './an-orders-file.ts';

async function promoted(model: ModelToSave) {
  const folder = temporaryFolder();
  const registry = new FolderModelRegistry(folder);
  const { version } = await registry.save(model);
  await promote(registry, 'churn', version);
  return { folder, registry, version, weights: join(folder, 'churn', version, 'weights.bin') };
}

function withInputs(inputs: readonly string[]): ModelToSave {
  const model = networkModel(1);
  return { ...model, manifest: { ...model.manifest, inputs } };
}

const INPUTS = CHURN_INPUTS.map(({ name }) => name);

describe('replay --model', () => {
  it('has everybody scored by what is in force there, and keeps it beside the results', async () => {
    const { folder, version } = await promoted(networkModel(1));
    const db = join(temporaryFolder(), 'db');
    await runForJson(['replay', ...ordersInput(30, 200), '--model', folder, '--db', db]);
    expect(
      await queryRows(db, 'SELECT model_version, count() AS people FROM churn_scores GROUP BY model_version'),
    ).toEqual([{ model_version: version, people: 30 }]);
    const kept = new FolderModelRegistry(join(db, 'tidemark.models'));
    expect((await kept.promotions('churn')).map((one) => one.version)).toEqual([version]);
  });

  it.each<[string, readonly string[], RegExp]>([
    ['an input too many', [...INPUTS, 'moon'], /its input \d+, moon, is one too many/],
    ['an input too few', INPUTS.slice(0, -1), /it lacks input \d+, log_days_since_first_order/],
    [
      'inputs in another order',
      [...INPUTS].reverse(),
      /its input 1 is log_days_since_first_order, and here it is/,
    ],
  ])('refuses a model with %s before the first row', async (_what, inputs, says) => {
    const { folder, version } = await promoted(withInputs(inputs));
    const { code, stdout, stderr } = await runCommand(['replay', ...ordersInput(5, 60), '--model', folder]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`${version} does not fit this version of Tidemark`);
    expect(stderr).toMatch(says);
    expect(stderr).toMatch(/MODEL_INVALID[^]*mend: train the model anew/);
  });

  it('refuses a folder that is not there, rather than go without its models', async () => {
    const folder = join(temporaryFolder(), 'modles');
    const { code, stdout, stderr } = await runCommand(['replay', ...ordersInput(5, 60), '--model', folder]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`there is no folder of models at ${folder} [INPUT_NOT_FOUND]`);
  });

  it('says that nothing is in force in a registry', async () => {
    const { stderr } = await runCommand(['replay', ...ordersInput(5, 60), '--model', temporaryFolder()]);
    expect(stderr).toMatch(/nothing is in force in .*: the closed form serves/);
  });

  it('completes a run that was killed only with the models that scored people in it', async () => {
    const { folder, version } = await promoted(networkModel(1));
    const db = join(temporaryFolder(), 'db');
    const input = ordersInput(10, 100);
    await runForJson(['replay', ...input, '--model', folder, '--db', db]);
    const path = join(db, STATE_FILE);
    const killed = (scoredBy: readonly string[]) =>
      markSnapshot(path, {
        clock: instant(0),
        beginnings: { 'csv:orders.csv': { records: 1_000_000, digest: 0 } },
        scoredBy,
      });
    const args = ['replay', ...input, '--db', db];
    await killed([version]);
    const other = await runCommand(args);
    expect(other.code).toBe(2);
    expect(other.stderr).toContain(`people were scored by ${version}; now it would be closed-form@cdnow`);
    expect(other.stderr).toMatch(/DATABASE_OTHER_ORIGIN[^]*mend: put that model in force again/);
    await killed(['one', version]);
    const several = await runCommand([...args, '--model', folder]);
    expect(several.stderr).toContain(`scored by one, then by ${version}`);
    expect(several.stderr).toMatch(/mend: name a new folder as --db/);
  });

  it('knows weights that were changed by their hash', async () => {
    const { folder, weights } = await promoted(networkModel(1));
    appendFileSync(weights, 'x');
    const { code, stdout, stderr } = await runCommand(['replay', ...ordersInput(5, 60), '--model', folder]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /weights\.bin is not what was saved: its SHA-256 is [0-9a-f]{64}[^]*MODEL_INVALID/,
    );
  });

  it('goes on with the last model when what is promoted meanwhile is damaged, and says so', async () => {
    const { folder, registry, version, weights } = await promoted(networkModel(1));
    const source = simulatedSource({ people: 20, days: 8, seed: 1, startAt: instant(Date.UTC(2025, 0, 1)) });
    const warnings: string[] = [];
    const { scoredBy, tally } = await runEmbedded({
      source: {
        sources: source.sources,
        async *read(from) {
          const other = await registry.save(networkModel(2));
          await promote(registry, 'churn', other.version);
          appendFileSync(weights.replace(version, other.version), 'x');
          yield* source.read(from);
        },
      },
      ...{ db: undefined, policy: undefined, models: folder, partitions: 1, muteTriggers: true },
      warn: (what) => void warnings.push(what),
    });
    expect(scoredBy).toBe(version);
    expect(tally.events.read).toBeGreaterThan(50);
    expect(warnings).toEqual([
      expect.stringMatching(`^${version} goes on scoring people.*mend: restore the file`),
    ]);
  });
});
