import { isUtf8 } from 'node:buffer';
import type { KafkaMessage } from 'kafkajs';
import type { Rejection } from '../../core/events/event.ts';
import { err, ok } from '../../core/result.ts';
import { instant, latest, type Instant } from '../../core/time.ts';
import type { SourceRecord } from '../../ports/event-source.ts';
import type { RecordDecoder } from '../../ports/record-decoder.ts';

/** How much of a message that cannot be used is kept, in characters. */
export const RAW_LENGTH_MAX = 16_384;

/**
 * One message as a record. Total: what is no text, or is refused by the decoder, becomes a rejection with the message
 * as its `raw`, cut at {@link RAW_LENGTH_MAX}; bytes that are not UTF-8 stand there as `base64:…`.
 * `notBefore` is when the record before it in the partition was received.
 */
export function recordOfMessage<Said>(
  place: { readonly topic: string; readonly partition: number },
  message: KafkaMessage,
  notBefore: Instant,
  decode: RecordDecoder<Said>,
): SourceRecord<Said> {
  const { topic, partition } = place;
  const base = {
    source: sourceId(topic, partition),
    offset: Number(message.offset),
    rows: 1,
    place: `${topic}[${partition}]@${message.offset}`,
  };
  const byBroker = latest(notBefore, instant(Number(message.timestamp)));
  const rejected = (rejection: Rejection, raw: string): SourceRecord<Said> => ({
    ...base,
    receivedAt: byBroker,
    event: err(rejection),
    raw: raw.slice(0, RAW_LENGTH_MAX),
  });

  const { value } = message;
  if (value === null)
    return rejected({ reason: 'malformed', detail: 'the message has no value: it is a tombstone' }, '');
  if (!isUtf8(value))
    return rejected(
      { reason: 'malformed', detail: 'the message is not UTF-8' },
      `base64:${value.subarray(0, RAW_LENGTH_MAX).toString('base64')}`,
    );
  const text = value.toString();
  const decoded = decode(text);
  if (!decoded.ok) return rejected(decoded.error, text);
  const { event, receivedAt } = decoded.value;
  return {
    ...base,
    receivedAt: receivedAt === undefined ? byBroker : latest(notBefore, receivedAt),
    event: ok(event),
  };
}

/** The id of a source, for ever. */
export function sourceId(topic: string, partition: number): string {
  return `${topic}:${partition}`;
}
