import { createColors } from 'picocolors';
import { driftTable } from '../core/scoring/drift/drift-table.ts';
import { dateOf, isoOf, type Instant } from '../core/time.ts';
import type { MeasuredDriftRow } from '../ports/analytics.ts';
import type { FolderPeople } from './drift-people.ts';
import type { NamedReference } from './drift-reference.ts';
import { quoted, section } from './run-page.ts';
import { formatCount, formatQuantity, formatShare } from './terminal/numbers.ts';
import { printable, wrap } from './terminal/printable.ts';
import { renderTable, tableStyle } from './terminal/table.ts';
import type { World } from './world.ts';

export interface DriftPage {
  readonly db: string;
  readonly reference: NamedReference;
  readonly people: FolderPeople;
  readonly since: Instant;
  readonly rows: readonly MeasuredDriftRow[];
  /** Names that would be measured today and are not in the reference. */
  readonly unknown: readonly string[];
  /** Scores of the reference that nobody has today. */
  readonly unscored: readonly string[];
}

const ADVICE: Readonly<Partial<Record<MeasuredDriftRow['kind'], string>>> = {
  feature:
    'A feature drifted: look at the events it is made of first. A source that lost a kind of event, sends it twice or ' +
    'changed a unit looks like this. If people really have changed, train the models anew and freeze a new reference.',
  score:
    'A score drifted: judge the model on what came true since (evaluate), and train it anew if it has become worse.',
  segment:
    'A dimension drifted: the changes of tags below say why. After an edited rule or another model that is meant: freeze ' +
    'a new reference. Otherwise look at the features that the rules of its tags read.',
};

const CAUSE_WORDS: Readonly<Record<string, string>> = {
  people_moved: 'people acted',
  time_passed: 'time passed',
  rule_edited: 'rules edited',
  model_replaced: 'model replaced',
  centroids_moved: 'group centres moved',
  population: 'review of measures',
  late_data: 'late data',
  other: 'other causes',
  not_told: 'told by no transition',
};

/** What drifted, how much, against which limit, among how many people, and what to do. */
export function writeDriftPage(world: World, page: DriftPage, isAll: boolean): void {
  const { reference, people, rows } = page;
  const { bold } = createColors(world.stdout.colours);
  const what = reference.of === 'churn' ? 'buyers' : 'people';
  const title = `${what} of ${page.db} as of ${dateOf(people.clock)}, against ${reference.name}`;
  world.stdout.write(`${bold(printable(title))}\n`);
  line(world, verdictOf(page));
  writeAlarms(world, rows);
  if (isAll) {
    const { columns, rows: cells } = driftTable(rows.filter(({ kind }) => kind !== 'segment_size'));
    section(world, 'every measure');
    world.stdout.write(renderTable(columns, cells, tableStyle(world.stdout)));
  }
  writeSizeChanges(world, page);
  const notes = notesOn(page);
  if (notes.length > 0) world.stdout.write('\n');
  for (const note of notes) line(world, `note: ${note}`);
}

/** Everything on the page, and every row, as one object; `drifted` is null where nothing can be said. */
export function driftJson(page: DriftPage): Record<string, unknown> {
  const { reference, people, rows, since } = page;
  const alarms = rows.filter(({ alarm }) => alarm);
  return {
    db: page.db,
    reference: reference.name,
    of: reference.of,
    measuredAt: isoOf(people.clock),
    since: isoOf(since),
    drifted: isComparable(rows) ? alarms.length > 0 : null,
    verdict: verdictOf(page),
    measures: reference.reference.measures.length,
    compared: comparedOf(rows),
    alarms,
    rows,
    notes: notesOn(page),
  };
}

export interface FrozenAbout {
  readonly path: string;
  readonly at: string;
  readonly people: number;
  readonly measures: number;
}

/** `isSecond`: below a page. */
export function writeFrozen(
  world: World,
  { path, at, people, measures }: FrozenAbout,
  db: string,
  isSecond: boolean,
): void {
  world.stdout.write(
    `${isSecond ? '\n' : ''}froze ${formatQuantity(people, 'person', 'people')} in ${formatQuantity(measures, 'measure')} as of ${at} to ${printable(path)}\n` +
      `compare with them later: ${world.invocation} drift --db ${quoted(db)} --reference ${quoted(path)}\n`,
  );
}

/** People of now who are compared with somebody of like tenure, and all that there are. */
function comparedOf(rows: readonly MeasuredDriftRow[]): { readonly people: number; readonly of: number } {
  const most = (stratum: string): number =>
    rows.reduce(
      (people, row) =>
        row.stratum === stratum && row.kind !== 'segment_size' ? Math.max(people, row.n_current) : people,
      0,
    );
  return { people: most('like tenure'), of: most('all') };
}

