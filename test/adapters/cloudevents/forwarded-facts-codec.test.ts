import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFacts, encodeFacts } from '../../../src/adapters/cloudevents/forwarded-facts-codec.ts';
import { MESSAGE_JSON_SCHEMAS } from '../../../src/adapters/cloudevents/message-json-schemas.ts';
import { ok } from '../../../src/core/result.ts';
import { instant } from '../../../src/core/time.ts';
import type { ForwardedFacts } from '../../../src/ports/forwarded-facts.ts';
import { anyForwardedFacts } from '../../support/arbitrary-facts.ts';

const some: ForwardedFacts = {
  partition: 3,
  origin: { source: 'events:1', offset: 7 },
  receivedAt: instant(1_700_000_000_000),
  ref: 'm-1',
  facts: [
    {
      fact: {
        personId: 'ann',
        fact: {
          type: 'absorb',
          key: 1,
          at: instant(5),
          own: false,
          from: 'ben',
          record: Buffer.from('.history.').subarray(1, 8),
        },
      },
      redirections: 0,
    },
  ],
};

describe('facts on their way to another partition', () => {
  it('come back as they were, of whatever kind, and count as received when their record was', () => {
    fc.assert(
      fc.property(anyForwardedFacts, (forwarded) => {
        expect(decodeFacts(encodeFacts(forwarded))).toEqual(
          ok({ event: forwarded, receivedAt: forwarded.receivedAt }),
        );
      }),
    );
  });

  it('keep to their JSON Schema', () => {
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
      MESSAGE_JSON_SCHEMAS['forwarded-facts.schema.json']?.() ?? {},
    );
    fc.assert(
      fc.property(anyForwardedFacts, (forwarded) => {
        expect(validate(JSON.parse(encodeFacts(forwarded))), JSON.stringify(validate.errors)).toBe(true);
      }),
    );
  });

  it('carry bytes as bytes, even where they are a part of a Buffer', () => {
    const back = decodeFacts(encodeFacts(some));
    const fact = back.ok ? back.value.event.facts[0]?.fact.fact : undefined;
    expect(fact).toMatchObject({ record: new TextEncoder().encode('history') });
  });

  const sent = JSON.parse(encodeFacts(some)) as Record<string, unknown>;
  it.each([
    ['not JSON', '{', 'malformed', 'not JSON'],
    ['a list', '[]', 'invalid_shape', 'one JSON object'],
    ['another version', JSON.stringify({ ...sent, version: 2 }), 'invalid_shape', 'version'],
    ['no facts', JSON.stringify({ ...sent, facts: [] }), 'invalid_shape', 'facts'],
    ['no bytes', encodeFacts(some).replace(/"record":"[^"]*"/, '"record":"§"'), 'invalid_shape', 'record'],
    [
      'an unknown kind',
      encodeFacts(some).replace('"absorb"', '"wish"'),
      'invalid_shape',
      'facts.0.fact.fact',
    ],
  ])('are refused as a value: %s', (_, text, reason, detail) => {
    expect(decodeFacts(text)).toMatchObject({
      ok: false,
      error: { reason, detail: expect.stringContaining(detail) as string },
    });
  });
});
