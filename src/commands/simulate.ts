import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { encodeSegment } from '../adapters/segment/encode-segment.ts';
import type { MarketplaceOptions } from '../adapters/simulator/marketplace-options.ts';
import type { SimulatedRecord } from '../adapters/simulator/outbox.ts';
import { simulateMarketplace } from '../adapters/simulator/simulate-marketplace.ts';
import { truthOf, type PersonTruth } from '../adapters/simulator/truth.ts';
import { DAY_MS, instant, isoOf, type Instant } from '../core/time.ts';
import { TidemarkError } from '../errors.ts';
import { asItArrives } from './as-it-arrives.ts';
import { interrupted } from './interrupted.ts';
import { keepApart } from './keep-apart.ts';
import { addMarketplaceOptions, marketplaceOf, type MarketplaceFlags } from './marketplace-options.ts';
import { paced } from './paced.ts';
import { sendRecords } from './send-records.ts';
import { addExamples } from './terminal/add-examples.ts';
import { writeJsonLine } from './terminal/json-line.ts';
import { formatDuration, formatQuantity, formatRate } from './terminal/numbers.ts';
import { positiveNumber, wholeNumber } from './terminal/option-values.ts';
import { startProgress } from './terminal/progress.ts';
import type { World } from './world.ts';
import { writeFileWhole, writeToOutput } from './write-chunks.ts';

interface SimulateFlags extends MarketplaceFlags {
  readonly out?: string;
  readonly toKafka?: string;
  readonly truth?: string;
  readonly rate?: number;
  readonly age?: number;
  readonly json?: true;
}

const STANDARD_OUTPUT = '-';
const TRUTHS_PER_CHUNK = 1_000;
const OLDEST_DAYS = 9_999;

/** `simulate`: a seeded marketplace's events as Segment calls, one JSON object a line or a message. */
export function addSimulateCommand(program: Command, world: World): void {
  const command = program
    .command('simulate')
    .description('write the events of a seeded second-hand marketplace to a file or to Kafka')
    .option('--out <file>', 'file for the events, gzipped if it ends in .gz; - is standard output')
    .option('--to-kafka <topic>', 'topic of the settings’ Kafka for the events, instead of a file');
  addMarketplaceOptions(command, { people: 1_000, days: 90 })
    .option('--truth <file>', 'file for what only the simulator knows: types, leaving, fraud')
    .option('--rate <n>', 'events per second at most; without it as fast as possible', positiveNumber)
    .option(
      '--age <days>',
      'it opened so many days ago, and what is still to come is written when it happens; without it, it opened on 2025-01-01 and all of it is past',
      wholeNumber(0, OLDEST_DAYS),
    )
    .option('--json', 'print the summary as one JSON object')
    .action((flags: SimulateFlags) => simulate(flags, world));
  addExamples(command, world, [
    'simulate --people 1000 --days 90 --seed 1 --out events.ndjson.gz --truth truth.ndjson',
    'simulate --people 50 --days 7 --rate 20 --out -',
    'simulate --people 5000 --days 90 --age 30 --to-kafka events',
  ]);
}

async function simulate(flags: SimulateFlags, world: World): Promise<void> {
  const { out, toKafka, truth } = flags;
  refuseMixedOutputs(flags);
  await keepApart(undefined, { '--out': out, '--truth': truth });
  const startedAt = world.wallClock();
  const marketplace = { ...marketplaceOf(flags), ...openedAt(flags.age, startedAt) };
  const counter = { events: 0 };
  const blocks = simulatedBlocks(marketplace, flags, world, counter);
  if (truth !== undefined) await writeFileWhole(truth, truthLines(marketplace));
  if (toKafka !== undefined) await sendRecords(toKafka, blocks, world);
  else if (out === STANDARD_OUTPUT) await writeToOutput(world.stdout, linesOf(blocks));
  else if (out !== undefined) await writeFileWhole(out, linesOf(blocks));
  report(flags, counter.events, world.wallClock() - startedAt, world);
}

/** At midnight UTC, so that equal flags mean equal events all day long. */
function openedAt(ageDays: number | undefined, now: Instant): { readonly startAt?: Instant } {
  if (ageDays === undefined) return {};
  return { startAt: instant((Math.floor(now / DAY_MS) - ageDays) * DAY_MS) };
}

