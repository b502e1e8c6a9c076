/**
 * A process of its own for the tests: opens the folder, writes one batch, says `open` and lives on until it is
 * told otherwise. The second argument says how it ends: `hold` waits for a signal, `leave` returns from main
 * without closing anything.
 */
import { ClickhouseAnalytics } from '../../../src/adapters/clickhouse/clickhouse-analytics.ts';
import { migrate } from '../../../src/adapters/clickhouse/migrate.ts';
import { openEmbeddedClickhouse } from '../../../src/adapters/clickhouse/open-embedded-clickhouse.ts';
import { aTransition } from '../../contracts/sample-analytics-rows.ts';

const [path = '', ending = 'hold'] = process.argv.slice(2);
const handle = await openEmbeddedClickhouse({ path });
await migrate(handle);
await new ClickhouseAnalytics(handle).write('held', { tag_transitions: [aTransition()] });
console.log('open');
if (ending === 'hold') setInterval(() => undefined, 60_000);
