import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { CHURN_INPUTS } from '../../src/core/scoring/churn/churn-inputs.ts';
import { instant } from '../../src/core/time.ts';
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

/** The same orders as an export of UCI Online Retail: two line items an order, some orders cancelled. */
function retailLines(people: number, days: number): string {
  const lines = ['InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country'];
  const [, ...rows] = orders(people, days).trimEnd().split('\n');
  const byDate = rows
    .map((row) => row.split(','))
    .sort(([, p = ''], [, q = '']) => (p < q ? -1 : p > q ? 1 : 0));
  byDate.forEach(([customer = '', date = '', amount = ''], i) => {
    const item = (invoice: string, code: string, quantity: number, hour: number): string =>
      `${invoice},${code},"MUG, RED",${quantity},${date} ${hour}:05:00,${amount},${12_000 + Number(customer.slice(1))}.0,France`;
    const invoice = String(500_000 + i);
    lines.push(item(invoice, '22423', 2, 10), item(invoice, '85123A', 1, 10));
    if (i % 9 === 0) lines.push(item(`C${invoice}`, '22423', -2, 11));
  });
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
  readonly originStepDays: number;
  readonly origins: readonly (Evaluation & { readonly asOf: string })[];
  readonly originsLeftOut: readonly { readonly asOf: string; readonly why: string }[];
  readonly originSummary: Readonly<
    Record<
      string,
      Readonly<Record<string, { readonly auc: Readonly<Record<'mean' | 'least' | 'most', number>> }>>
    >
  >;
  readonly deciles: Readonly<Record<string, readonly { readonly rows: number }[]>>;
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
    expect(first.deciles['all']?.map(({ rows }) => rows)).toEqual(Array(10).fill(30));
  });

  it('judges at earlier cut-offs too, a horizon apart, and sums up', { timeout: 240_000 }, async () => {
    const args = evaluateArgs(orders(200, 600), '2025-04-30');
    const [three, one] = [
      await runForJson<Evaluation>(args),
      await runForJson<Evaluation>([...args, '--origins', '1']),
    ];
    const { origins, originStepDays, originSummary, originsLeftOut, cohorts, gate } = three;
    expect(originStepDays).toBe(90);
    expect(originsLeftOut).toEqual([]);
    expect(origins.map(({ asOf }) => asOf.slice(0, 10))).toEqual(['2025-04-30', '2025-01-30', '2024-11-01']);
    expect(origins[0]).toMatchObject({ cohorts, gate });
    // The cut-off asked for knows nothing of the others.
    expect(one).toMatchObject({ cohorts, gate, training: three.training });
    expect(one.origins).toHaveLength(1);
    // An earlier one is what it would be by itself, but for what was known of its own days since.
    const alone = await runForJson<Evaluation>([
      ...evaluateArgs(orders(200, 600), '2025-01-30'),
      ...['--origins', '1'],
    ]);
    expect(origins[1]?.cohorts).toEqual(alone.cohorts);
    const aucs = origins.map((origin) => origin.cohorts['all']?.['model'] as { auc: number });
    const { mean, least, most } = originSummary['all']?.['model']?.auc ?? { mean: 0, least: 0, most: 0 };
    expect(mean).toBeCloseTo(aucs.reduce((sum, { auc }) => sum + auc, 0) / 3, 12);
    expect([least, most]).toEqual([
      Math.min(...aucs.map(({ auc }) => auc)),
      Math.max(...aucs.map(({ auc }) => auc)),
    ]);
  });

  it('names the cut-offs that a short history does not allow, and steps closer before it gives one up', async () => {
    const { originStepDays, origins, originsLeftOut } = await runForJson<Evaluation>(
      evaluateArgs(orders(100, 290), '2024-06-25'),
    );
    expect(originStepDays).toBe(30);
    expect(origins.map(({ asOf }) => asOf.slice(0, 10))).toEqual(['2024-06-25', '2024-05-26']);
    expect(originsLeftOut).toEqual([
      {
        asOf: '2024-04-26T23:59:59.999Z',
        why: 'the history holds no orders 120 days or more before the cut-off',
      },
    ]);
  });

  it('writes a page that needs nothing from elsewhere, and the rows that were learnt from', async () => {
    const folder = temporaryFolder();
    const [html, rows] = [join(folder, 'page.html'), join(folder, 'rows.arrow')];
    const evaluation = await runForJson<Evaluation>([
      ...evaluateArgs(orders(200, 500), '2024-12-31'),
      ...['--html', html, '--rows', rows, '--origins', '2'],
    ]);
    const page = readFileSync(html, 'utf8');
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(|(?:src|href)=/i);
    expect(
      [...page.matchAll(/https?:[^"\s]*/g)].filter(([url]) => !url.startsWith('http://www.w3.org/')),
    ).toEqual([]);
    for (const part of [
      'ROC curve',
      'Calibration',
      'Churned, by tenth',
      'Scores',
      'At 2 cut-offs',
      'Churned means: no completed order in the 90 days',
    ])
      expect(page).toContain(part);
    for (const reason of evaluation.gate.reasons) expect(page).toContain(reason);
    const drawn = [...page.matchAll(/<svg role="img" aria-label="([^"]+)"[^>]*><title>([^<]+)<\/title>/g)];
    expect(drawn.length).toBeGreaterThan(15);
    expect(drawn.map(([, label]) => label)).toEqual(drawn.map(([, , title]) => title));
    expect(page.match(/<svg/g)).toHaveLength(drawn.length);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const table = tableFromIPC(readFileSync(rows));
    expect(table.schema.fields.map(({ name }) => name)).toEqual([
      ...['person_id', 'at', ...CHURN_INPUTS.map(({ name }) => name), 'label_30d', 'label_90d'],
    ]);
    // Eight snapshots, at all of which everybody had ordered.
    expect(table.numRows).toBe(200 * 8);
    expect(table.getChild('label_90d')?.nullCount).toBeGreaterThan(0);
    expect(table.getChild('label_30d')?.nullCount).toBe(0);
  });

  it('says what to do when the page cannot be written, and gives the answer all the same', async () => {
    const { code, stdout, stderr } = await runCommand([
      ...evaluateArgs(orders(60, 150), '2024-04-10'),
      ...['--horizon', '30', '--html', '/dev/full'],
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/OUTPUT_WRITE[^]*mend: check that the folder exists/);
    expect(stdout).toContain('what serves');
  });

  it.each(['30', '90'])('reads another format unchanged, for %s days', async (horizon) => {
    const path = join(temporaryFolder(), 'online_retail.csv');
    writeFileSync(path, retailLines(200, 500));
    const { population, cohorts, training } = await runForJson<Evaluation>([
      ...['evaluate', '--format', 'online-retail', '--input', path, '--as-of', '2024-12-31'],
      ...['--horizon', horizon, '--origins', '1'],
    ]);
    expect(population).toBe(200);
    expect(training.why).toBeUndefined();
    expect((cohorts['all']?.['model'] as { auc: number }).auc).toBeGreaterThan(0.8);
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

  it('says on the page that there is no model, once and before the tables', async () => {
    const args = [...evaluateArgs(orders(60, 150), '2024-04-10'), '--horizon', '30'];
    const { stdout } = await runCommand(args);
    expect(stdout.split('\n')[3]).toMatch(/^No model could be trained: the history holds no orders/);
    expect(stdout.match(/No model could be trained/g)).toHaveLength(1);
    expect(stdout).toMatch(
      /what serves: [^]*There is no model to judge\.[^]*The pipeline scores with the best baseline/,
    );
  });

  it('names the cut-off that it trains for', async () => {
    let now = Date.UTC(2026, 0, 1);
    const { stderr } = await runCommand(
      [...evaluateArgs(orders(100, 290), '2024-06-25'), '--json'],
      // Long enough between two looks at it for a line of progress.
      { wallClock: () => instant((now += 10_000)) },
    );
    for (const asOf of ['2024-06-25', '2024-05-26'])
      expect(stderr).toMatch(new RegExp(`rows; training for ${asOf}: epoch 1, loss \\d`));
  });

  it.each([80, 50])('tells it on a page %i columns wide', async (columns) => {
    const args = [...evaluateArgs(orders(200, 500), '2024-12-31'), '--origins', '2'];
    const { code, stdout } = await runCommand(args, { columns, isTerminal: true });
    expect(code).toBe(0);
    const wide = stdout.split('\n').filter((line) => line.length > columns && line.trim().includes(' '));
    expect(wide).toEqual([]);
    for (const title of [
      'PR-AUC',
      'lift 5 %',
      '20 %',
      'skill',
      'log loss',
      'slope',
      'intercept',
      'tenth',
      'found so far',
    ])
      expect(stdout).toContain(title);
    expect(stdout).not.toContain('── row');
    expect(stdout).toMatch(/\nat 2 cut-offs, each trained strictly\sbefore\sits\sown/);
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
