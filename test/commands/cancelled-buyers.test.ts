import { join } from 'node:path';
import { expect, it } from 'vitest';
import { shippedModels } from '../../src/commands/serve-models.ts';
import { queryRows, runForJson } from '../support/run-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { cancelsInput } from './an-orders-file.ts';

/** One of `away` and one of `keeps` order ten times; the former cancels everything on the last day. */
function twoBuyers(): string {
  const lines = ['customer,date,amount,number,what'];
  for (const [who, month] of [
    ['away', '03'],
    ['keeps', '03'],
  ] as const)
    for (let day = 10; day < 20; day++) lines.push(`${who},2025-${month}-${day},9000,${who}${day},order`);
  for (let day = 10; day < 20; day++) lines.push(`away,2025-03-21,,away${day},cancel`);
  lines.push('other,2025-04-01,10,o1,order');
  return `${lines.join('\n')}\n`;
}

it('who has cancelled every order is in no value group and at no risk from that instant on', async () => {
  const db = join(temporaryFolder(), 'db');
  await runForJson(['replay', ...cancelsInput(twoBuyers()), '--model', shippedModels(), '--db', db]);
  const rows = await queryRows(
    db,
    `SELECT person_id, dimension, to_tag, toDate(effective_at) AS day, cause FROM tag_transitions
     WHERE dimension IN ('value_segment', 'churn_risk') AND person_id IN ('away', 'keeps')
     ORDER BY effective_at DESC, decided_at DESC LIMIT 1 BY person_id, dimension`,
  );
  const lastOf = (person: string, dimension: string) =>
    rows.find((row) => row['person_id'] === person && row['dimension'] === dimension);
  for (const dimension of ['value_segment', 'churn_risk']) {
    expect(lastOf('away', dimension)).toMatchObject({ to_tag: 'none', day: '2025-03-21', cause: 'refund' });
    expect(lastOf('keeps', dimension)?.['to_tag']).not.toBe('none');
  }
  expect(lastOf('keeps', 'value_segment')).toMatchObject({ to_tag: 'high_value' });
});
