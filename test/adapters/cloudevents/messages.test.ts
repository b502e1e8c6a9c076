import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeDeadLetter, decodeDecision } from '../../../src/adapters/cloudevents/decode-sink-row.ts';
import { announcementEncoder } from '../../../src/adapters/cloudevents/encode-announcement.ts';
import { MESSAGE_JSON_SCHEMAS } from '../../../src/adapters/cloudevents/message-json-schemas.ts';
import { triggerEvent } from '../../../src/core/triggers/trigger.ts';
import type { Announcement } from '../../../src/ports/state-store.ts';
import type { SinkRow } from '../../../src/ports/sink-row.ts';
import { deadLetterRow, transitionRow, triggerRow } from '../../../src/runtime/analytics-rows.ts';
import { announcedBy } from '../../support/announced-by.ts';
import { ROOT } from '../../support/source-tree.ts';
import { TEST_POLICY } from '../../support/test-policy.ts';

type Kind<K> = Extract<Announcement, { readonly kind: K }>;

describe('what leaves us', () => {
  const encode = announcementEncoder(TEST_POLICY);
  let announced: readonly Announcement[];
  beforeAll(async () => {
    announced = await announcedBy({ people: 60, days: 60, seed: 5 });
  });
  const of = <K extends Announcement['kind']>(kind: K) =>
    announced.filter((each): each is Kind<K> & Announcement => each.kind === kind);

  const rowIn = (announcement: Announcement): SinkRow => {
    const decode = announcement.kind === 'dead_letter' ? decodeDeadLetter : decodeDecision;
    const decoded = decode(encode(announcement).text);
    if (!decoded.ok) throw new Error(decoded.error.detail);
    return decoded.value.event;
  };

  it('of a transition is read to the row of a run in one process', () => {
    expect(of('transition').length).toBeGreaterThan(100);
    for (const announcement of of('transition')) {
      const { transition } = announcement;
      const row = transitionRow(transition, transition.effectiveAt, TEST_POLICY);
      expect(rowIn(announcement)).toEqual({ table: 'tag_transitions', row });
    }
  });

  it('of a trigger too, muted or not, with the event as subscribers get it', () => {
    expect(of('trigger').length).toBeGreaterThan(5);
    for (const { trigger } of of('trigger'))
      for (const muted of [false, true])
        expect(rowIn({ kind: 'trigger', trigger, muted })).toEqual({
          table: 'trigger_events',
          row: triggerRow(trigger, muted, TEST_POLICY),
        });
  });

  it('of a dead letter, too', () => {
    expect(of('dead_letter').length).toBeGreaterThan(0);
    for (const announcement of of('dead_letter'))
      expect(rowIn(announcement)).toEqual({
        table: 'dead_letters',
        row: deadLetterRow(announcement.letter),
      });
  });

  it('as a muted trigger is of no type that calls for action, and else the same', () => {
    for (const { trigger } of of('trigger')) {
      const event = triggerEvent(trigger, TEST_POLICY);
      expect(JSON.parse(encode({ kind: 'trigger', trigger, muted: false }).text)).toEqual(event);
      expect(JSON.parse(encode({ kind: 'trigger', trigger, muted: true }).text)).toEqual({
        ...event,
        type: `io.tidemark.muted-trigger.${trigger.rule.name}`,
      });
    }
  });

  it('says its media type', () => {
    const types = new Set(announced.map((each) => `${each.kind} ${encode(each).contentType}`));
    expect([...types].sort()).toEqual([
      'dead_letter application/json',
      'transition application/cloudevents+json; charset=UTF-8',
      'trigger application/cloudevents+json; charset=UTF-8',
    ]);
  });

  it.each([
    ['transition', 'tag-changed'],
    ['trigger', 'trigger'],
    ['dead_letter', 'dead-letter'],
  ] as const)('keeps to its JSON Schema: %s', (kind, name) => {
    const schema = MESSAGE_JSON_SCHEMAS[`${name}.schema.json`]?.() ?? {};
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
    for (const announcement of of(kind)) {
      const message = JSON.parse(encode(announcement).text) as Record<string, unknown>;
      const described = kind === 'dead_letter' ? message : message['data'];
      expect(validate(described), JSON.stringify(validate.errors)).toBe(true);
      if (kind !== 'dead_letter') expect(message['dataschema']).toBe(schema['$id']);
    }
  });

  it.each(Object.entries(MESSAGE_JSON_SCHEMAS))('is described by the committed %s', (file, make) => {
    const committed = readFileSync(join(ROOT, 'schemas', file), 'utf8');
    expect(committed).toBe(`${JSON.stringify(make(), null, 2)}\n`);
  });

  const changed = { specversion: '1.0', id: 'i', type: 'io.tidemark.tag.changed', subject: 'ann' };
  it.each([
    ['not JSON', '{"type":', 'malformed', 'not JSON'],
    ['no object', '3', 'invalid_shape', 'object'],
    ['another type', '{"type":"com.example.tag"}', 'invalid_shape', 'type'],
    ['no type', '{}', 'invalid_shape', 'type'],
    ['no time', JSON.stringify(changed), 'invalid_shape', 'time'],
    ['a trigger without data', '{"type":"io.tidemark.trigger.x"}', 'invalid_shape', 'specversion'],
  ])('is refused as a value when it cannot be read: %s', (_, text, reason, detail) => {
    const error = { reason, detail: expect.stringContaining(detail) as string };
    expect(decodeDecision(text)).toMatchObject({ ok: false, error });
    expect(decodeDeadLetter(text)).toMatchObject({ ok: false });
  });
});
