import type { Rejection } from '../../core/events/event.ts';
import { err, ok } from '../../core/result.ts';
import { FUTURE_TOLERANCE_MS } from '../../core/events/interpret.ts';
import { instant, isoOf, latest, plus, type Instant } from '../../core/time.ts';
import type { SourceRecord } from '../../ports/event-source.ts';
import type { RecordDecoder } from '../../ports/record-decoder.ts';
import type { PlainMessage } from './packed-messages.ts';

/** How much of a message that cannot be used is kept, in characters. */
export const RAW_LENGTH_MAX = 16_384;

/** One string each for all messages of a topic's partition: a string that is made anew is hashed anew. */
export interface MessageOrigin {
  /** By {@link sourceId}. */
  readonly source: string;
  /** In words, for people. */
  readonly name: string;
}

export function originOf(topic: string, partition: number): MessageOrigin {
  return { source: sourceId(topic, partition), name: `${topic}[${partition}]` };
}

/**
 * One message as a record. Total: what is no text, or is refused by the decoder, becomes a rejection with the message
 * as its `raw`, cut at {@link RAW_LENGTH_MAX}; bytes that are not UTF-8 stand there as `base64:…`.
 * `notBefore` is when the record before it in the partition was received; what says that it was received more than
 * five minutes after `now` is refused, and moves no later record's time: producers may set the times of messages.
 */
export function recordOfMessage<Said>(
  { source, name }: MessageOrigin,
  { offset, stampedAt, content }: PlainMessage,
  notBefore: Instant,
  now: Instant,
  decode: RecordDecoder<Said>,
): SourceRecord<Said> {
  const place = `${name}@${offset}`;
  const atLast = plus(now, FUTURE_TOLERANCE_MS);
  const stamped = instant(stampedAt);
  const byBroker = stamped <= atLast ? latest(notBefore, stamped) : notBefore > 0 ? notBefore : now;
  const base = { source, offset, receivedAt: byBroker, rows: 1, place };
  if (content.kind === 'none') {
    const detail = 'the message has no value: it is a tombstone';
    return refused(base, { reason: 'malformed', detail }, '');
  }
  if (content.kind === 'bytes') {
    const raw = `base64:${content.bytes.subarray(0, RAW_LENGTH_MAX).toString('base64')}`;
    return refused(base, { reason: 'malformed', detail: 'the message is not UTF-8' }, raw);
  }
  const { text } = content;
  const decoded = decode(text);
  if (!decoded.ok) return refused(base, decoded.error, text);
  const { event, receivedAt } = decoded.value;
  const received = receivedAt ?? stamped;
  if (received > atLast) {
    const detail = `received at ${isoOf(received)}, which is still to come`;
    return refused(base, { reason: 'future_timestamp', detail }, text);
  }
  return {
    source,
    offset,
    receivedAt: receivedAt === undefined ? byBroker : latest(notBefore, receivedAt),
    event: ok(event),
    rows: 1,
    place,
  };
}

function refused<Said>(
  base: Omit<SourceRecord<Said>, 'event' | 'raw'>,
  rejection: Rejection,
  raw: string,
): SourceRecord<Said> {
  return { ...base, event: err(rejection), raw: raw.slice(0, RAW_LENGTH_MAX) };
}

/** The id of a source, for ever. */
export function sourceId(topic: string, partition: number): string {
  return `${topic}:${partition}`;
}
