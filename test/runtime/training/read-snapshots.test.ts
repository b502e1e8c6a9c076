import { describe, expect, it } from 'vitest';
import { simulatedSource } from '../../../src/adapters/simulator/simulated-source.ts';
import type { TrackedEvent } from '../../../src/core/events/event.ts';
import { CHURN_INPUTS } from '../../../src/core/scoring/churn/churn-inputs.ts';
import { ok } from '../../../src/core/result.ts';
import { DAY_MS, instant, plus, type Instant } from '../../../src/core/time.ts';
import type { SourceRecord } from '../../../src/ports/event-source.ts';
import {
  SNAPSHOTS,
  SNAPSHOT_DAYS,
  readChurnHistory,
  type ChurnHistory,
} from '../../../src/runtime/training/churn-history.ts';
import { listedSource, recordsOf } from '../../support/listed-source.ts';
import { memoryStore } from '../../support/run-records.ts';

const START_AT = instant(Date.UTC(2025, 0, 1));
const AS_OF = plus(START_AT, 200 * DAY_MS);
const MARKET = { people: 120, days: 300, seed: 5, startAt: START_AT };

function historyOf(records: readonly SourceRecord[], asOf: Instant = AS_OF): Promise<ChurnHistory> {
  const money = { currency: 'CNY', rates: {} };
  return readChurnHistory({ source: listedSource(records, 100), store: memoryStore(1), money, asOf });
}

function allInputs(history: ChurnHistory): string[] {
  return Array.from({ length: history.rows.rows }, (_, row) => {
    const inputs = history.rows.inputsOf([row]).join(' ');
    return `${history.rows.personIds[row] ?? ''} ${history.rows.instants[row] ?? 0} ${inputs}`;
  }).sort();
}

function labelsBefore(history: ChurnHistory): string[] {
  return Array.from({ length: SNAPSHOTS }, (_, i) => i + 1).flatMap((age) =>
    history.rowsAt(age).map((row) => {
      const who = `${history.rows.personIds[row] ?? ''} ${age}`;
      return `${who} ${history.label(row, 30)} ${history.label(row, 90)}`;
    }),
  );
}

describe('labelled snapshots of a history', () => {
  it('know nothing of what arrives after their instant', async () => {
    const records = await recordsOf(simulatedSource(MARKET));
    const whole = await historyOf(records);
    const past = await historyOf(records.filter(({ receivedAt }) => receivedAt <= AS_OF));
    expect(whole.rowsAt(0).length).toBeGreaterThan(50);
    expect(allInputs(whole)).toEqual(allInputs(past));
    expect(labelsBefore(whole)).toEqual(labelsBefore(past));
    expect(labelsBefore(whole).filter((line) => line.endsWith('0')).length).toBeGreaterThan(10);
  });

  it('cannot see a planted signal that only the future has', async () => {
    const records = await recordsOf(simulatedSource(MARKET));
    const honest = await historyOf(records);
    const leaving = new Set(
      honest
        .rowsAt(0)
        .filter((row) => honest.label(row, 90) === 1)
        .map((row) => honest.rows.personIds[row] ?? ''),
    );
    expect(leaving.size).toBeGreaterThan(5);
    const planted = [...leaving].flatMap((personId) => burstOf(personId, plus(AS_OF, 1)));
    const index = records.findIndex(({ receivedAt }) => receivedAt > AS_OF);
    const all = [...records.slice(0, index), ...planted, ...records.slice(index)];
    const told = await historyOf(all.map((record, offset) => ({ ...record, offset })));
    expect(allInputs(told)).toEqual(allInputs(honest));
  });

  it('fill every input of everybody with a finite number', async () => {
    const history = await historyOf(await recordsOf(simulatedSource(MARKET)));
    const rows = Array.from({ length: history.rows.rows }, (_, row) => row);
    const inputs = history.rows.inputsOf(rows);
    const bad = inputs.findIndex((value) => !Number.isFinite(value));
    expect(bad === -1 ? '' : CHURN_INPUTS[bad % CHURN_INPUTS.length]?.name).toBe('');
    const constant = CHURN_INPUTS.filter((_, column) =>
      rows.every((row) => inputs[row * CHURN_INPUTS.length + column] === inputs[column]),
    );
    expect(constant.map(({ name }) => name)).toEqual([]);
  });

  it('have no label before its horizon has elapsed at the cut-off', async () => {
    const history = await historyOf(await recordsOf(simulatedSource(MARKET)));
    for (let age = 1; age <= SNAPSHOTS; age++) {
      for (const row of history.rowsAt(age)) {
        expect(Number.isNaN(history.label(row, 30))).toBe(age * SNAPSHOT_DAYS < 30);
        expect(Number.isNaN(history.label(row, 90))).toBe(age * SNAPSHOT_DAYS < 90);
      }
    }
    for (const row of history.rowsAt(0)) expect(history.label(row, 90)).toBeLessThanOrEqual(1);
  });
});

/** Acts that nobody makes so many of: whoever looks at them knows who leaves. */
function burstOf(personId: string, at: Instant): SourceRecord[] {
  return Array.from({ length: 50 }, (_, i) => {
    const event: TrackedEvent = {
      messageId: `planted-${personId}-${i}`,
      personId,
      at,
      name: 'Product Viewed',
      properties: {},
    };
    return { source: 'listed', offset: 0, receivedAt: at, event: ok(event), rows: 1, place: 'planted' };
  });
}
