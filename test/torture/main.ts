import { parseArgs } from 'node:util';
import { torture } from './torture.ts';

/*
 * `npm run torture -- --seed S --minutes N`: everything fails, by a plan that is a function of the seed, and nothing may
 * be lost, counted twice or decided in two ways. Exit code 1 if anything was, 130 after Ctrl-C.
 */
const SHOWN = 20;
const EXIT_INTERRUPTED = 130;

const { values } = parseArgs({
  options: { seed: { type: 'string' }, minutes: { type: 'string', default: '10' } },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const minutes = Number(values.minutes);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function run(): Promise<number> {
  if (!Number.isSafeInteger(seed) || !(minutes > 0)) {
    say('--seed is a whole number, --minutes is more than 0');
    return 2;
  }
  say(`torture: seed ${seed}, ${minutes} minutes`);
  const interruption = new AbortController();
  process.once('SIGINT', () => interruption.abort());
  const result = await torture({ seed, lengthMs: minutes * 60_000, say, signal: interruption.signal });
  if (result === undefined) {
    say('broken off, and cleaned up; nothing was judged');
    return EXIT_INTERRUPTED;
  }
  const { faults, counts, violations } = result;
  say(
    `${faults} faults; ` +
      Object.entries(counts)
        .map(([name, count]) => `${name}: ${count}`)
        .join(', '),
  );
  if (violations.length === 0) {
    say('verdict: no violation');
    return 0;
  }
  for (const violation of violations.slice(0, SHOWN)) say(`  ${violation.slice(0, 600)}`);
  say(`verdict: ${violations.length} violations`);
  say(`the same faults once more: npm run torture -- --seed ${seed} --minutes ${minutes}`);
  say('(at the same instants; what a process is at in that instant differs from run to run)');
  return 1;
}

process.exitCode = await run();
