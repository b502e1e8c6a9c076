import type { SourceRecord } from '../ports/event-source.ts';

const ABSENT = -1;

/**
 * A running digest of the records of a source: equal for equal records in equal order, however they are cut. It
 * looks at when a record arrived, and at id, person, name, time and amount of its event, or the reason why it has
 * none. 64 bits on the way and 53 of them at the end, an exact number. Not for secrets.
 */
export class RecordDigest {
  private a: number;
  private b: number;

  constructor(from?: RecordDigest) {
    this.a = from?.a ?? 0x9e3779b9;
    this.b = from?.b ?? 0x85ebca6b;
  }

  get value(): number {
    return (this.a >>> 0) + (this.b & 0x1fffff) * 0x100000000;
  }

  /** The digest of these records after those before; this one stays as it is. */
  with(records: readonly SourceRecord[]): RecordDigest {
    const next = new RecordDigest(this);
    for (const { receivedAt, event } of records) {
      next.number(receivedAt);
      if (event.ok) {
        const { messageId, personId, name, at, properties } = event.value;
        next.number(at);
        next.number(properties.totalMinor ?? ABSENT);
        next.text(messageId);
        next.text(personId);
        next.text(name);
      } else {
        next.text(event.error.reason);
      }
    }
    return next;
  }

  private number(value: number): void {
    this.mix(value | 0);
    this.mix(Math.floor(value / 0x100000000) | 0);
  }

  private text(text: string): void {
    this.mix(text.length);
    let { a, b } = this;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      a = Math.imul(a ^ unit, 0xcc9e2d51);
      b = Math.imul(b ^ unit, 0x1b873593);
      a ^= a >>> 15;
      b ^= b >>> 13;
    }
    this.a = a;
    this.b = b;
  }

  private mix(word: number): void {
    const a = Math.imul(this.a ^ word, 0xcc9e2d51);
    const b = Math.imul(this.b ^ word, 0x1b873593);
    this.a = a ^ (a >>> 15);
    this.b = b ^ (b >>> 13);
  }
}
