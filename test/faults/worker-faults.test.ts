import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { sharedFaultWorld } from '../support/faults/fault-world.ts';
import type { StopAt } from '../support/faults/role-process.ts';
import { SESSION_TIMEOUT_MS } from '../support/run-world.ts';

const TEST_MS = 180_000;

const world = sharedFaultWorld();

describe('a worker that is killed with SIGKILL', () => {
  /** In the order of DESIGN 6, and then those of the reviews. */
  const STEPS: readonly Omit<StopAt, 'call'>[] = [
    { step: 'claim', when: 'before' },
    { step: 'claim', when: 'after' },
    { step: 'read', when: 'after' },
    { step: 'due', when: 'after' },
    { step: 'commit', when: 'before' },
    { step: 'commit', when: 'after' },
    { step: 'outbox', when: 'after' },
    { step: 'publish', when: 'before' },
    { step: 'publish', when: 'halfway' },
    { step: 'publish', when: 'after' },
    { step: 'trim', when: 'after' },
    { step: 'noteProgress', when: 'after' },
    { step: 'freezePopulation', when: 'after' },
    { step: 'publishPopulationInputs', when: 'after' },
  ];

  it.each(STEPS)(
    '$when its step "$step" loses nothing and repeats nothing',
    async ({ step, when }) => {
      const installation = await world().open(`kill-${when}-${step}`.toLowerCase());
      const isRare = step === 'claim' || step === 'read' || step.includes('opulation');
      const calls = isRare ? [2] : [11, 40];
      for (const call of calls) {
        const worker = await installation.worker({ step, when, call });
        expect(await worker.ended).toBe('SIGKILL');
      }
      await installation.worker();
      await world().expectAsAlone(installation);
    },
    TEST_MS,
  );
});

describe('workers', () => {
  it(
    'fence one that was paused past its session and woke up again',
    async () => {
      const installation = await world().open('zombie');
      const [first] = [await installation.worker(), await installation.worker()];
      await installation.knows(5);
      first.signal('SIGSTOP');
      const before = await installation.store.progress();
      await eventually(
        async () =>
          (await installation.store.progress()).every(({ until }, i) => until > (before[i]?.until ?? 0)),
        { withinMs: SESSION_TIMEOUT_MS * 8 },
      );
      first.signal('SIGCONT');
      await world().expectAsAlone(installation);
    },
    TEST_MS,
  );

  it.each([
    { step: 'read', when: 'after' },
    { step: 'commit', when: 'before' },
    { step: 'publish', when: 'before' },
  ] as const)(
    'share out anew while one is $when its step "$step" of a turn, and again when the other leaves',
    async ({ step, when }) => {
      const installation = await world().open(`mid-turn-${step}`);
      const call = step === 'read' ? 2 : 30;
      const first = await installation.worker({ step, when, call, then: 'hold' });
      await eventually(() => first.isHeld(), { withinMs: 60_000 });
      const before = await installation.store.progress();
      // It cannot be let in before the first has let go of what it is at.
      const joining = installation.worker();
      await eventually(async () => {
        const { groups } = await world().kafka.admin.describeGroups([installation.name]);
        return groups[0]?.members.length === 2 || groups[0]?.state === 'PreparingRebalance';
      });
      first.signal('SIGUSR2');
      const second = await joining;
      await eventually(
        async () =>
          (await installation.store.progress()).every(({ until }, i) => until > (before[i]?.until ?? 0)),
        { withinMs: 60_000 },
      );
      second.signal('SIGTERM');
      expect(await second.ended).toBe('0');
      await world().expectAsAlone(installation);
    },
    TEST_MS,
  );
});
