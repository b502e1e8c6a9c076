import { beforeAll, describe, expect, it } from 'vitest';
import { defaultPolicyPath, loadPolicy } from '../../../src/adapters/policy/load-policy.ts';
import { adoptModels, type Period } from '../../../src/core/person.ts';
import { SCORED_AFTER_DAYS, type Models } from '../../../src/core/scoring/models.ts';
import { NO_POPULATION } from '../../../src/core/scoring/population.ts';
import type { Policy } from '../../../src/core/tagging/policy.ts';
import { DAY_MS, NEVER, instant, plus } from '../../../src/core/time.ts';
import { triggerEvent } from '../../../src/core/triggers/trigger.ts';
import { LivedPerson, periodOf } from '../../support/lived-person.ts';

const BEGIN = instant(Date.UTC(2025, 0, 1));

/** Says the same of everyone who ordered. */
function certain(version: string, risk: number): Models {
  return {
    version,
    churn: (questions) =>
      Float32Array.from(questions.flatMap(({ windows }) => (windows.orders ? [risk, risk] : [NaN, NaN]))),
    evidence: () => undefined,
    valueSegments: undefined,
    styles: undefined,
  };
}

let policy: Policy;
beforeAll(async () => {
  policy = await loadPolicy(defaultPolicyPath());
});

function buyer(period: Period): LivedPerson {
  const order = { type: 'order', key: 1, at: BEGIN, own: true, side: 'buyer', orderKey: 1 } as const;
  const rest = { grossMinor: 5_000, discounted: false, counterparty: '', priced: [] } as const;
  return new LivedPerson('ann').take({ ...order, ...rest }, BEGIN, period);
}

function under(models: Models): Period {
  return periodOf(policy, NO_POPULATION, NEVER, models);
}

describe('another model', () => {
  it('moves the tag at the instant it is adopted, and says so', () => {
    const before = under(certain('one', 0.1));
    const ann = buyer(before).pass(plus(BEGIN, 40 * DAY_MS), before);
    const at = plus(BEGIN, 50 * DAY_MS);
    const after = under(certain('two', 0.9));
    ann.pass(at, before);
    expect(adoptModels(ann.person, at, after)).toBe(true);
    ann.pass(at, after);
    const { transitions } = ann;
    expect(transitions.filter(({ dimension }) => dimension === 'churn_risk')).toMatchObject([
      { to: 'low', cause: 'event', modelVersion: 'one' },
      { to: 'high', cause: 'model', causeRef: 'two', modelVersion: 'two', effectiveAt: at },
    ]);
    expect(adoptModels(ann.person, at, after)).toBe(false);
  });

  it('is the cause of the first scores, too, of who has lived without any', () => {
    const bare = periodOf(policy);
    const ann = buyer(bare).pass(plus(BEGIN, 20 * DAY_MS), bare);
    const at = plus(BEGIN, 20 * DAY_MS);
    const period = under(certain('one', 0.9));
    expect(adoptModels(ann.person, at, period)).toBe(true);
    ann.pass(at, period);
    expect(ann.transitions.filter(({ dimension }) => dimension === 'churn_risk')).toMatchObject([
      { to: 'high', cause: 'model', causeRef: 'one', effectiveAt: at },
    ]);
    expect(ann.person.windows.scores).toMatchObject({ at, silence: 0, nextAt: plus(at, 2 * DAY_MS) });
  });

  it('concerns nobody who never ordered, where it has no styles', () => {
    const period = under(certain('one', 0.9));
    expect(adoptModels(new LivedPerson('bob').person, BEGIN, period)).toBe(false);
  });

  it('however often one is adopted, brings nobody nearer to the end of their silence', () => {
    let period = under(certain('0', 0.1));
    const ann = buyer(period).pass(plus(BEGIN, 100 * DAY_MS), period);
    const silence = ann.person.windows.scores?.silence ?? NaN;
    for (let n = 1; n <= SCORED_AFTER_DAYS.length; n++) {
      const at = plus(BEGIN, (100 + n) * DAY_MS);
      ann.pass(at, period);
      period = under(certain(`${n}`, n % 2));
      adoptModels(ann.person, at, period);
      ann.pass(at, period);
      expect(ann.person.windows.scores).toMatchObject({ at, silence });
    }
    expect(ann.person.windows.scores?.nextAt).toBeLessThan(NEVER);
  });
});

it('a trigger tells the model’s reasons after those of the rule, and which way they pull', () => {
  const period = under(certain('one', 0.1));
  const [transition] = buyer(period).transitions;
  const [rule] = policy.triggers;
  if (transition === undefined || rule === undefined) throw new Error('nothing to tell of');
  const family = {
    family: 'visits',
    share: 0.7,
    logitChange: 1.2,
    words: 'no item views in 30 days',
  } as const;
  const calming = { ...family, logitChange: -0.4, words: '15 orders in all' };
  const told = { ...transition, modelReasons: [family, calming] };
  const { data } = triggerEvent({ id: 'x', rule, transition: told, firedAt: BEGIN }, policy);
  expect(data).toMatchObject({
    reasons: [
      ...transition.reasons.map(({ words }) => words),
      'risk raised by no item views in 30 days',
      'risk lowered by 15 orders in all',
    ],
  });
});
