import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand, runForJson } from '../support/run-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const DAY_MS = 86_400_000;

/** Everybody orders every `i` days or so; the higher half stops after half of the time. */
function orders(people: number, days: number): string {
  const lines = ['customer,date,amount'];
  for (let i = 0; i < people; i++) {
    const until = i % 2 === 0 ? days : days / 2;
    for (let day = i % 20; day < until; day += 5 + (i % 30)) {
      const date = new Date(Date.UTC(2024, 0, 1) + day * DAY_MS).toISOString().slice(0, 10);
      lines.push(`c${i},${date},${10 + (i % 7)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function evaluateArgs(text: string, asOf: string): string[] {
  const path = join(temporaryFolder(), 'orders.csv');
  writeFileSync(path, text);
  const map = 'person=customer,time=date,value=amount';
  return ['evaluate', '--format', 'csv', '--map', map, '--input', path, '--as-of', asOf];
}

interface Evaluation {
  readonly population: number;
  readonly baseRate: number;
  readonly cohorts: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly gate: { readonly passed: boolean; readonly serves: string; readonly reasons: readonly string[] };
  readonly training: { readonly model?: null; readonly why?: string };
}

describe('evaluate', () => {
  it('gives one object with every scorer in every cohort, the same for the same seed', async () => {
    const args = evaluateArgs(orders(300, 500), '2024-12-31');
    const [first, second] = [await runForJson<Evaluation>(args), await runForJson<Evaluation>(args)];
    expect({ ...second, seconds: 0 }).toEqual({ ...first, seconds: 0 });
    expect(first).toMatchObject({ population: 300, horizonDays: 90, asOf: '2024-12-31T23:59:59.999Z' });
    expect(Object.keys(first.cohorts)).toEqual(['all', 'repeaters', 'activeLast90Days', 'oneOrder']);
    expect(first.cohorts['all']).toMatchObject({ n: 300 });
    for (const scorer of ['model', 'recency', 'decayedCount', 'mbgNbd', 'logisticRfm']) {
      const metrics = first.cohorts['all']?.[scorer] as Record<string, number | null>;
      for (const metric of ['auc', 'aucLow', 'aucHigh', 'prAuc', 'brier', 'logLoss', 'ece', 'liftAt10'])
        expect(metrics[metric], `${scorer} ${metric}`).toEqual(expect.any(Number));
      expect(metrics['auc']).toBeGreaterThan(0.9);
    }
    expect(first.gate.reasons.length).toBeGreaterThan(0);
  });

  it('says so when the history is too short for a model, and names what serves', async () => {
    const { gate, training } = await runForJson<Evaluation>([
      ...evaluateArgs(orders(60, 150), '2024-04-10'),
      '--horizon',
      '30',
    ]);
    expect(training.model).toBeNull();
    expect(training.why).toContain('days or more before the cut-off');
    expect(gate).toMatchObject({ passed: false });
    expect(gate.serves).not.toBe('model');
    expect(gate.reasons[0]).toMatch(/^No model could be trained: /);
  });

  it('tells it on a page, wide or narrow', async () => {
    const args = evaluateArgs(orders(200, 500), '2024-12-31');
    const { code, stdout } = await runCommand(args);
    expect(code).toBe(0);
    expect(stdout).toContain('everybody: 200, churned');
    expect(stdout).toMatch(/what serves: /);
    expect(stdout).toMatch(/decayed count +[.\d]+ +[.\d]+–[.\d]+/);
  });

  it.each([
    ['1999-01-01', /knows nobody with an order up to 1999-01-01/],
    ['2025-05-01', /ends at 2025-05-14[^]*before the 90 days after[^]*--horizon 30/],
  ])('as of %s says what is wrong before it trains', async (asOf, says) => {
    const { code, stdout, stderr } = await runCommand(evaluateArgs(orders(40, 500), asOf));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(says);
    expect(stderr).toMatch(/\n {2}mend: \S/);
  });

  it.each([
    [['--horizon', '60'], /--horizon[^]*Give 30 or 90/],
    [['--backend', 'gpu'], /--backend[^]*wasm, tfjs-node, cpu/],
  ])('refuses %j', async (extra, says) => {
    const { code, stderr } = await runCommand([...evaluateArgs(orders(5, 10), '2024-12-31'), ...extra]);
    expect(code).toBe(2);
    expect(stderr).toMatch(says);
  });
});
