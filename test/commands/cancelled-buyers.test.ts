import { join } from 'node:path';
import { expect, it } from 'vitest';
import { shippedModels } from '../../src/commands/serve-models.ts';
import { queryRows, runForJson } from '../support/run-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { cancelsInput } from './an-orders-file.ts';

const DAYS = Array.from({ length: 10 }, (_, i) => 10 + i);

/**
 * `away` and `keeps` order ten times; the former cancels everything. `hasty` takes their first order back at once, orders
 * again and keeps that.
 */
function threeBuyers(): string {
  const lines = ['customer,date,amount,number,what'];
  for (const who of ['away', 'keeps'])
    for (const day of DAYS) lines.push(`${who},2025-03-${day},9000,${who}${day},order`);
  for (const day of DAYS) lines.push(`away,2025-03-28,,away${day},cancel`);
  lines.push(
    ...['hasty,2025-03-20,9000,h1,order', 'hasty,2025-03-21,,h1,cancel', 'hasty,2025-04-02,9000,h2,order'],
  );
  lines.push('other,2025-05-01,10,o1,order');
  return `${lines.join('\n')}\n`;
}

it('who has cancelled every order is in no value group and at no risk, and whose first is young in no group yet', async () => {
  const db = join(temporaryFolder(), 'db');
  await runForJson(['replay', ...cancelsInput(threeBuyers()), '--model', shippedModels(), '--db', db]);
  const rows = await queryRows(
    db,
    `SELECT person_id, dimension, to_tag, toDate(effective_at) AS day, toString(effective_at) AS at, cause FROM tag_transitions
     WHERE dimension IN ('value_segment', 'churn_risk') AND person_id != 'other'
     ORDER BY effective_at DESC, decided_at DESC`,
  );
  const lastOf = (person: string, dimension: string) =>
    rows.find((row) => row['person_id'] === person && row['dimension'] === dimension);
  for (const dimension of ['value_segment', 'churn_risk']) {
    expect(lastOf('away', dimension)).toMatchObject({ to_tag: 'none', day: '2025-03-28', cause: 'refund' });
    expect(lastOf('keeps', dimension)?.['to_tag']).not.toBe('none');
  }
  expect(lastOf('keeps', 'value_segment')).toMatchObject({ to_tag: 'high_value' });
  // Who may yet give their first order back is in no group: it is of the order they kept, and 15 days later.
  const ofHasty = rows.filter((row) => row['person_id'] === 'hasty' && row['dimension'] === 'value_segment');
  expect(ofHasty).toMatchObject([{ at: '2025-04-17 00:00:00.000', cause: 'time' }]);
});
