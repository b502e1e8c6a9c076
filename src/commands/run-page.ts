import { createColors } from 'picocolors';
import { dateOf } from '../core/time.ts';
import { isPublishedClosedForm } from '../core/scoring/churn/closed-form.ts';
import type { EmbeddedResult } from './embedded-run.ts';
import { sum } from './run-summary.ts';
import { formatCount, formatDuration, formatQuantity, formatRate, formatShare } from './terminal/numbers.ts';
import { printable, wrap } from './terminal/printable.ts';
import { tableStyle } from './terminal/table.ts';
import type { World } from './world.ts';

const BAR_CELLS = 24;
/** Words beside a number go under it where there is less room than that. */
const LEAST_CELLS = 20;
const SHARE_CELLS = 2 + '100.0 %  no model in force'.length;
const SHOWN_NAMES = 10;
const NOBODYS = '(none)';

export interface RunPage {
  readonly title: string;
  /** What one event is called here, singular. */
  readonly unit: string;
  readonly durationMs: number;
  readonly db: string | undefined;
  /** What the events come from, where that says nothing of a currency. */
  readonly withoutCurrency?: string;
}

/** The results of a run on one page: who people are, why tags changed, what that called for, what was left out. */
export function writeRunPage(world: World, result: EmbeddedResult, page: RunPage): void {
  const { bold } = createColors(world.stdout.colours);
  const { tally, people, asOf } = result;
  const pace = [
    formatDuration(page.durationMs),
    formatRate(tally.events.read, `${page.unit}s`, page.durationMs),
  ];
  const heading =
    `${page.title}: ${formatQuantity(tally.events.read, page.unit)}, ${formatQuantity(people, 'person', 'people')}` +
    `, up to ${dateOf(asOf)} (${pace.filter((part) => part !== '').join(', ')})`;
  told(world, '', printable(heading), bold);
  writeEvents(world, result, page.unit);
  if (page.withoutCurrency !== undefined)
    told(
      world,
      '  ',
      `amounts count as ${result.policy.currency}, the currency of the rules: ${page.withoutCurrency} states none`,
    );
  writeTags(world, result);
  told(world, '  ', scoredBy(result.scoredBy));
  writeTransitions(world, result);
  writeFlaps(world, result);
  writeTriggers(world, result);
  if (page.db !== undefined) writeNextSteps(world, page.db);
}

function writeEvents(world: World, { tally }: EmbeddedResult, unit: string): void {
  const { accepted, duplicate, late, rejected } = tally.events;
  const rows: [string, number, string][] = [
    ['taken in', accepted, ''],
    ['taken in, late', late, 'counted at their own time'],
    ['known already', duplicate, 'duplicates, or done by an earlier run'],
    ...Object.entries(rejected).map(([reason, count]): [string, number, string] => {
      const first = tally.firstRejected[reason as keyof typeof tally.firstRejected];
      return [reason, count, first === undefined ? '' : `first at ${first.place}: ${first.detail}`];
    }),
  ];
  section(world, `what became of the ${unit}s`);
  writeCounts(
    world,
    rows.filter(([, count]) => count > 0),
  );
  writeUnknownNames(world, tally.unknownNames);
}

/** A misspelt event name costs its meaning: the commonest are shown. */
function writeUnknownNames(world: World, names: ReadonlyMap<string, number>): void {
  if (names.size === 0) return;
  section(world, 'names that say nothing to Tidemark: counted as activity, nothing more');
  const commonest = [...names].sort(([, a], [, b]) => b - a).slice(0, SHOWN_NAMES);
  writeCounts(
    world,
    commonest.map(([name, count]) => [printable(name), count, '']),
  );
  if (names.size > SHOWN_NAMES)
    world.stdout.write(`  and ${formatCount(names.size - SHOWN_NAMES)} more names
`);
}

/** People by tag, with bars; everybody in a dimension who holds none of its tags is told too. */
export function writeTags(world: World, { tags, people, policy, withoutModel }: EmbeddedResult): void {
  const { dim, cyan } = createColors(world.stdout.colours);
  section(world, 'people by tag');
  const { width } = tableStyle(world.stdout);
  for (const { name, about, tags: rules } of policy.dimensions) {
    const held = tags[name] ?? {};
    if (2 + name.length + 2 + about.length <= width) world.stdout.write(`  ${name}  ${dim(about)}\n`);
    else {
      world.stdout.write(`  ${name}\n`);
      told(world, '    ', about, dim);
    }
    const rows = [
      ...rules.map((rule) => [rule.name, held[rule.name] ?? 0] as const),
      [NOBODYS, people - sum(held)] as const,
    ];
    const nameCells = Math.max(...rows.map(([tag]) => tag.length));
    const countCells = Math.max(...rows.map(([, count]) => formatCount(count).length));
    const barCells = Math.min(BAR_CELLS, width - (4 + nameCells + 2 + countCells + 2 + SHARE_CELLS));
    for (const [tag, count] of rows) {
      const share = people === 0 ? 0 : count / people;
      const filled = Math.round(share * Math.max(0, barCells));
      const bar = filled === 0 ? '' : cyan('█'.repeat(filled));
      const room = barCells > 0 ? ' '.repeat(barCells - filled + 2) : '';
      const line = `${tag.padEnd(nameCells)}  ${formatCount(count).padStart(countCells)}  ${bar}${room}${count === 0 ? '' : formatShare(share)}`;
      world.stdout.write(`    ${line.trimEnd()}`);
      if (tag === NOBODYS && withoutModel.includes(name))
        world.stdout.write(`${barCells === BAR_CELLS ? '  ' : '\n      '}${dim('no model in force')}`);
      world.stdout.write('\n');
    }
  }
}

