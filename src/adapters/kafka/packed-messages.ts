import { isUtf8 } from 'node:buffer';
import type { KafkaMessage } from 'kafkajs';

/** One message as it lies in a topic, without what nobody reads of it. */
export interface PlainMessage {
  readonly offset: number;
  /** As the broker or the producer set it. */
  readonly stampedAt: number;
  readonly content: MessageContent;
}

export type MessageContent =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Buffer };

const NONE = { kind: 'none' } as const;

/**
 * The messages of a batch, in five buffers that the collector has nothing to look into: what is read ahead lives long
 * enough to be copied again and again, and an object for each message is what that costs most for. A copy, since a
 * message keeps the whole answer of the broker alive, other partitions' messages with it.
 */
export class PackedMessages {
  readonly count: number;
  /** Of the values. */
  readonly byteLength: number;
  private readonly bytes: Buffer;
  /** Where each value ends; the first begins at 0. */
  private readonly ends: Float64Array;
  private readonly offsets: Float64Array;
  private readonly stamps: Float64Array;
  private readonly hasValue: Uint8Array;
  /** Every value is text: known at once for all, which is much cheaper than one by one. */
  private readonly isText: boolean;

  constructor(messages: readonly Pick<KafkaMessage, 'offset' | 'timestamp' | 'value'>[]) {
    const count = messages.length;
    this.count = count;
    this.ends = new Float64Array(count);
    this.offsets = new Float64Array(count);
    this.stamps = new Float64Array(count);
    this.hasValue = new Uint8Array(count);
    let end = 0;
    let isWhole = true;
    messages.forEach(({ offset, timestamp, value }, i) => {
      end += value?.length ?? 0;
      this.ends[i] = end;
      this.offsets[i] = Number(offset);
      this.stamps[i] = Number(timestamp);
      this.hasValue[i] = value === null ? 0 : 1;
      isWhole &&= !isContinuation(value?.[0]);
    });
    this.byteLength = end;
    this.bytes = Buffer.allocUnsafeSlow(end);
    let at = 0;
    for (const { value } of messages) if (value !== null) at += value.copy(this.bytes, at);
    this.isText = isWhole && isUtf8(this.bytes);
  }

  at(i: number): PlainMessage {
    return { offset: this.offsets[i] ?? 0, stampedAt: this.stamps[i] ?? 0, content: this.contentOf(i) };
  }

  private contentOf(i: number): MessageContent {
    if (this.hasValue[i] === 0) return NONE;
    const [from, to] = [i === 0 ? 0 : (this.ends[i - 1] ?? 0), this.ends[i] ?? 0];
    if (this.isText) return { kind: 'text', text: this.bytes.toString('utf8', from, to) };
    const bytes = this.bytes.subarray(from, to);
    return isUtf8(bytes) ? { kind: 'text', text: bytes.toString() } : { kind: 'bytes', bytes };
  }
}

/** Of a character that began before: a value cannot begin with it, whatever stands in front of it here. */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
