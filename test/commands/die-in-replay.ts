/**
 * A process of its own for the tests: `die-in-replay INPUT DB ROWS` replays a CSV into a database folder and kills
 * itself without a word at the end of the turn in which it has read so many rows.
 */
import { openHistory } from '../../src/adapters/files/open-history.ts';
import { decodeSegment } from '../../src/adapters/segment/decode-segment.ts';
import { runEmbedded } from '../../src/commands/embedded-run.ts';

const [path = '', db = '', rows = ''] = process.argv.slice(2);
const map = { person: 'customer', time: 'date', value: 'amount', order: 'number' };
await runEmbedded({
  source: await openHistory({ format: 'csv', path, decodeSegment, map }),
  db,
  policy: undefined,
  partitions: 1,
  muteTriggers: true,
  onTurn: ({ events }) => {
    if (events.read >= Number(rows)) process.kill(process.pid, 'SIGKILL');
  },
});
