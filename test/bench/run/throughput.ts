import { setTimeout as pause } from 'node:timers/promises';
import { messagesIn } from '../../support/kafka/messages-in.ts';
import { linesOf, openInstallation, TAGS, TRIGGERS } from './installation.ts';
import { startRun } from './run-process.ts';
import { Yardstick } from './yardstick.ts';

const SAMPLE_EVERY_MS = 1_000;
const NEARLY_ALL = 0.95;
const LAST_SAMPLES_EVERY_MS = 100;
/** By then most of what the compiler has to do is done: a worker runs for days, this backlog for a minute. */
const WARM_AFTER_MS = 10_000;
const YARDSTICK_LINES = 5_000;

export interface ThroughputPlan {
  /** Segment calls, one a line. */
  readonly file: string;
  readonly most: number;
  readonly partitions: number;
  readonly workers: number;
  readonly nodeOptions: readonly string[];
}

/**
 * A backlog in the topic, nothing in Redis, then workers and a sink: how much of it they work off in a second of the
 * workers' CPU time, and of the clock's. From the first sample in which every worker has worked something off until all
 * is; the sink goes on until every decision is in ClickHouse.
 */
export async function measureThroughput({ file, most, partitions, workers, nodeOptions }: ThroughputPlan) {
  const installation = await openInstallation(partitions);
  try {
    const fed = await installation.feed(linesOf(file, most));
    const lines: string[] = [];
    for await (const line of linesOf(file, YARDSTICK_LINES)) lines.push(line);
    const yardstick = new Yardstick(lines);
    const { environment } = installation;
    const sink = await startRun('sink', environment);
    const runs = await Promise.all(
      Array.from({ length: workers }, () => startRun('worker', environment, nodeOptions)),
    );
    const sample = async () => {
      const done = await Promise.all(runs.map(({ metric }) => metric('tidemark_events_total')));
      const cpuSeconds = runs.reduce((sum, run) => sum + run.cpuSeconds(), 0);
      return { done, events: done.reduce((sum, one) => sum + one, 0), cpuSeconds, at: performance.now() };
    };
    let first = await sample();
    let warm = first;
    let last = first;
    while (last.events < fed) {
      // What comes after the last event is not of it.
      await pause(last.events < fed * NEARLY_ALL ? SAMPLE_EVERY_MS : LAST_SAMPLES_EVERY_MS);
      if (first.done.some((events) => events === 0)) first = last;
      if (warm.at < first.at + WARM_AFTER_MS) warm = last;
      yardstick.sample();
      last = await sample();
    }
    const residentMb = runs.map((run) => run.residentMb());
    const told = (await installation.lengthOf(TAGS)) + (await installation.lengthOf(TRIGGERS));
    const stored = () =>
      Promise.all([installation.rowsIn('tag_transitions'), installation.rowsIn('trigger_events')]);
    for (let rows = 0; rows < told; await pause(SAMPLE_EVERY_MS))
      rows = (await stored()).reduce((sum, one) => sum + one, 0);
    const inClickhouseAfterMs = Math.round(performance.now() - last.at);
    const bytesOnDisk = Math.round(await installation.bytesPerRow('tag_transitions'));
    const messages = await messagesIn(installation.kafka, TAGS);
    const messageBytes = messages.reduce((sum, text) => sum + text.length, 0) / messages.length;
    const sinkCpuSeconds = sink.cpuSeconds();
    const stopMs = await Promise.all(runs.map((run) => run.stopMs()));
    await sink.stopMs();
    const events = last.events - first.events;
    const cpuSeconds = last.cpuSeconds - first.cpuSeconds;
    const perCpuSecond = Math.round(events / cpuSeconds);
    const warmPerCpuSecond = Math.round((last.events - warm.events) / (last.cpuSeconds - warm.cpuSeconds));
    const perSecond = Math.round((events / (last.at - first.at)) * 1000);
    const { microsPerParse } = yardstick;
    return {
      ...{ workers, events, cpuSeconds: round(cpuSeconds), perCpuSecond, warmPerCpuSecond, perSecond },
      jsonParseMicros: round(microsPerParse),
      jsonParsesPerEvent: round(1e6 / perCpuSecond / microsPerParse),
      ...{ told, sinkCpuSeconds: round(sinkCpuSeconds), inClickhouseAfterMs, residentMb, stopMs },
      changeOfTagBytes: { message: Math.round(messageBytes), inClickhouse: bytesOnDisk },
    };
  } finally {
    await installation.stop();
  }
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
