import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { FolderModelRegistry } from '../../src/adapters/models/folder-model-registry.ts';
import { churnManifestOf, servedChurn } from '../../src/adapters/models/served-churn.ts';
import { loadChurnNetwork } from '../../src/adapters/tensorflow/load-churn-network.ts';
import { CHURN_INPUTS } from '../../src/core/scoring/churn/churn-inputs.ts';
import { instant } from '../../src/core/time.ts';
import { runCommand, runForJson } from '../support/run-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { ordersInput } from './an-orders-file.ts';

interface Trained {
  readonly version: string;
  readonly path: string;
  readonly asOf: string;
  readonly interrupted: boolean;
  readonly gate: { readonly passed: boolean; readonly reasons: readonly string[] };
  readonly serves: string;
  readonly withoutNetwork: string | null;
  readonly evaluation: Readonly<
    Record<
      30 | 90,
      { readonly cohorts: Readonly<Record<string, { readonly model: { readonly auc: number | null } }>> }
    >
  >;
}

const trainArgs = (input: readonly string[], out: string): string[] => ['train', ...input, '--out', out];

describe('train', () => {
  it('stores the candidate that was judged, the same to the byte for the same seed', async () => {
    const input = ordersInput(80, 360);
    const [out, other] = [temporaryFolder(), temporaryFolder()];
    const rows = join(out, 'rows.arrow');
    const first = await runForJson<Trained>([...trainArgs(input, out), '--rows', rows]);
    const again = await runForJson<Trained>(trainArgs(input, other));
    expect(again.version).toBe(first.version);
    const weights = (path: string): Buffer => readFileSync(join(path, 'weights.bin'));
    expect(weights(again.path).equals(weights(first.path))).toBe(true);
    expect(weights(first.path).length).toBeGreaterThan(1000);

    expect(first).toMatchObject({
      interrupted: false,
      withoutNetwork: null,
      asOf: expect.any(String) as unknown,
    });
    const lastCutOff = Date.parse(first.asOf) + 90 * 86_400_000;
    const stored = await new FolderModelRegistry(out).read('churn', first.version);
    const manifest = churnManifestOf(stored);
    const end = Date.parse(manifest.data.until);
    expect(end - lastCutOff).toBeGreaterThanOrEqual(0);
    expect(end - lastCutOff).toBeLessThan(86_400_000);
    expect(manifest).toMatchObject({ gate: first.gate, serves: first.serves, seed: 1, interrupted: false });
    expect(manifest.data).toMatchObject({ source: 'csv orders.csv', people: 80 });
    expect(manifest.data.rows).toBeGreaterThan(500);
    expect(tableFromIPC(readFileSync(rows)).numRows).toBe(manifest.data.rows);
    expect(manifest.network?.epochs).toBeGreaterThan(0);
    for (const horizon of [30, 90] as const)
      expect(manifest.evaluation[horizon].cohorts['all']?.model.auc).toBe(
        first.evaluation[horizon].cohorts['all']?.model.auc,
      );
  });

  it('tells on a page and on a card how good it is, and stores all that it takes to serve', async () => {
    const out = temporaryFolder();
    const { code, stdout } = await runCommand([
      ...trainArgs(ordersInput(100, 400), out),
      '--purpose',
      'To be seen.',
    ]);
    expect(code).toBe(0);
    const [version = ''] = readdirSync(join(out, 'churn'));
    expect(stdout).toMatch(/churn model of csv orders\.csv, as of 2024-\d\d-\d\d/);
    expect(stdout).toMatch(/learnt from [\d,]+ rows of 100 people/);
    expect(stdout).toMatch(/\n +30 {2}everybody +100 /);
    expect(stdout).toMatch(/\n +90 {2}active /);
    expect(stdout).toMatch(/the gate: (passed|refused)\n {2}90 days: /);
    expect(stdout).toContain(join(out, 'churn', version));
    expect(stdout).toContain(`tidemark promote ${version} --models ${out}`);
    expect(
      Math.max(
        ...stdout
          .split('\n')
          .filter((line) => /^ +\d+ {2}/.test(line))
          .map(({ length }) => length),
      ),
    ).toBeLessThanOrEqual(80);
    expect(readFileSync(join(out, 'churn', version, 'card.md'), 'utf8')).toMatch(
      /^# Churn model as of 2024-[^]*\nTo be seen\.\n[^]*## What it must not be used for/,
    );

    const registry = new FolderModelRegistry(out);
    expect(await registry.promotions('churn')).toEqual([]);
    const { network, baseline, serves } = servedChurn(await registry.read('churn', version), {
      forced: true,
    });
    if (network === undefined) throw new Error(`there is no network: ${serves}`);
    expect(baseline).toHaveLength(CHURN_INPUTS.length);
    const loaded = await loadChurnNetwork('wasm', network);
    const [p30 = NaN, p90 = NaN] = loaded.predict(baseline, 1);
    loaded.dispose();
    // The typical person goes on ordering every few weeks.
    expect(p90).toBeLessThan(0.5);
    expect(p30).toBeGreaterThan(0);
  });

  it('stores the closed form alone where the history is too short for more, and says so', async () => {
    const out = temporaryFolder();
    const args = [...trainArgs(ordersInput(60, 200), out)];
    const trained = await runForJson<Trained>(args);
    expect(trained).toMatchObject({ serves: 'closed_form', gate: { passed: false }, interrupted: false });
    expect(trained.withoutNetwork).toContain('days or more before the cut-off');
    expect(trained.gate.reasons).toEqual([
      expect.stringMatching(/^No model could be trained: /),
      expect.stringMatching(/recency does not rank people as it did here: MBG\/NBD is what can serve/),
    ]);
    expect(readdirSync(trained.path)).not.toContain('weights.bin');
    const stored = await new FolderModelRegistry(out).read('churn', trained.version);
    const served = servedChurn(stored, { forced: true });
    // Of all labelled for 90 days nobody stayed away: no regression can say who will.
    expect(served).toMatchObject({ serves: 'closed_form', network: undefined, plain: undefined });
    expect(served.closedForm.alpha).toBeGreaterThan(0);
    const { stdout } = await runCommand(args);
    expect(stdout).toContain('no network: the history holds no orders');
    expect(stdout).toMatch(/to let the closed form MBG\/NBD serve, .*: tidemark promote \S+ .*--baseline/);
  });

  it('keeps the best of what was complete when it is stopped while it learns', async () => {
    const out = temporaryFolder();
    const stop = new AbortController();
    let calls = 0;
    const wallClock = () => {
      // Three calls come before the first epoch (the command's, its progress's and the reader's), then one for each.
      if (++calls === 20) stop.abort();
      return instant(Date.UTC(2026, 0, 1));
    };
    const args = [...trainArgs(ordersInput(100, 400), out), '--json'];
    const { code, stdout, stderr } = await runCommand(args, { signal: stop.signal, wallClock });
    expect(code).toBe(130);
    expect(stderr).toMatch(/while training; the best of what was complete is kept in .*churn@2024/);
    const { version, interrupted, path } = JSON.parse(stdout) as Trained;
    expect(interrupted).toBe(true);
    const manifest = churnManifestOf(await new FolderModelRegistry(out).read('churn', version));
    expect(manifest.interrupted).toBe(true);
    expect(manifest.network?.epochs).toBeGreaterThan(0);
    expect(readFileSync(join(path, 'card.md'), 'utf8')).toContain('**Training was interrupted.**');
  });

  it.each<[string, readonly string[], RegExp]>([
    [
      'a history shorter than what judges it',
      ordersFor(60),
      /90 days to judge by leave nothing to learn from/,
    ],
    [
      'a cut-off with too little after it',
      [...ordersFor(200), '--as-of', '2024-07-01'],
      /before the 90 days after/,
    ],
    [
      'a cut-off before everybody',
      [...ordersFor(200), '--as-of', '2023-07-01'],
      /knows nobody with an order/,
    ],
    ['another kind', [...ordersFor(60), '--kind', 'tides'], /Give churn or segments/],
  ])('refuses %s', async (_what, input, says) => {
    const out = temporaryFolder();
    const { code, stdout, stderr } = await runCommand(trainArgs(resolved(input), out));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(says);
    expect(readdirSync(out)).toEqual([]);
  });
});

/** A history is made when the test runs: its folder is the test's own. */
function ordersFor(days: number): string[] {
  return ['orders', String(days)];
}

function resolved([, days, ...rest]: readonly string[]): string[] {
  return [...ordersInput(20, Number(days)), ...rest];
}
