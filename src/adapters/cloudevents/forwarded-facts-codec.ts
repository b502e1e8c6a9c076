import { ok } from '../../core/result.ts';
import type { ForwardedFacts } from '../../ports/forwarded-facts.ts';
import type { RecordDecoder } from '../../ports/record-decoder.ts';
import { FACTS_VERSION, forwardedFactsMessage } from './forwarded-facts-schema.ts';
import { checked, parseObject } from './parse-message.ts';

/** Facts on their way to another partition as versioned JSON, bytes as base64; {@link decodeFacts} gives them back. */
export function encodeFacts(forwarded: ForwardedFacts): string {
  return JSON.stringify(
    { version: FACTS_VERSION, ...forwarded },
    function (this: Record<string, unknown>, key, value: unknown) {
      // Not the value: a Buffer has been made an object of numbers by then.
      const original = this[key];
      if (!(original instanceof Uint8Array)) return value;
      return Buffer.from(original.buffer, original.byteOffset, original.byteLength).toString('base64');
    },
  );
}

/**
 * Reads a message of the facts topic. Total: what is of another version, or not of its shape, is rejected as a value.
 * It counts as received when the record that stated it was.
 */
export const decodeFacts: RecordDecoder<ForwardedFacts> = (text) => {
  const json = parseObject(text);
  if (!json.ok) return json;
  const message = checked(forwardedFactsMessage, json.value);
  if (!message.ok) return message;
  const { partition, origin, root, receivedAt, ref, facts } = message.value;
  const event = { partition, origin, ...(root === undefined ? {} : { root }), receivedAt, ref, facts };
  return ok({ event, receivedAt });
};
