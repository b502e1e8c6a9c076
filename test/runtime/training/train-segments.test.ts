import { beforeAll, describe, expect, it } from 'vitest';
import { kmeansClustering } from '../../../src/adapters/kmeans/kmeans-clustering.ts';
import { parseSegmentModel } from '../../../src/core/scoring/segments/parse-segment-model.ts';
import { STYLE_INPUTS, VALUE_INPUTS } from '../../../src/core/scoring/segments/segment-inputs.ts';
import { DAY_MS, NEVER, dateOf, plus } from '../../../src/core/time.ts';
import type { SourceRecord } from '../../../src/ports/event-source.ts';
import { readSegmentRows, type SegmentHistory } from '../../../src/runtime/training/segment-rows.ts';
import {
  trainSegments,
  type SegmentOutcome,
  type SegmentTraining,
  type TrainedSegments,
} from '../../../src/runtime/training/train-segments.ts';
import { listedSource } from '../../support/listed-source.ts';
import { memoryStore } from '../../support/run-records.ts';
import { OPENED_AT, aMarketplace } from './a-marketplace.ts';

const AS_OF = plus(OPENED_AT, 150 * DAY_MS);
const LATER = plus(OPENED_AT, 239 * DAY_MS);
const MONEY = { currency: 'CNY', rates: {} };
const ALL = new Set([...VALUE_INPUTS, ...STYLE_INPUTS].map(({ feature }) => feature));

function rowsOf(records: readonly SourceRecord[], instants = [AS_OF]): Promise<SegmentHistory> {
  const source = listedSource(records);
  return readSegmentRows({ source, store: memoryStore(1), money: MONEY, features: ALL, instants });
}

function trained(
  records: readonly SourceRecord[],
  options: Partial<SegmentTraining> = {},
): Promise<TrainedSegments> {
  return trainSegments({
    source: listedSource(records),
    store: memoryStore(1),
    money: MONEY,
    seed: 1,
    clustering: kmeansClustering,
    ...options,
  });
}

function outcomeOf({ outcomes }: TrainedSegments, naming: string): SegmentOutcome {
  const outcome = outcomes.find((one) => one.naming === naming);
  if (outcome === undefined) throw new Error(`no outcome of ${naming}`);
  return outcome;
}

