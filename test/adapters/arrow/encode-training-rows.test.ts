import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { openEmbeddedClickhouse } from '../../../src/adapters/clickhouse/open-embedded-clickhouse.ts';
import {
  encodeTrainingRows,
  type TrainingRowBatch,
} from '../../../src/adapters/arrow/encode-training-rows.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const BATCHES: readonly TrainingRowBatch[] = [
  {
    personIds: ['anna', '王', 'o’neil'],
    instants: [0, 1_700_000_000_123, 1_700_000_000_124],
    inputs: Float32Array.of(1.5, -2, 0, 1e-7, 3.25, 1e9),
    labels: [
      [0, 1, 0],
      [1, 1, null],
    ],
  },
  {
    personIds: ['zoe'],
    instants: [1_700_000_000_125],
    inputs: Float32Array.of(7, 8),
    labels: [[1], [null]],
  },
];
const EXPECTED = [
  { person_id: 'anna', at: 0, recency: 1.5, gap: -2, label_30d: 0, label_90d: 1 },
  { person_id: '王', at: 1_700_000_000_123, recency: 0, gap: Math.fround(1e-7), label_30d: 1, label_90d: 1 },
  { person_id: 'o’neil', at: 1_700_000_000_124, recency: 3.25, gap: 1e9, label_30d: 0, label_90d: null },
  { person_id: 'zoe', at: 1_700_000_000_125, recency: 7, gap: 8, label_30d: 1, label_90d: null },
];

function encoded(batches: Iterable<TrainingRowBatch>): Uint8Array {
  return Buffer.concat([...encodeTrainingRows(['recency', 'gap'], batches)]);
}

describe('training rows as an Arrow file', () => {
  it('read back as they were, with names, types and missing labels', () => {
    const table = tableFromIPC(encoded(BATCHES));
    expect(table.schema.fields.map(({ name, type }) => `${name} ${String(type)}`)).toEqual([
      'person_id Utf8',
      'at Timestamp<MILLISECOND, UTC>',
      'recency Float32',
      'gap Float32',
      'label_30d Uint8',
      'label_90d Uint8',
    ]);
    expect(table.batches.map(({ numRows }) => numRows)).toEqual([3, 1]);
    expect(table.toArray().map((row) => ({ ...(row as object) }))).toEqual(EXPECTED);
  });

  it('are an empty table with the same columns when there are none', () => {
    const table = tableFromIPC(encoded([]));
    expect({ rows: table.numRows, columns: table.numCols }).toEqual({ rows: 0, columns: 6 });
  });

  it('pull no batch before the bytes of the one before it are taken', () => {
    let pulled = 0;
    const watched = (function* () {
      for (const batch of BATCHES) {
        pulled++;
        yield batch;
      }
    })();
    const chunks = encodeTrainingRows(['recency', 'gap'], watched);
    expect([chunks.next().done, pulled]).toEqual([false, 1]);
    expect([Buffer.concat([...chunks]).length > 0, pulled]).toEqual([true, 2]);
  });

  it('are read by ClickHouse', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'rows.arrow');
    writeFileSync(path, encoded(BATCHES));
    const sql =
      'SELECT person_id, toUnixTimestamp64Milli(at) AS at, recency, gap, label_30d, label_90d ' +
      `FROM file('${path}', Arrow) ORDER BY at`;
    const clickhouse = await openEmbeddedClickhouse({ path: join(folder, 'db') });
    try {
      // Reading alone may not touch files.
      const result = await clickhouse.client.query({ query: sql, format: 'JSONCompact' });
      const { data: rows } = await result.json<unknown[]>();
      expect(rows.map(([id, at, ...rest]) => [id, Number(at), ...rest])).toEqual(
        EXPECTED.map((row) => Object.values({ ...row, gap: row.gap < 1e-6 && row.gap > 0 ? 1e-7 : row.gap })),
      );
    } finally {
      await clickhouse.close();
    }
  });
});