/** Something could be tested; else nobody knows whether anything drifted. */
export function isComparable(rows: readonly MeasuredDriftRow[]): boolean {
  return testedOf(rows).length > 0;
}

function testedOf(rows: readonly MeasuredDriftRow[]): readonly MeasuredDriftRow[] {
  return rows.filter(({ limit }) => limit !== null);
}

function verdictOf({ rows, reference }: DriftPage): string {
  const tested = testedOf(rows);
  const measures = formatQuantity(reference.reference.measures.length, 'measure');
  if (tested.length === 0) {
    return (
      'Nothing can be said: hardly anybody is of a tenure that the reference knows. Freeze a new reference, or ' +
      'compare with a more recent one.'
    );
  }
  const { people, of } = comparedOf(rows);
  const who = `${formatCount(people)} of ${formatQuantity(of, 'person', 'people')} (${formatShare(people / of)}) could be compared with people of like tenure`;
  const alarmed = new Set(rows.flatMap(({ alarm, kind, name }) => (alarm ? [`${kind} ${name}`] : [])));
  if (alarmed.size > 0) return `${alarmed.size} of ${measures} drifted; ${who}.`;
  return `Nothing drifted: ${measures}, ${formatQuantity(tested.length, 'comparison')}, none past its limit; ${who}.`;
}

function writeAlarms(world: World, rows: readonly MeasuredDriftRow[]): void {
  const strength = ({ psi, limit }: MeasuredDriftRow): number => (psi ?? 0) / (limit ?? 1);
  const alarms = rows.filter(({ alarm }) => alarm).sort((a, b) => strength(b) - strength(a));
  if (alarms.length === 0) return;
  section(world, 'what drifted, the strongest first');
  const cells = alarms.map((row) => [
    `${row.kind} ${row.name}`,
    row.stratum,
    formatCount(row.n_reference),
    formatCount(row.n_current),
    (row.psi ?? NaN).toFixed(3),
    (row.limit ?? NaN).toFixed(3),
  ]);
  world.stdout.write(renderTable(ALARM_COLUMNS, cells, tableStyle(world.stdout)));
  section(world, 'what to do');
  const kinds = new Set<string>(alarms.map((row) => row.kind));
  for (const [kind, words] of Object.entries(ADVICE)) if (kinds.has(kind)) line(world, words);
}

const ALARM_COLUMNS = [
  { title: 'what', numeric: false },
  { title: 'among', numeric: false },
  { title: 'people then', numeric: true },
  { title: 'now', numeric: true },
  { title: 'PSI', numeric: true },
  { title: 'limit', numeric: true },
] as const;

function writeSizeChanges(world: World, { rows, since }: DriftPage): void {
  const changes = rows.filter(
    ({ kind, causes }) => kind === 'segment_size' && Object.keys(causes).length > 0,
  );
  section(world, `people by tag since ${dateOf(since)}, and why`);
  if (changes.length === 0) {
    line(world, 'No tag gained or lost anybody.');
    return;
  }
  const cells = changes.map(({ name, stratum, n_reference, n_current, causes }) => [
    name,
    stratum,
    formatCount(n_reference),
    formatCount(n_current),
    Object.entries(causes)
      .sort(([, a], [, b]) => Math.abs(b) - Math.abs(a))
      .map(
        ([cause, gain]) =>
          `${gain > 0 ? '+' : '−'}${formatCount(Math.abs(gain))} ${CAUSE_WORDS[cause] ?? cause}`,
      )
      .join(', '),
  ]);
  world.stdout.write(renderTable(SIZE_COLUMNS, cells, tableStyle(world.stdout)));
}

const SIZE_COLUMNS = [
  { title: 'dimension', numeric: false },
  { title: 'tag', numeric: false },
  { title: 'then', numeric: true },
  { title: 'now', numeric: true },
  { title: 'gained and lost', numeric: false },
] as const;

function notesOn({ reference, people, unknown, unscored }: DriftPage): string[] {
  const { policyVersion } = reference;
  return [
    ...(policyVersion !== '' && policyVersion !== people.policy.version
      ? [
          `the reference is of policy ${policyVersion}, the folder of ${people.policy.version}: tags may differ by their rules`,
        ]
      : []),
    ...(unknown.length > 0 ? [`not in the reference, so not compared: ${unknown.join(', ')}`] : []),
    ...(unscored.length > 0 ? [`nobody here has a score to compare: ${unscored.join(', ')}`] : []),
  ];
}

function line(world: World, text: string): void {
  const room = Math.min(110, Math.max(40, world.stdout.columns));
  for (const part of wrap(printable(text), room)) world.stdout.write(`${part}\n`);
}
