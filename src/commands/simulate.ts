import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { encodeSegment } from '../adapters/segment/encode-segment.ts';
import type { MarketplaceOptions } from '../adapters/simulator/marketplace-options.ts';
import { simulateMarketplace } from '../adapters/simulator/simulate-marketplace.ts';
import { truthOf, type PersonTruth } from '../adapters/simulator/truth.ts';
import { DAY_MS, instant, isoOf } from '../core/time.ts';
import { TidemarkError } from '../errors.ts';
import { interrupted } from './interrupted.ts';
import { keepApart } from './keep-apart.ts';
import { addMarketplaceOptions, marketplaceOf, type MarketplaceFlags } from './marketplace-options.ts';
import { paced } from './paced.ts';
import { addExamples } from './terminal/add-examples.ts';
import { demandOption } from './terminal/demand-option.ts';
import { writeJsonLine } from './terminal/json-line.ts';
import { formatDuration, formatQuantity, formatRate } from './terminal/numbers.ts';
import { positiveNumber } from './terminal/option-values.ts';
import { startProgress } from './terminal/progress.ts';
import type { World } from './world.ts';
import { writeFileWhole, writeToOutput } from './write-chunks.ts';

interface SimulateFlags extends MarketplaceFlags {
  readonly out: string;
  readonly truth?: string;
  readonly rate?: number;
  readonly json?: true;
}

const STANDARD_OUTPUT = '-';
const TRUTHS_PER_CHUNK = 1_000;

/** `simulate`: a seeded marketplace's events as Segment calls, one JSON object a line. */
export function addSimulateCommand(program: Command, world: World): void {
  const command = program
    .command('simulate')
    .description('write the events of a seeded second-hand marketplace');
  demandOption(
    command,
    '--out <file>',
    'file for the events, gzipped if it ends in .gz; - is standard output',
  );
  addMarketplaceOptions(command, { people: 1_000, days: 90 })
    .option('--truth <file>', 'file for what only the simulator knows: types, leaving, fraud')
    .option('--rate <n>', 'events per second; without it as fast as possible', positiveNumber)
    .option('--json', 'print the summary as one JSON object')
    .action((flags: SimulateFlags) => simulate(flags, world));
  addExamples(command, world, [
    'simulate --people 1000 --days 90 --seed 1 --out events.ndjson.gz --truth truth.ndjson',
    'simulate --people 50 --days 7 --rate 20 --out -',
  ]);
}

async function simulate(flags: SimulateFlags, world: World): Promise<void> {
  refuseMixedOutputs(flags);
  await keepApart(undefined, { '--out': flags.out, '--truth': flags.truth });
  const marketplace = marketplaceOf(flags);
  const startedAt = world.wallClock();
  const counter = { events: 0 };
  const lines = eventLines(marketplace, flags, world, counter);
  if (flags.truth !== undefined) await writeFileWhole(flags.truth, truthLines(marketplace));
  if (flags.out === STANDARD_OUTPUT) await writeToOutput(world.stdout, lines);
  else await writeFileWhole(flags.out, lines);
  report(flags, counter.events, world.wallClock() - startedAt, world);
}

function refuseMixedOutputs({ out, truth, json }: SimulateFlags): void {
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
async function* eventLines(
  marketplace: MarketplaceOptions,
  flags: SimulateFlags,
  world: World,
  counter: { events: number },
): AsyncGenerator<string, void, undefined> {
  const { signal, wallClock } = world;
  const progress = startProgress(world, { label: 'simulate', unit: 'events' });
  const wait = (durationMs: number): Promise<void> =>
    sleep(durationMs, undefined, { signal }).catch(() => undefined);
  try {
    for await (const block of paced(simulateMarketplace(marketplace), {
      rate: flags.rate,
      wallClock,
      wait,
    })) {
      if (signal.aborted) throw stoppedAfter(counter.events, flags.out);
      yield `${block.map(encodeSegment).join('\n')}\n`;
      counter.events += block.length;
      const reachedAt = block.at(-1)?.receivedAt ?? marketplace.startAt;
      const share = (reachedAt - marketplace.startAt) / (marketplace.days * DAY_MS);
      progress.report({ done: counter.events, share });
    }
  } finally {
    progress.clear();
  }
}

function stoppedAfter(events: number, out: string): TidemarkError {
  return out === STANDARD_OUTPUT
    ? interrupted(`after ${formatQuantity(events, 'event')}`)
    : interrupted(`after ${formatQuantity(events, 'event')}; ${out} was not written`);
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
  const { people, days, seed, out, truth } = flags;
  if (flags.json === true) {
    const seconds = durationMs / 1000;
    const eventsPerSecond = seconds > 0 ? Math.round(events / seconds) : null;
    writeJsonLine(world.stdout, { events, people, days, seed, out, truth, seconds, eventsPerSecond });
    return;
  }
  const where = out === STANDARD_OUTPUT ? '' : ` to ${out}`;
  const pace = [formatDuration(durationMs), formatRate(events, 'events', durationMs)].filter(
    (part) => part !== '',
  );
  const line =
    `wrote ${formatQuantity(events, 'event')} of ${formatQuantity(people, 'account')} ` +
    `over ${formatQuantity(days, 'day')}${where} (${pace.join(', ')})\n`;
  (out === STANDARD_OUTPUT ? world.stderr : world.stdout).write(line);
}