function refuseMixedOutputs({ out, toKafka, truth, json }: SimulateFlags): void {
  if ((out === undefined) === (toKafka === undefined)) {
    throw new TidemarkError(
      'USAGE',
      out === undefined ? 'neither --out nor --to-kafka is given' : '--out and --to-kafka are both given',
      'name one place for the events: --out a file, or --to-kafka a topic',
    );
  }
  if (truth === STANDARD_OUTPUT) {
    throw new TidemarkError(
      'USAGE',
      '--truth - is not possible',
      'name a file: truth must not reach the pipeline',
    );
  }
  if (out === STANDARD_OUTPUT && json === true) {
    throw new TidemarkError(
      'USAGE',
      '--out - and --json would both write to standard output',
      'leave --json out, or name a file for the events',
    );
  }
}

/** Ends by throwing `INTERRUPTED` between two whole blocks when the world's signal says so. */
async function* simulatedBlocks(
  marketplace: MarketplaceOptions,
  flags: SimulateFlags,
  world: World,
  counter: { events: number },
): AsyncGenerator<readonly SimulatedRecord[], void, undefined> {
  const { signal, wallClock } = world;
  const progress = startProgress(world, { label: 'simulate', unit: 'events' });
  const wait = (durationMs: number): Promise<void> =>
    sleep(durationMs, undefined, { signal }).catch(() => undefined);
  const atPace = paced(simulateMarketplace(marketplace), { rate: flags.rate, wallClock, wait });
  try {
    for await (const block of flags.age === undefined ? atPace : asItArrives(atPace, { wallClock, wait })) {
      if (signal.aborted) throw stoppedAfter(counter.events, flags);
      if (block.length === 0) continue;
      yield block;
      counter.events += block.length;
      const reachedAt = block.at(-1)?.receivedAt ?? marketplace.startAt;
      const share = (reachedAt - marketplace.startAt) / (marketplace.days * DAY_MS);
      progress.report({ done: counter.events, share });
    }
  } finally {
    progress.clear();
  }
}

function stoppedAfter(events: number, { out, toKafka }: SimulateFlags): TidemarkError {
  const done = `after ${formatQuantity(events, 'event')}`;
  if (out === STANDARD_OUTPUT) return interrupted(done);
  if (out !== undefined) return interrupted(`${done}; ${out} was not written`);
  const mend = 'run the same command again: it begins at the first event, each under the same messageId';
  return interrupted(`${done}, which are in ${toKafka}`, mend);
}

async function* linesOf(
  blocks: AsyncIterable<readonly SimulatedRecord[]>,
): AsyncGenerator<string, void, undefined> {
  for await (const block of blocks) yield `${block.map(encodeSegment).join('\n')}\n`;
}

function* truthLines(marketplace: MarketplaceOptions): Generator<string, void, undefined> {
  let lines: string[] = [];
  for (const truth of truthOf(marketplace)) {
    lines.push(`${JSON.stringify(withIsoInstants(truth))}\n`);
    if (lines.length < TRUTHS_PER_CHUNK) continue;
    yield lines.join('');
    lines = [];
  }
  yield lines.join('');
}

function withIsoInstants(truth: PersonTruth): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(truth).map(([key, value]) => [
      key,
      typeof value === 'number' ? isoOf(instant(value)) : value,
    ]),
  );
}

function report(flags: SimulateFlags, events: number, durationMs: number, world: World): void {
  const { people, days, seed, out, toKafka, truth } = flags;
  if (flags.json === true) {
    const seconds = durationMs / 1000;
    const eventsPerSecond = seconds > 0 ? Math.round(events / seconds) : null;
    writeJsonLine(world.stdout, {
      ...{ events, people, days, seed, out, toKafka, truth },
      ...{ seconds, eventsPerSecond },
    });
    return;
  }
  const where = out === STANDARD_OUTPUT ? '' : ` to ${out ?? `topic ${toKafka}`}`;
  const pace = [formatDuration(durationMs), formatRate(events, 'events', durationMs)].filter(
    (part) => part !== '',
  );
  const line =
    `wrote ${formatQuantity(events, 'event')} of ${formatQuantity(people, 'account')} ` +
    `over ${formatQuantity(days, 'day')}${where} (${pace.join(', ')})\n`;
  (out === STANDARD_OUTPUT ? world.stderr : world.stdout).write(line);
}
