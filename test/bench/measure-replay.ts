import { ClickhouseAnalytics } from '../../src/adapters/clickhouse/clickhouse-analytics.ts';
import { migrate } from '../../src/adapters/clickhouse/migrate.ts';
import { openEmbeddedClickhouse } from '../../src/adapters/clickhouse/open-embedded-clickhouse.ts';
import { openHistory } from '../../src/adapters/files/open-history.ts';
import { MemoryStateStore } from '../../src/adapters/memory/memory-state-store.ts';
import { defaultPolicyPath, loadPolicy } from '../../src/adapters/policy/load-policy.ts';
import { decodeSegment } from '../../src/adapters/segment/decode-segment.ts';
import { EMBEDDED_SIZES } from '../../src/commands/embedded-run.ts';
import { rulebookOf } from '../../src/core/tagging/rulebook.ts';
import { runPipeline } from '../../src/pipeline.ts';

/*
 * `measure-replay EVENTS DB`: replays an NDJSON file into a new database folder and prints one line of JSON.
 * CPU is that of the whole process, ClickHouse's threads included, from before the file is opened to after the
 * last row is stored; loading modules and opening ClickHouse are outside.
 */
const [events = '', db = ''] = process.argv.slice(2);
const MEGABYTE = 1e6;
const SAMPLE_EVERY = 500_000;

const policy = await loadPolicy(defaultPolicyPath());
const store = new MemoryStateStore(1, rulebookOf(policy).counted);
const clickhouse = await openEmbeddedClickhouse({ path: db });
await migrate(clickhouse);

const memory: { events: number; residentMb: number; stateMb: number }[] = [];
const before = process.cpuUsage();
const startedAt = performance.now();
const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
};
let streamSeconds = 0;
const source = await openHistory({ format: 'segment', path: events, decodeSegment });
const result = await runPipeline({
  source,
  store,
  analytics: new ClickhouseAnalytics(clickhouse),
  policy,
  options: {
    ...EMBEDDED_SIZES,
    muteTriggers: true,
    onTurn: ({ events: { read } }) => {
      streamSeconds = cpuSeconds();
      if (read < (memory.length + 1) * SAMPLE_EVERY) return;
      const residentMb = Math.round(process.memoryUsage.rss() / MEGABYTE);
      memory.push({ events: read, residentMb, stateMb: Math.round(store.bytes / MEGABYTE) });
    },
  },
});
const allSeconds = cpuSeconds();
const { read } = result.tally.events;
console.log(
  JSON.stringify({
    events: result.tally.events,
    people: result.people,
    transitions: result.tally.transitions.total,
    wallSeconds: Math.round(performance.now() - startedAt) / 1000,
    cpuSeconds: { stream: streamSeconds, all: allSeconds },
    eventsPerCpuSecond: { stream: Math.round(read / streamSeconds), all: Math.round(read / allSeconds) },
    stateBytesPerPerson: Math.round(store.bytes / result.people),
    memory,
  }),
);
await clickhouse.close();
