import { err, ok } from '../../src/core/result.ts';
import { instant } from '../../src/core/time.ts';
import type { RecordDecoder } from '../../src/ports/record-decoder.ts';

/** `ID` or `ID@RECEIVED` is an event of that message id; what begins with `!` is refused. */
export const decodeText: RecordDecoder = (text) => {
  if (text.startsWith('!')) return err({ reason: 'malformed', detail: 'it begins with !' });
  const [messageId = '', receivedAt] = text.split('@');
  const event = { messageId, personId: 'ann', at: instant(0), name: 'Product Viewed', properties: {} };
  return ok(receivedAt === undefined ? { event } : { event, receivedAt: instant(Number(receivedAt)) });
};