describe('segments of a history', () => {
  let records: readonly SourceRecord[];
  let then: TrainedSegments;

  beforeAll(async () => {
    records = aMarketplace(12, 240, 1);
    then = await trained(records, { asOf: AS_OF });
  });

  it('have rows of buyers and of those who only look, none knowing of what came after', async () => {
    const whole = await rowsOf(records);
    const past = await rowsOf(records.filter(({ receivedAt }) => receivedAt <= AS_OF));
    const [now, alone] = [whole.snapshots[0], past.snapshots[0]];
    for (const inputs of [VALUE_INPUTS, STYLE_INPUTS]) expect(now?.of(inputs)).toEqual(alone?.of(inputs));
    const styles = now?.of(STYLE_INPUTS) ?? [];
    const recency = (now?.of(VALUE_INPUTS) ?? []).map((row) => row[0] ?? NaN);
    expect(styles.some((row, i) => Number.isNaN(recency[i]) && !Number.isNaN(row[0]))).toBe(true);
    expect(then.data.people).toBe(now?.personIds.length);
  });

  it('tell who is worth most, who still comes and who went silent', () => {
    const { passed, model, profiles, reasons } = outcomeOf(then, 'value_segment');
    expect({ passed, reasons }).toEqual({ passed: true, reasons: [expect.stringContaining('are stable')] });
    const names = new Set(model?.names);
    expect([...names]).toEqual(expect.arrayContaining(['high_value', 'potential', 'dormant']));
    const typical = (name: string, feature: string): number => {
      const column = VALUE_INPUTS.findIndex((input) => input.feature === feature);
      return profiles.find((profile) => profile.name === name)?.typical[column] ?? NaN;
    };
    expect(typical('dormant', 'days_since_order')).toBeGreaterThan(
      3 * typical('high_value', 'days_since_order'),
    );
    expect(typical('high_value', 'value_decayed')).toBeGreaterThan(3 * typical('potential', 'value_decayed'));
    expect(typical('potential', 'active_days_90d')).toBeGreaterThan(
      3 * typical('dormant', 'active_days_90d'),
    );
    expect(profiles.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(profiles.reduce((sum, { people }) => sum + people, 0)).toBe(then.data.withSegment.value_segment);
  });

  it('do not pass of a history that is shorter than what they are told apart by', async () => {
    const { publish, outcomes } = await trained(aMarketplace(12, 60, 1), {});
    expect(publish.passed).toBe(false);
    for (const { reasons } of outcomes)
      expect(reasons.at(-1)).toMatch(/spans (59|60) days, and who people are shows in 90 at the least/);
  });

  it('tell who looks at what is new, who buys dearly and who talks', () => {
    const { passed, profiles } = outcomeOf(then, 'style');
    expect(passed).toBe(true);
    const names = new Set(profiles.map(({ name }) => name));
    expect([...names].sort()).toEqual(['collector', 'none', 'socialite', 'trend_follower']);
  });

  it('are models that can be served, the same for the same seed', async () => {
    for (const model of Object.values(then.models)) {
      expect(parseSegmentModel(JSON.parse(JSON.stringify(model)))).toEqual({ ok: true, value: model });
    }
    expect(await trained(records, { asOf: AS_OF })).toEqual(then);
  });

  it('go on from those in force, and tell who moved', async () => {
    const inForce = { models: then.models, asOf: then.asOf };
    const best = new Set([1, 5, 9, 13, 17, 21].map((i) => `p${i}`));
    const left = records.filter(
      ({ event, receivedAt }) => receivedAt <= AS_OF || !(event.ok && best.has(event.value.personId)),
    );
    const now = await trained(left, { asOf: LATER, inForce });
    const { how, model, evidence, movement } = outcomeOf(now, 'value_segment');
    expect(how).toBe('refitted');
    expect(model?.scaler).toEqual(then.models.value_segment?.scaler);
    expect(evidence?.agreement).toBeGreaterThan(0.5);
    const { people = 0, byMover, since } = movement ?? {};
    expect(since).toBe(AS_OF);
    expect(people).toBeGreaterThan(100);
    expect(Object.values(byMover ?? {}).reduce((sum, count) => sum + count, 0)).toBe(people);
    const { person = 0, both = 0, together = 0 } = byMover ?? {};
    expect(person + both + together).toBeGreaterThanOrEqual(best.size);
    expect(person + both + together).toBeLessThan(people / 4);
    const asBefore = await trained(records, { asOf: AS_OF, inForce });
    expect(outcomeOf(asBefore, 'value_segment')).toMatchObject({ passed: true, evidence: { agreement: 1 } });
    expect(outcomeOf(asBefore, 'value_segment').movement).toBeUndefined();
  });

  it('leave in force what a refit would turn over, while the other kind goes on', async () => {
    const { value_segment: value, style } = then.models;
    if (value === undefined || style === undefined) throw new Error('a kind is missing');
    const foreign = { ...value, centroids: value.centroids.map((row) => row.map((one) => one + 5)) };
    const inForce = { models: { value_segment: foreign, style }, asOf: AS_OF };
    const { models, publish, outcomes } = await trained(records, { asOf: AS_OF, inForce });
    expect(outcomes.map(({ passed }) => passed)).toEqual([false, true]);
    expect(publish.passed).toBe(true);
    expect(publish.reasons.join(' ')).toContain('value_segment: a centroid moved by');
    expect(models.value_segment).toBe(foreign);
    expect(models.style).not.toBe(style);
  });

  it('are of the end of the history without a cut-off', async () => {
    const last = records.at(-1)?.receivedAt ?? NEVER;
    const { snapshots } = await rowsOf(records, [NEVER]);
    expect(snapshots.map(({ at }) => at)).toEqual([last]);
    expect(snapshots[0]?.of(VALUE_INPUTS)).toEqual(
      (await rowsOf(records, [last])).snapshots[0]?.of(VALUE_INPUTS),
    );
    const { asOf, outcomes } = await trained(records);
    expect(asOf).toBe(last);
    expect(outcomes[0]?.model?.version).toBe(`value_segment@${dateOf(last)}`);
  });

  it('are left out with the reason where nobody looked at an item', async () => {
    const orders = records.filter(({ event }) => event.ok && event.value.name === 'Order Completed');
    const { models, publish } = await trained(orders, { asOf: AS_OF });
    expect(Object.keys(models)).toEqual(['value_segment']);
    expect(publish.reasons[1]).toMatch(
      /^style: left out, because nobody has a value of .*new_arrival_share_90d/,
    );
  });

  it('are none at all of nobody', async () => {
    const { models, publish, data } = await trained([]);
    expect({ models, passed: publish.passed, people: data.people }).toEqual({
      models: {},
      passed: false,
      people: 0,
    });
    expect(publish.reasons).toHaveLength(2);
  });
});
