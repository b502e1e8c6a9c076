import { setTimeout as pause } from 'node:timers/promises';
import { linesOf, openInstallation } from './installation.ts';
import { Journeys } from './journeys.ts';
import { latencies } from './latencies.ts';
import { listen } from './listener.ts';
import { sendLive } from './live-traffic.ts';
import { startRun } from './run-process.ts';

export interface LatencyPlan {
  readonly file: string;
  readonly partitions: number;
  /** Events a second. */
  readonly perSecond: number;
  readonly forMs: number;
}

/** The compiler is at work, and everybody is new: not what is asked for. */
const WARM_UP_MS = 15_000;
const AFTERWARDS_MS = 3_000;

/**
 * Live events at an even pace, a worker and a sink: how long from when an event begins its way to the broker until a
 * subscriber has the change of a tag it led to, and the trigger.
 */
export async function measureLatency({ file, partitions, perSecond, forMs }: LatencyPlan) {
  const installation = await openInstallation(partitions);
  try {
    const journeys = new Journeys();
    const silence = await listen(installation, (heard) => journeys.hear(heard));
    const sink = await startRun('sink', installation.environment);
    const worker = await startRun('worker', installation.environment);
    const lines = linesOf(file);
    const began = (messageId: string, at: number): void => journeys.began(messageId, at);
    await sendLive(installation, lines, { perSecond, forMs: WARM_UP_MS }, began);
    journeys.forget();
    const cpuBefore = worker.cpuSeconds();
    const since = performance.now();
    const sent = await sendLive(installation, lines, { perSecond, forMs }, began);
    const seconds = (performance.now() - since) / 1000;
    const cpuShare = (worker.cpuSeconds() - cpuBefore) / seconds;
    await pause(AFTERWARDS_MS);
    await silence();
    await worker.stopMs();
    await sink.stopMs();
    return {
      perSecond: Math.round(sent / seconds),
      workerCpuShare: Number(cpuShare.toFixed(2)),
      eventToTagMs: latencies(journeys.toTag),
      eventToTriggerMs: latencies(journeys.toTrigger),
    };
  } finally {
    await installation.stop();
  }
}
