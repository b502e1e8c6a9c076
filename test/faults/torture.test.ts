import { expect, it } from 'vitest';
import { torture } from '../torture/torture.ts';

const SEED = 20_260;
const LENGTH_MS = 15_000;
const TEST_MS = 240_000;

/** `npm run torture` does the same for longer. */
it(
  'whatever fails at whatever instant, nothing is lost, nothing counts twice, and every decision has one id',
  async () => {
    process.stdout.write(`torture: seed ${SEED}\n`);
    const result = await torture({
      seed: SEED,
      lengthMs: LENGTH_MS,
      say: (line) => process.stdout.write(`${line}\n`),
    });
    expect(result?.violations).toEqual([]);
    expect(result?.counts.decisions).toBeGreaterThan(100);
    expect(result?.faults).toBeGreaterThan(5);
  },
  TEST_MS,
);
