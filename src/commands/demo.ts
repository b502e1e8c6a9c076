import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { openEmbeddedClickhouse } from '../adapters/clickhouse/open-embedded-clickhouse.ts';
import { openSnapshot } from '../adapters/memory/state-snapshot.ts';
import { simulatedSource } from '../adapters/simulator/simulated-source.ts';
import { DAY_MS } from '../core/time.ts';
import { TidemarkError } from '../errors.ts';
import type { EventSource } from '../ports/event-source.ts';
import type { TagCounts } from '../runtime/profile-writer.ts';
import { writeDemoPage } from './demo-page.ts';
import { readDemoStory } from './demo-story.ts';
import { STATE_FILE, runEmbedded } from './embedded-run.ts';
import { interrupted } from './interrupted.ts';
import { addMarketplaceOptions, marketplaceOf, type MarketplaceFlags } from './marketplace-options.ts';
import { streamDate, summaryOf } from './run-summary.ts';
import { shippedModels } from './serve-models.ts';
import { addExamples } from './terminal/add-examples.ts';
import { writeJsonLine } from './terminal/json-line.ts';
import { formatCount, formatQuantity } from './terminal/numbers.ts';
import { startProgress } from './terminal/progress.ts';
import type { World } from './world.ts';

interface DemoFlags extends MarketplaceFlags {
  readonly db?: string;
  readonly serve: boolean;
  readonly json?: true;
}

/** Made anew by every demo that names no folder. */
const DEMO_FOLDER = '.tidemark/demo';
const LIVE_DIMENSION = 'buyer_class';

/** `demo`: a simulated marketplace through everything, ending in a page of results. */
export function addDemoCommand(program: Command, world: World): void {
  const command = program
    .command('demo')
    .description('simulate a marketplace, run it through everything, and show what came of it');
  addMarketplaceOptions(command, { people: 2_500, days: 180 })
    .option(
      '--db <folder>',
      `database folder to keep; without it ${DEMO_FOLDER}, which every demo makes anew`,
    )
    .option(
      '--no-serve',
      'end with the page of results; it does so anyway, scripts can say that they rely on it',
    )
    .option('--json', 'print the summary as one JSON object')
    .action((flags: DemoFlags) => demo(flags, world));
  addExamples(command, world, ['demo --seed 7', 'demo --people 300 --days 60 --seed 2 --db DIR']);
}

async function demo(flags: DemoFlags, world: World): Promise<void> {
  const startedAt = world.wallClock();
  const marketplace = marketplaceOf(flags);
  const source = simulatedSource(marketplace);
  const db = flags.db ?? DEMO_FOLDER;
  if (flags.db === undefined) await clearDemoFolder(db);
  else await refuseOtherSources(db, source);
  if (flags.json !== true) announce(flags, world);
  const progress = startProgress(world, { label: 'demo', unit: 'events' });
  const lengthMs = flags.days * DAY_MS;
  const result = await runEmbedded({
    source,
    db,
    policy: undefined,
    models: shippedModels(),
    warn: (what) => {
      progress.clear();
      world.stderr.write(`warning: ${what}\n`);
    },
    partitions: 1,
    muteTriggers: false,
    signal: world.signal,
    onTurn: ({ events }, now, tags) => {
      const share = Math.max(0, (now - marketplace.startAt) / lengthMs);
      progress.report({ done: events.read, share, note: liveNote(streamDate(now), tags) });
    },
  }).finally(() => {
    progress.clear();
  });
  const durationMs = world.wallClock() - startedAt;
  const story = await readDemoStory(db);
  if (flags.json === true) {
    const { people: accounts, days, seed } = flags;
    const summary = summaryOf(result, durationMs, db);
    writeJsonLine(world.stdout, {
      ...summary,
      marketplace: { accounts, days, seed },
      story: story.account?.personId ?? null,
    });
  } else {
    writeDemoPage(world, { flags, result, story, db, durationMs });
  }
  if (result.interrupted) throw interrupted(`after ${formatQuantity(result.tally.events.read, 'event')}`);
}

function announce({ people, days, seed }: DemoFlags, world: World): void {
  const size = `${formatQuantity(people, 'account')}, ${formatQuantity(days, 'day')}, seed ${seed}`;
  world.stdout.write(`Simulating a second-hand marketplace (${size}) and keeping everybody's tags true …\n`);
}

/** How many people hold which tag at the moment, in a few words. */
function liveNote(date: string, tags: TagCounts): string {
  const counts = Object.entries(tags[LIVE_DIMENSION] ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return [date, ...counts.map(([tag, people]) => `${tag.replace('_buyer', '')} ${formatCount(people)}`)].join(
    ' · ',
  );
}

/** Only a folder that a demo filled is removed, and only when no other process has it open. */
async function clearDemoFolder(db: string): Promise<void> {
  const isOurs = await stat(join(db, STATE_FILE)).then(
    () => true,
    () => false,
  );
  if (!isOurs) return;
  const clickhouse = await openEmbeddedClickhouse({ path: db, mustExist: true });
  await clickhouse.close();
  await rm(db, { recursive: true, force: true });
}

async function refuseOtherSources(db: string, { sources }: EventSource): Promise<void> {
  const snapshot = await openSnapshot(join(db, STATE_FILE));
  if (snapshot === undefined) return;
  const stored = Object.keys(snapshot.header.summary.partitions[0]?.offsets ?? {});
  const other = stored.find((source) => !sources.includes(source));
  snapshot.close();
  if (other === undefined) return;
  throw new TidemarkError(
    'DATABASE_OTHER_ORIGIN',
    `${db} holds ${other}, which is not this marketplace`,
    'name a new folder as --db, or leave it out',
  );
}
