import { createColors } from 'picocolors';
import { dateOf, instant } from '../core/time.ts';
import { line, transitionWords, whoTheyAre } from './account-page.ts';
import type { DemoStory } from './demo-story.ts';
import type { EmbeddedResult } from './embedded-run.ts';
import type { MarketplaceFlags } from './marketplace-options.ts';
import { CAUSE_WORDS, quoted, section, writeCounts, writeTags } from './run-page.ts';
import { sum } from './run-summary.ts';
import { formatCount, formatDuration, formatQuantity, formatRate } from './terminal/numbers.ts';
import { wrap } from './terminal/printable.ts';
import type { World } from './world.ts';

const WIDEST = 100;

export interface DemoPage {
  readonly flags: MarketplaceFlags;
  readonly result: EmbeddedResult;
  readonly story: DemoStory;
  readonly db: string;
  readonly durationMs: number;
}

/** What a demo came to, for somebody who sees Tidemark for the first time. */
export function writeDemoPage(world: World, page: DemoPage): void {
  writeWhatHappened(world, page);
  writeTags(world, page.result);
  line(
    world,
    undefined,
    'Risks and groups are by the models that ship, which learnt on another simulated year.',
  );
  writeFlows(world, page.story);
  writeCauses(world, page.story);
  writeTriggers(world, page);
  writeStory(world, page);
  writeThroughput(world, page);
  writeNextSteps(world, page);
}

function writeWhatHappened(world: World, { flags, result, story }: DemoPage): void {
  const { people, asOf, tally } = result;
  const changes = sum(story.summary.transitionsByCause);
  const byTime = story.summary.transitionsByCause['time'] ?? 0;
  paragraph(
    world,
    `${formatCount(tally.events.read)} events of ${formatQuantity(people, 'person', 'people')} over ` +
      `${formatQuantity(flags.days, 'day')} (to ${dateOf(asOf)}) went through the pipeline; tags changed ` +
      `${formatQuantity(changes, 'time')}, ${formatCount(byTime)} of them at the very instant when nothing had happened ` +
      'for too long, and every change knows its cause and its reasons.',
  );
}

function writeFlows(world: World, { flows }: DemoStory): void {
  section(world, 'where people went, most frequent first');
  const rows = flows.map(({ dimension, from, to, transitions, byTime }): [string, number, string] => [
    `${from} → ${to}`,
    transitions,
    `${dimension}${byTime > 0 ? `, ${formatCount(byTime)} by time alone` : ''}`,
  ]);
  writeCounts(world, rows);
}

function writeCauses(world: World, { summary }: DemoStory): void {
  section(world, 'why tags changed');
  const rows = Object.entries(summary.transitionsByCause);
  writeCounts(
    world,
    rows.map(([cause, count]) => [cause, count, CAUSE_WORDS[cause] ?? '']),
  );
}

function writeTriggers(world: World, { story, result }: DemoPage): void {
  section(world, 'what marketing would have been told, at that moment');
  const { triggersByName } = story.summary;
  const rows = result.policy.triggers.map(({ name, about, action }): [string, number, string] => [
    name,
    triggersByName[name]?.sent ?? 0,
    `${about} → ${action}`,
  ]);
  writeCounts(world, rows);
}

function writeStory(world: World, { story, result }: DemoPage): void {
  const { account, history } = story;
  if (account === undefined) return;
  section(world, `one person's story: ${account.personId}`);
  for (const sentence of whoTheyAre(account, result.policy)) line(world, undefined, sentence);
  const told = [
    ...(history?.transitions ?? []).map((row) => ({ at: row.effective_at, words: transitionWords(row) })),
    ...(history?.triggers ?? []).map((row) => ({ at: row.fired_at, words: `trigger ${row.trigger} fired` })),
  ];
  // A stable sort over latest-first lists: of two at one instant the trigger stands after its transition.
  for (const { at, words } of told.sort((a, b) => a.at - b.at)) line(world, dateOf(instant(at)), words);
}

function writeThroughput(world: World, { result, durationMs }: DemoPage): void {
  const { events } = result.tally;
  section(world, 'how fast');
  const rate = formatRate(events.read, 'events', durationMs);
  line(
    world,
    undefined,
    `${formatDuration(durationMs)} for everything${rate === '' ? '' : `, ${rate}`}: simulating, tagging, and writing ` +
      `ClickHouse. ${formatCount(events.accepted)} events were taken in on time, ${formatCount(events.late)} late and ` +
      `counted at their own time, ${formatQuantity(events.duplicate, 'duplicate')} counted once, and ` +
      `${formatCount(sum(events.rejected))} could not be used (table dead_letters says why).`,
  );
}

function writeNextSteps(world: World, { db, story }: DemoPage): void {
  const { cyan } = createColors(world.stdout.colours);
  const folder = quoted(db);
  section(world, 'look further: copy a line');
  const commands = [
    ...(story.account === undefined ? [] : [`explain ${quoted(story.account.personId)} --db ${folder}`]),
    `query --db ${folder} "SELECT tag, count() AS people FROM current_tags WHERE dimension = 'buyer_class' GROUP BY tag"`,
    `query --db ${folder} "SELECT trigger, toStartOfMonth(fired_at) AS month, count() AS n FROM trigger_events GROUP BY ALL ORDER BY ALL"`,
    `query --db ${folder} "SELECT person_id, round(churn_90d, 2) AS risk, reasons FROM churn_scores ORDER BY churn_90d DESC LIMIT 5"`,
    `query --db ${folder} "SELECT person_id, tag, next_change_at FROM current_tags WHERE next_change_at IS NOT NULL ORDER BY next_change_at LIMIT 10"`,
    'demo --people 5000 --days 365 --seed 2',
  ];
  for (const command of commands) world.stdout.write(`  ${cyan(`${world.invocation} ${command}`)}\n`);
}

function paragraph(world: World, text: string): void {
  for (const part of wrap(text, Math.min(WIDEST, world.stdout.columns))) world.stdout.write(`${part}\n`);
}
