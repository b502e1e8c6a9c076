import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PackedMessages, type MessageContent } from '../../../src/adapters/kafka/packed-messages.ts';

const bytes = fc.uint8Array({ maxLength: 8 }).map((array) => Buffer.from(array));
const text = fc.string({ unit: 'grapheme', maxLength: 6 }).map((one) => Buffer.from(one));
const message = fc.record({
  offset: fc.nat().map(String),
  timestamp: fc.nat().map(String),
  value: fc.oneof(text, text, bytes, fc.constant(null)),
});

function contentOf(value: Buffer | null): MessageContent {
  if (value === null) return { kind: 'none' };
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value) };
  } catch {
    return { kind: 'bytes', bytes: value };
  }
}

function unpacked(packed: PackedMessages) {
  return Array.from({ length: packed.count }, (_, i) => packed.at(i));
}

describe('messages packed together', () => {
  it('are what they were, each by itself', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 12 }), (messages) => {
        expect(unpacked(new PackedMessages(messages))).toEqual(
          messages.map(({ offset, timestamp, value }) => ({
            offset: Number(offset),
            stampedAt: Number(timestamp),
            content: contentOf(value),
          })),
        );
      }),
    );
  });

  it('do not lend one another what a character lacks', () => {
    const [first, second] = [Buffer.from('ä').subarray(0, 1), Buffer.from('ä').subarray(1)];
    const packed = new PackedMessages(
      [first, second].map((value) => ({ offset: '0', timestamp: '0', value })),
    );
    expect(unpacked(packed).map(({ content }) => content.kind)).toEqual(['bytes', 'bytes']);
  });

  it('keep nothing of the answer they came in', () => {
    const answer = Buffer.from('answer');
    const packed = new PackedMessages([{ offset: '0', timestamp: '0', value: answer.subarray(0, 3) }]);
    answer.fill('x');
    expect(packed.at(0).content).toEqual({ kind: 'text', text: 'ans' });
  });
});
