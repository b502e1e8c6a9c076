import { execFile } from 'node:child_process';
import { copyFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { churnTrainer } from '../../../src/adapters/tensorflow/churn-trainer.ts';
import { ROOT } from '../../support/source-tree.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const run = promisify(execFile);

describe('the thread starts', () => {
  /** Trains in a process of its own, which imports `trainer`; the packed weights. */
  async function weightsFrom(trainer: string, loader: readonly string[]): Promise<string> {
    const program = `
      const { churnTrainer } = await import(${JSON.stringify(pathToFileURL(trainer).href)});
      const rows = { width: 1, rows: 64, inputs: new Float32Array(64).map((_, i) => i % 7), labels: new Float32Array(128).map((_, i) => i % 3 > 0) };
      const { weights } = await churnTrainer('wasm').train(rows, rows, { seed: 9, maxEpochs: 2 });
      process.stdout.write(Buffer.from(weights).toString('base64'));`;
    const args = [...loader, '--input-type=module', '--eval', program];
    return (await run(process.execPath, args, { cwd: ROOT })).stdout;
  }
  const rows = {
    width: 1,
    rows: 64,
    inputs: new Float32Array(64).map((_, index) => index % 7),
    labels: new Float32Array(128).map((_, index) => (index % 3 > 0 ? 1 : 0)),
  };
  const here = async () => {
    const { weights } = await churnTrainer('wasm').train(rows, rows, { seed: 9, maxEpochs: 2 });
    return Buffer.from(weights).toString('base64');
  };

  it('from TypeScript under tsx', async () => {
    const trainer = join(ROOT, 'src/adapters/tensorflow/churn-trainer.ts');
    expect(await weightsFrom(trainer, ['--import', 'tsx'])).toBe(await here());
  });

  it('compiled', async () => {
    const folder = temporaryFolder();
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
    const dist = join(folder, 'dist');
    await run(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--noCheck', '--outDir', dist], {
      cwd: ROOT,
    });
    copyFileSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    expect(await weightsFrom(join(dist, 'adapters/tensorflow/churn-trainer.js'), [])).toBe(await here());
  });
});
