import type { SourceRecord } from '../ports/event-source.ts';

const ABSENT = -1;
const TWO_POW_32 = 0x100000000;

/** Two of 32 bits. */
type Lanes = Int32Array;

/**
 * A running digest of the records of a source: equal for equal records in equal order, however they are cut. It
 * looks at when a record arrived, and at id, person, name, time and amount of its event, or why it has none and what
 * stood there instead. 64 bits on the way and 53 of them at the end, an exact number. Not for secrets.
 */
export class RecordDigest {
  private readonly lanes: Lanes;

  constructor(lanes: Lanes = Int32Array.of(0x9e3779b9, 0x85ebca6b)) {
    this.lanes = lanes;
  }

  get value(): number {
    const [a = 0, b = 0] = this.lanes;
    return (a >>> 0) + (b & 0x1fffff) * TWO_POW_32;
  }

  /** The digest of these records after those before; this one stays as it is. */
  with(records: readonly SourceRecord[]): RecordDigest {
    const lanes = this.lanes.slice();
    for (const { receivedAt, event, raw } of records) {
      feedNumber(lanes, receivedAt);
      if (event.ok) {
        const { messageId, personId, name, at, properties } = event.value;
        feedNumber(lanes, at);
        feedNumber(lanes, properties.totalMinor ?? ABSENT);
        feedText(lanes, messageId);
        feedText(lanes, personId);
        feedText(lanes, name);
      } else {
        feedText(lanes, event.error.reason);
        feedText(lanes, raw ?? '');
      }
    }
    return new RecordDigest(lanes);
  }
}

function feedNumber(lanes: Lanes, value: number): void {
  feedWord(lanes, value | 0);
  feedWord(lanes, (value / TWO_POW_32) | 0);
}

/** Its length first: `ab`, `c` is not `a`, `bc`. */
function feedText(lanes: Lanes, text: string): void {
  feedWord(lanes, text.length);
  let a = lanes[0] ?? 0;
  let b = lanes[1] ?? 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0xcc9e2d51);
    b = Math.imul(b ^ unit, 0x1b873593);
    a ^= a >>> 15;
    b ^= b >>> 13;
  }
  lanes[0] = a;
  lanes[1] = b;
}

function feedWord(lanes: Lanes, word: number): void {
  const a = Math.imul((lanes[0] ?? 0) ^ word, 0xcc9e2d51);
  const b = Math.imul((lanes[1] ?? 0) ^ word, 0x1b873593);
  lanes[0] = a ^ (a >>> 15);
  lanes[1] = b ^ (b >>> 13);
}
