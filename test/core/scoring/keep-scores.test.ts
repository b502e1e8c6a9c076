import { beforeAll, describe, expect, it } from 'vitest';
import { defaultPolicyPath, loadPolicy } from '../../../src/adapters/policy/load-policy.ts';
import type { Act, Fact } from '../../../src/core/events/fact.ts';
import { adoptModels, dueOf, sightOf, type Period } from '../../../src/core/person.ts';
import { SCORED_AFTER_DAYS, type Models } from '../../../src/core/scoring/models.ts';
import { NO_POPULATION } from '../../../src/core/scoring/population.ts';
import type { Policy } from '../../../src/core/tagging/policy.ts';
import { explain } from '../../../src/core/tagging/explanation.ts';
import { DAY_MS, HOUR_MS, NEVER, instant, plus, type Instant } from '../../../src/core/time.ts';
import { currentTagRows } from '../../../src/runtime/analytics-rows.ts';
import { STYLES, VALUE_SEGMENTS } from '../../support/a-scorer.ts';
import { LivedPerson, periodOf } from '../../support/lived-person.ts';
import { mixedDimensions } from '../../support/mixed-dimension.ts';

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

it.each([
  [0, [30, 45, 60]],
  [3, [30, 45, 60]],
  [5, [30, 45, 60]],
  [9, [150, 180, 240]],
])(
  'older records, which have been through %i instants of silence, come to those that all have',
  (silence, days) => {
    const person = bob().rest(period);
    const { clock, scores } = person.person.windows;
    if (scores === undefined) throw new Error('no scores');
    const soonAfter = plus(scores.nextAt, -30 * DAY_MS);
    const at = plus(soonAfter, (SCORED_AFTER_DAYS[silence - 1] ?? 0) * DAY_MS);
    const nextAt = plus(soonAfter, (SCORED_AFTER_DAYS[silence] ?? NaN) * DAY_MS);
    person.person.windows.scores = { ...scores, at: clock, silence, nextAt };
    expect(at).toBeLessThan(nextAt);
    const instants = [];
    for (person.pass(at, period); instants.length < days.length + 2;) {
      const next = scoresOf(person)?.nextAt ?? NEVER;
      instants.push((next - soonAfter) / DAY_MS);
      person.pass(next, period);
    }
    expect(instants.filter((day) => day >= (days[0] ?? NaN)).slice(0, days.length)).toEqual(days);
  },
);

describe('where turns end', () => {
  it('leaves no trace in what is remembered, though time alone was due in between', () => {
    const both = periodOf(
      { ...policy, dimensions: mixedDimensions(), triggers: [] },
      NO_POPULATION,
      NEVER,
      models,
    );
    const [second, until] = [plus(BEGIN, HOUR_MS), plus(BEGIN, 3 * DAY_MS + HOUR_MS / 2)];
    const first = (): LivedPerson => new LivedPerson('bob').take(act(1, BEGIN, 'search'), BEGIN, both);
    const [whole, parted] = [first(), first().rest(both)].map((person) =>
      person
        .take(act(2, second, 'search'), second, both)
        .rest(both)
        .pass(until, both),
    );
    expect(parted?.person).toEqual(whole?.person);
  });
});

it('the rows, the explanation and the future agree on who was kept for longer than a silence went on before', () => {
  const byPosts = {
    ...STYLES,
    inputs: [{ feature: 'community_posts_365d', role: 'community', missing: 'no_segment' }] as const,
    scaler: { ...STYLES.scaler, means: [0], deviations: [1] },
    names: ['socialite', 'none'],
    centroids: [[0.2], [1.2]],
  };
  const posts = under({ ...models, styles: byPosts });
  const person = bob();
  const live = (day: number, what: Act, times = 1): void => {
    const at = plus(BEGIN, day * DAY_MS);
    for (let i = 0; i < times; i++) person.take(act(10 * day + i, at, what), at, posts);
    person.rest(posts);
  };
  live(3, 'post', 4);
  live(80, 'search');
  live(339, 'search');
  const now = plus(BEGIN, 341 * DAY_MS);
  const { person: then } = person.pass(now, posts).copy();
  const said = person.transitions.length;
  const happens = person.pass(plus(BEGIN, 800 * DAY_MS), posts).transitions[said]?.effectiveAt ?? NEVER;
  expect(happens).toBeLessThan(plus(BEGIN, 400 * DAY_MS));
  const [dimension] = policy.dimensions;
  const [state] = then.tags;
  if (dimension === undefined || state === undefined) throw new Error('no style');
  expect(explain(dimension, state, [], sightOf(then, now, posts)).next?.at).toBe(happens);
  expect(currentTagRows('bob', then, now, posts)).toMatchObject([{ next_change_at: happens }]);
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

  it('whose value group would be another', () => {
    const inputs = [{ feature: 'active_days_90d', role: 'engagement', missing: 'no_segment' }] as const;
    const alike = {
      ...VALUE_SEGMENTS,
      inputs,
      scaler: { ...VALUE_SEGMENTS.scaler, means: [0], deviations: [1] },
    };
    const valued = under({ ...models, valueSegments: { ...alike, names: ['potential'], centroids: [[0]] } });
    const person = new LivedPerson('bob').take(act(1, BEGIN, 'search'), BEGIN, valued).rest(valued);
    expect(scoresOf(person)?.touched).toBe(true);
  });

  it.each([
    ['who is new', 0],
    ['whose first scores were kept', 20],
    ['who was scored in silence', 60],
  ])('%s when other models come into force, which are then the cause', (_, day) => {
    const names = STYLES.names.map(() => 'collector');
    const others = under({ ...models, version: 'two', styles: { ...STYLES, names } });
    const viewedAt = plus(BEGIN, day * DAY_MS);
    const adoptedAt = plus(viewedAt, 60_000);
    const person = bob().rest(period).pass(viewedAt, period);
    person.take(act(2, viewedAt, 'view'), viewedAt, period).rest(period);
    person.pass(adoptedAt, period);
    expect(adoptModels(person.person, adoptedAt, others)).toBe(true);
    person.pass(adoptedAt, others);
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
