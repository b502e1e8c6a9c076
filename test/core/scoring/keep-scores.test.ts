import { beforeAll, describe, expect, it } from 'vitest';
import { defaultPolicyPath, loadPolicy } from '../../../src/adapters/policy/load-policy.ts';
import type { Act, Fact } from '../../../src/core/events/fact.ts';
import { adoptModels, dueOf, type Period } from '../../../src/core/person.ts';
import type { Models } from '../../../src/core/scoring/models.ts';
import { NO_POPULATION } from '../../../src/core/scoring/population.ts';
import type { Policy } from '../../../src/core/tagging/policy.ts';
import { DAY_MS, NEVER, instant, plus, type Instant } from '../../../src/core/time.ts';
import { STYLES } from '../../support/a-scorer.ts';
import { LivedPerson, periodOf } from '../../support/lived-person.ts';

const BEGIN = instant(Date.UTC(2025, 0, 1));

const models: Models = {
  version: 'one',
  churn: (questions) =>
    Float32Array.from(questions.flatMap(({ windows }) => (windows.orders ? [0.5, 0.5] : [NaN, NaN]))),
  evidence: () => undefined,
  valueSegments: undefined,
  styles: STYLES,
};

let policy: Policy;
let period: Period;
beforeAll(async () => {
  const pack = await loadPolicy(defaultPolicyPath());
  policy = { ...pack, dimensions: pack.dimensions.filter(({ name }) => name === 'style') };
  period = under(models);
});

function under(inForce: Models): Period {
  return periodOf(policy, NO_POPULATION, NEVER, inForce);
}

function act(key: number, at: Instant, what: Act): Fact {
  return { type: 'act', key, at, own: true, act: what, value: 0, mark: true };
}

function order(key: number, at: Instant): Fact {
  const rest = { grossMinor: 5_000, discounted: false, counterparty: '', priced: [] } as const;
  return { type: 'order', key, at, own: true, side: 'buyer', orderKey: 0, ...rest };
}

const scoresOf = ({ person }: LivedPerson) => person.windows.scores;
const bob = (): LivedPerson => new LivedPerson('bob').take(act(1, BEGIN, 'search'), BEGIN, period);

describe('whose scores will be those they have', () => {
  it('need not be looked at for them, but a month later', () => {
    const person = bob();
    const awaitedAt = scoresOf(person)?.nextAt ?? NEVER;
    expect(dueOf(person.person)).toBe(awaitedAt);
    expect(dueOf(person.rest(period).person)).toBe(plus(awaitedAt, 30 * DAY_MS));
    expect(scoresOf(person)).toMatchObject({ touched: false, style: '' });
  });

  it('are as if a turn had ended when time passes for them', () => {
    const passed = bob();
    const until = scoresOf(passed)?.nextAt ?? NEVER;
    expect(scoresOf(passed.pass(until, period))).toEqual(scoresOf(bob().rest(period)));
    expect(passed.person.windows.clock).toBe(BEGIN);
  });

  it('are looked at within the day of what they do next', () => {
    const at = plus(BEGIN, 3 * DAY_MS);
    const person = bob()
      .rest(period)
      .take(act(2, at, 'view'), at, period);
    expect(dueOf(person.rest(period).person)).toBeLessThanOrEqual(at + DAY_MS);
    person.pass(plus(at, DAY_MS), period);
    expect(person.transitions).toMatchObject([{ to: 'trend_follower', cause: 'event' }]);
  });

  it('have tags that time moves moved by time, not by the models', () => {
    const at = plus(BEGIN, 60_000);
    const person = bob()
      .take(act(2, at, 'view'), at, period)
      .pass(plus(at, DAY_MS), period);
    person.take(act(3, plus(at, 2 * DAY_MS), 'search'), plus(at, 2 * DAY_MS), period).rest(period);
    person.pass(plus(at, 200 * DAY_MS), period);
    expect(person.transitions).toMatchObject([{ cause: 'event' }, { from: 'trend_follower', cause: 'time' }]);
  });
});

describe('are scored after all', () => {
  it('whose group would be another', () => {
    const person = new LivedPerson('bob').take(act(1, BEGIN, 'view'), BEGIN, period).rest(period);
    expect(scoresOf(person)?.touched).toBe(true);
  });

  it('who ordered', () => {
    const ann = new LivedPerson('ann').take(order(1, BEGIN), BEGIN, period);
    ann.pass(plus(BEGIN, DAY_MS), period);
    const at = plus(BEGIN, 40 * DAY_MS);
    ann
      .pass(at, period)
      .take(act(2, at, 'search'), at, period)
      .rest(period);
    expect(scoresOf(ann)?.touched).toBe(true);
  });

  it('who has the scores of other models', () => {
    const person = bob().rest(period);
    const others = under({ ...models, version: 'two' });
    const at = plus(BEGIN, 3 * DAY_MS);
    person.take(act(2, at, 'search'), at, others).rest(others);
    expect(scoresOf(person)?.touched).toBe(true);
  });

  it('where a group rests on what a review may change', () => {
    const [first, ...inputs] = STYLES.inputs;
    if (first === undefined) throw new Error('no inputs');
    const styles = { ...STYLES, inputs: [{ ...first, feature: 'average_order_ratio' }, ...inputs] };
    const relative = under({ ...models, styles });
    const person = new LivedPerson('bob').take(act(1, BEGIN, 'search'), BEGIN, relative).rest(relative);
    expect(scoresOf(person)?.touched).toBe(true);
  });

  it('when other models come into force, which are then the cause', () => {
    const others = under({
      ...models,
      version: 'two',
      styles: { ...STYLES, names: STYLES.names.map(() => 'collector') },
    });
    const at = plus(BEGIN, 3 * DAY_MS);
    const person = bob().take(act(2, BEGIN, 'view'), BEGIN, under({ ...models, styles: undefined }));
    person.rest(under({ ...models, styles: undefined }));
    expect(adoptModels(person.person, at, others)).toBe(true);
    person.pass(at, others);
    expect(person.transitions).toMatchObject([{ to: 'collector', cause: 'model', causeRef: 'two' }]);
  });
});

it('whoever is nearest to those without a style has none, and holds on to that', () => {
  // Half way between a style and none, nearer to the style.
  const at = (novelty: number) => [novelty, 0, 0, 0];
  const styles = { ...STYLES, names: ['trend_follower', 'none'], centroids: [at(0), at(1)] };
  const scaler = { ...STYLES.scaler, means: [Math.log1p(1) - 0.45, 0, 8, 0] };
  const near = under({ ...models, styles: { ...styles, scaler } });
  const person = new LivedPerson('bob').take(act(1, BEGIN, 'view'), BEGIN, near);
  expect(scoresOf(person.pass(plus(BEGIN, DAY_MS), near))?.style).toBe('');
  const nearer = under({
    ...models,
    styles: { ...styles, scaler: { ...scaler, means: [Math.log1p(1) - 0.3, 0, 8, 0] } },
  });
  const other = new LivedPerson('bob').take(act(1, BEGIN, 'view'), BEGIN, nearer);
  expect(scoresOf(other.pass(plus(BEGIN, DAY_MS), nearer))?.style).toBe('trend_follower');
});
