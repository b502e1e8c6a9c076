import { spawn } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { parse, stringify } from 'yaml';
import { defaultPolicyPath } from '../../src/adapters/policy/load-policy.ts';
import { productFlags } from './product-flags.ts';
import { topFunctions } from './top-functions.ts';

/*
 * `npm run bench -- [--people N] [--days D] [--seed S] [--keep] [--no-profile] [--no-scores]`
 *
 * The embedded pipeline with ClickHouse writing on, from an NDJSON file of the simulator, as one child process.
 * What is measured, why, and the figures so far: README.md beside this file.
 */
const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '1000000' },
    days: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
    'no-profile': { type: 'boolean', default: false },
    'no-scores': { type: 'boolean', default: false },
  },
});

/** The last line of measure-replay.ts, as far as it is worked with here. */
interface Measured {
  readonly eventsPerCpuSecond: { readonly stream: number; readonly all: number };
}

const CALIBRATION_LINES = 200_000;
const folder = join(tmpdir(), 'tidemark-bench');
const main = join(import.meta.dirname, '../../src/main.ts');
const measure = join(import.meta.dirname, 'measure-replay.ts');

async function run(args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
  return out;
}

/** CPU microseconds to JSON.parse one line of the input: the yardstick of this machine at this hour. */
async function parseMicros(path: string): Promise<number> {
  const lines: string[] = [];
  const stream = createReadStream(path);
  for await (const line of createInterface({ input: stream }))
    if (lines.push(line) >= CALIBRATION_LINES) break;
  stream.destroy();
  const best = [1, 2, 3].map(() => {
    const before = process.cpuUsage();
    for (const line of lines) JSON.parse(line);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / lines.length;
  });
  return Math.min(...best);
}

/** The default pack without the dimensions that models decide: nobody is scored before the end. */
async function policyWithoutScores(into: string): Promise<string> {
  const pack = parse(await readFile(defaultPolicyPath(), 'utf8')) as { dimensions: Record<string, unknown> };
  for (const name of ['churn_risk', 'value_segment', 'style']) delete pack.dimensions[name];
  const path = join(into, 'policy-without-scores.yaml');
  await writeFile(path, stringify(pack));
  return path;
}

const events = join(folder, `people-${values.people}-days-${values.days}-seed-${values.seed}.ndjson`);
await mkdir(folder, { recursive: true });
if (!existsSync(events)) {
  const size = ['--people', values.people, '--days', values.days, '--seed', values.seed];
  await run(['--import', 'tsx', main, 'simulate', ...size, '--out', events]);
}
const yardstickBefore = await parseMicros(events);
const profiles = join(folder, 'profile');
await rm(profiles, { recursive: true, force: true });
const profiling = values['no-profile']
  ? []
  : ['--cpu-prof', '--cpu-prof-interval', '2000', '--cpu-prof-dir', profiles];
const db = join(folder, 'db');
await rm(db, { recursive: true, force: true });
const policy = values['no-scores'] ? [await policyWithoutScores(folder)] : [];
const lines = (
  await run([...(await productFlags()), ...profiling, '--import', 'tsx', measure, events, db, ...policy])
)
  .trim()
  .split('\n');
const { eventsPerCpuSecond, ...result } = JSON.parse(lines.at(-1) ?? '{}') as Measured;
const yardstickAfter = await parseMicros(events);
const yardstickMicros = (yardstickBefore + yardstickAfter) / 2;
const parsesPerEvent = (rate: number): number => Number((1e6 / rate / yardstickMicros).toFixed(1));
console.log(
  JSON.stringify(
    {
      node: process.version,
      jsonParseMicrosPerEvent: { before: yardstickBefore, after: yardstickAfter },
      eventsPerCpuSecond,
      jsonParsesPerEvent: {
        stream: parsesPerEvent(eventsPerCpuSecond.stream),
        all: parsesPerEvent(eventsPerCpuSecond.all),
      },
      ...result,
    },
    null,
    2,
  ),
);
if (!values['no-profile']) {
  const [file] = await readdir(profiles);
  console.log(topFunctions(await readFile(join(profiles, file ?? ''), 'utf8'), 10));
}
await rm(db, { recursive: true, force: true });
if (!values.keep) await rm(events);