/** What each cause means. */
export const CAUSE_WORDS: Readonly<Record<string, string>> = {
  event: 'somebody did something',
  time: 'nothing happened, and time passed',
  late_event: 'something was heard of late',
  refund: 'an order was given back or cancelled',
  merge: 'two accounts became one',
  population: 'a review set new measures for everybody',
  policy: 'the rules were edited',
  model: 'a model was put in force',
};

function writeTransitions(world: World, { tally }: EmbeddedResult): void {
  const { total, byCause } = tally.transitions;
  section(world, `${formatQuantity(total, 'change')} of tags, by cause`);
  const rows = Object.entries(byCause).sort(([, a], [, b]) => b - a);
  writeCounts(
    world,
    rows.map(([cause, count]) => [cause, count, CAUSE_WORDS[cause] ?? '']),
  );
}

export function scoredBy(version: string): string {
  return isPublishedClosedForm(version)
    ? `risks by ${version}, from orders alone: no model was trained on this history (see train, promote, --model)`
    : `scores by ${version}`;
}

/** Tags that went back to what they were within 30 days: a marketer's patience. */
function writeFlaps(world: World, { flapRates }: EmbeddedResult): void {
  if (flapRates.length === 0) return;
  section(world, 'changes undone within 30 days');
  writeCounts(
    world,
    flapRates.map(({ dimension, changes, reverted, rate }) => [
      dimension,
      reverted,
      `of ${formatCount(changes)}: ${formatShare(rate)}`,
    ]),
  );
}

function writeTriggers(world: World, { tally, policy }: EmbeddedResult): void {
  const muted = tally.mutedTriggers > 0 ? ', recorded and muted (--fire-triggers has them sent)' : '';
  section(world, `${formatQuantity(sum(tally.triggers), 'trigger')}${muted}`);
  const rows = policy.triggers.map(({ name, about }): [string, number, string] => [
    name,
    tally.triggers[name] ?? 0,
    about,
  ]);
  writeCounts(world, rows);
}

function writeNextSteps(world: World, db: string): void {
  const folder = quoted(db);
  section(world, 'look further');
  world.stdout.write(
    [
      `query --db ${folder} "SELECT tag, count() AS people FROM current_tags WHERE dimension = 'buyer_class' GROUP BY tag"`,
      `query --db ${folder} "SELECT * FROM tag_transitions ORDER BY effective_at DESC LIMIT 10"`,
    ]
      .map((command) => `  ${world.invocation} ${command}\n`)
      .join(''),
  );
}

/** Heading of a part of a page. */
export function section(world: World, title: string): void {
  const { bold } = createColors(world.stdout.colours);
  world.stdout.write('\n');
  told(world, '', title, bold);
}

/** Aligned lines of name, number and words. */
export function writeCounts(world: World, rows: readonly (readonly [string, number, string])[]): void {
  const { dim } = createColors(world.stdout.colours);
  const nameCells = Math.max(0, ...rows.map(([name]) => name.length));
  const countCells = Math.max(0, ...rows.map(([, count]) => formatCount(count).length));
  const before = 2 + nameCells + 2 + countCells + 2;
  const room = tableStyle(world.stdout).width - before;
  for (const [name, count, words] of rows) {
    const number = `  ${name.padEnd(nameCells)}  ${formatCount(count).padStart(countCells)}`;
    if (words === '') world.stdout.write(`${number}\n`);
    else if (room >= LEAST_CELLS) {
      const [first = '', ...others] = linesOf(printable(words), room);
      world.stdout.write(`${number}  ${dim(first)}\n`);
      for (const other of others) world.stdout.write(`${' '.repeat(before)}${dim(other)}\n`);
    } else {
      world.stdout.write(`${number}\n`);
      told(world, '    ', printable(words), dim);
    }
  }
}

/** Text on as many lines as a terminal's width asks for; on one where nobody looks. */
export function told(
  world: World,
  indent: string,
  text: string,
  paint = (part: string): string => part,
): void {
  const { width } = tableStyle(world.stdout);
  for (const part of linesOf(text, width - indent.length)) world.stdout.write(`${indent}${paint(part)}\n`);
}

/** Where there is room without end the text stays as it is, its blanks too. */
function linesOf(text: string, width: number): readonly string[] {
  return width === Infinity ? [text] : wrap(text, width);
}

/** A path as a shell takes it. */
export function quoted(path: string): string {
  return /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
