import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureDueBurst } from './run/due-burst.ts';
import { measureLatency } from './run/latency.ts';
import { measureRestart } from './run/restart.ts';
import { measureThroughput } from './run/throughput.ts';

/*
 * `npm run bench:run -- [--only PART] [--people N] [--days D] [--seed S] [--events N] [--per-second N] …`
 *
 * `tidemark run` from a Kafka topic to the topic of tags and into ClickHouse, on servers of its own on loopback. What is
 * measured, why, and the figures so far: README.md beside this file.
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: ['throughput', 'scaling', 'latency', 'restart', 'due'] },
    people: { type: 'string', default: '200000' },
    days: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    events: { type: 'string', default: 'Infinity' },
    partitions: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '60' },
    due: { type: 'string', default: '100000' },
    /** For latency; 70 % of what one worker was measured to do unless given. */
    'per-second': { type: 'string' },
    profile: { type: 'string' },
  },
});

const SATURATION_SHARE = 0.7;
/** Where saturation was not measured in the same run. */
const ASSUMED_PER_SECOND = 10_000;
const RESTART_EVENTS = 100_000;
/** Of saturation, while a hundred thousand are due. */
const BURST_SHARE = 0.3;

const folder = join(tmpdir(), 'tidemark-bench');
const file = join(folder, `people-${values.people}-days-${values.days}-seed-${values.seed}.ndjson`);
await mkdir(folder, { recursive: true });
if (!existsSync(file)) await simulate();

const partitions = Number(values.partitions);
const isWanted = (part: string): boolean => values.only.includes(part);
const report = (part: string, figures: object): void =>
  console.log(JSON.stringify({ part, node: process.version, ...figures }));
const most = Number(values.events);
const nodeOptions =
  values.profile === undefined
    ? []
    : ['--cpu-prof', '--cpu-prof-interval', '2000', '--cpu-prof-dir', values.profile];

let saturation = ASSUMED_PER_SECOND;
if (isWanted('throughput')) {
  const figures = await measureThroughput({ file, most, partitions, workers: 1, nodeOptions });
  saturation = figures.perSecond;
  report('throughput', figures);
}
if (isWanted('scaling'))
  report('scaling', await measureThroughput({ file, most, partitions, workers: 2, nodeOptions: [] }));
if (isWanted('latency')) {
  const perSecond = Number(values['per-second'] ?? saturation * SATURATION_SHARE);
  const forMs = Number(values.seconds) * 1000;
  report('latency', await measureLatency({ file, partitions, perSecond, forMs }));
}
if (isWanted('restart'))
  report('restart', await measureRestart({ file, partitions, events: RESTART_EVENTS }));
if (isWanted('due')) {
  const perSecond = Number(values['per-second'] ?? saturation * BURST_SHARE);
  report('due', await measureDueBurst({ file, partitions, people: Number(values.due), perSecond }));
}

async function simulate(): Promise<void> {
  const { people, days, seed } = values;
  const main = join(import.meta.dirname, '../../src/main.ts');
  const size = ['--people', people, '--days', days, '--seed', seed];
  const child = spawn(process.execPath, ['--import', 'tsx', main, 'simulate', ...size, '--out', file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`simulate ended with ${code}`);
}
