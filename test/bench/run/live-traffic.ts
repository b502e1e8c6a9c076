import { setTimeout as pause } from 'node:timers/promises';
import { isoOf, instant } from '../../../src/core/time.ts';
import { EVENTS, messageOf, type Installation } from './installation.ts';

/** How often what is due is sent: that many events are one batch. */
const SEND_EVERY_MS = 10;

export interface LivePace {
  readonly perSecond: number;
  readonly forMs: number;
}

/**
 * Sends lines as they would come live, each stamped with the present, evenly paced. `onSent` is told of a message's id
 * and of when it began its way: what the producer takes is part of it. Resolves with how many were sent.
 */
export async function sendLive(
  { publisher, partitions }: Installation,
  lines: AsyncIterator<string>,
  { perSecond, forMs }: LivePace,
  onSent: (messageId: string, at: number) => void,
): Promise<number> {
  const beganAt = performance.now();
  let sent = 0;
  while (performance.now() - beganAt < forMs) {
    const due = Math.floor(((performance.now() - beganAt) / 1000) * perSecond) - sent;
    const batch: string[] = [];
    while (batch.length < due) {
      const next = await lines.next();
      if (next.done === true) throw new Error('the file has too few events for so long a time');
      batch.push(next.value);
    }
    const now = Date.now();
    const stamp = isoOf(instant(now));
    const messages = batch.map((line) => {
      const live = line
        .replace(/"receivedAt":"[^"]+"/, `"receivedAt":"${stamp}"`)
        .replace(/"timestamp":"[^"]+"/, `"timestamp":"${stamp}"`);
      onSent(/"messageId":"([^"]+)"/.exec(line)?.[1] ?? '', now);
      return messageOf(live, partitions);
    });
    await publisher.send(EVENTS, messages);
    sent += batch.length;
    await pause(SEND_EVERY_MS);
  }
  return sent;
}
