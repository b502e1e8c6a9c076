import { openHistory } from '../../src/adapters/files/open-history.ts';
import { decodeSegment } from '../../src/adapters/segment/decode-segment.ts';
import { runEmbedded } from '../../src/commands/embedded-run.ts';
import { shippedModels } from '../../src/commands/serve-models.ts';

/*
 * `measure-replay EVENTS DB [POLICY]`: what the command `replay` does with an NDJSON file and a new database folder, and one
 * line of JSON. CPU is that of the whole process, ClickHouse's and the collector's threads included, from before the
 * file is opened until the state file is on disk; only loading the modules lies outside.
 */
const [events = '', db = '', policy] = process.argv.slice(2);
const MEGABYTE = 1e6;
const SAMPLE_EVERY = 500_000;

/** `buffersMb`: outside of the heap, the state above all; what is left is the engine's, V8's code and whatever else. */
const memory: { events: number; residentMb: number; heapMb: number; buffersMb: number }[] = [];
const before = process.cpuUsage();
const startedAt = performance.now();
const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
};
let streamSeconds = 0;
const { tally, people, stateBytes } = await runEmbedded({
  source: await openHistory({ format: 'segment', path: events, decodeSegment }),
  db,
  policy,
  models: policy === undefined ? shippedModels() : undefined,
  partitions: 1,
  muteTriggers: true,
  onTurn: ({ events: { read } }) => {
    streamSeconds = cpuSeconds();
    if (read < (memory.length + 1) * SAMPLE_EVERY) return;
    const { rss, heapTotal, arrayBuffers } = process.memoryUsage();
    const [residentMb = 0, heapMb = 0, buffersMb = 0] = [rss, heapTotal, arrayBuffers].map((bytes) =>
      Math.round(bytes / MEGABYTE),
    );
    memory.push({ events: read, residentMb, heapMb, buffersMb });
  },
});
const allSeconds = cpuSeconds();
const { read } = tally.events;
console.log(
  JSON.stringify({
    events: tally.events,
    people,
    transitions: tally.transitions.total,
    wallSeconds: Math.round(performance.now() - startedAt) / 1000,
    cpuSeconds: { stream: streamSeconds, all: allSeconds },
    eventsPerCpuSecond: { stream: Math.round(read / streamSeconds), all: Math.round(read / allSeconds) },
    stateBytesPerPerson: Math.round(stateBytes / people),
    memory,
  }),
);
