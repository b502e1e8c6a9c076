import { err, ok } from '../../core/result.ts';
import { TAG_CHANGED } from '../../core/triggers/transition-event.ts';
import type { RecordDecoder } from '../../ports/record-decoder.ts';
import type { SinkRow } from '../../ports/sink-row.ts';
import { MUTED_TRIGGER, TRIGGER } from './event-types.ts';
import { deadLetterMessage, eventOf, tagChangedData, triggerData } from './message-schemas.ts';
import { checked, parseObject } from './parse-message.ts';

type Decoded = ReturnType<RecordDecoder<SinkRow>>;

const tagChanged = eventOf(tagChangedData);
const trigger = eventOf(triggerData);

/**
 * Reads a message of the topics of tags and of triggers to the row that a run in one process would have written,
 * byte for byte. Total: what is none of these CloudEvents is rejected as a value.
 */
export const decodeDecision: RecordDecoder<SinkRow> = (text) => {
  const json = parseObject(text);
  if (!json.ok) return json;
  const { type } = json.value as { readonly type?: unknown };
  if (type === TAG_CHANGED) return decodeTransition(json.value);
  if (typeof type === 'string') {
    if (type.startsWith(TRIGGER)) return decodeTrigger(json.value, false, text);
    if (type.startsWith(MUTED_TRIGGER)) {
      const sent = { ...json.value, type: TRIGGER + type.slice(MUTED_TRIGGER.length) };
      return decodeTrigger(sent, true, JSON.stringify(sent));
    }
  }
  return err({ reason: 'invalid_shape', detail: 'type: no CloudEvent of a tag or a trigger' });
};

/** Reads a message of the dead-letter topic. Total, as {@link decodeDecision}. */
export const decodeDeadLetter: RecordDecoder<SinkRow> = (text) => {
  const json = parseObject(text);
  if (!json.ok) return json;
  const message = checked(deadLetterMessage, json.value);
  if (!message.ok) return message;
  const { receivedAt, ...columns } = message.value;
  return ok({ event: { table: 'dead_letters', row: { ...columns, received_at: Date.parse(receivedAt) } } });
};

function decodeTransition(json: object): Decoded {
  const event = checked(tagChanged, json);
  if (!event.ok) return event;
  const { data } = event.value;
  const effectiveAt = Date.parse(data.effectiveAt);
  // As they came: a schema puts the fields that it knows first.
  const { reasons } = (json as { readonly data: { readonly reasons: readonly unknown[] } }).data;
  const row = {
    transition_id: data.transitionId,
    person_id: data.personId,
    dimension: data.dimension,
    from_tag: data.from,
    to_tag: data.to,
    cause: data.cause,
    cause_ref: data.causeRef,
    effective_at: effectiveAt,
    // The clock of the stream, as runs in one process have it.
    decided_at: effectiveAt,
    next_change_at: data.nextChangeAt === null ? null : Date.parse(data.nextChangeAt),
    reasons: JSON.stringify(reasons),
    policy_version: data.policyVersion,
    model_version: data.modelVersion,
  };
  return ok({ event: { table: 'tag_transitions', row } });
}

/** `text` is the event as subscribers get it, or would have. */
function decodeTrigger(json: object, muted: boolean, text: string): Decoded {
  const event = checked(trigger, json);
  if (!event.ok) return event;
  const { id, time, data } = event.value;
  const row = {
    trigger_id: id,
    person_id: data.personId,
    trigger: data.trigger,
    transition_id: data.transitionId,
    dimension: data.dimension,
    tag: data.to,
    fired_at: Date.parse(time),
    muted,
    event: text,
    policy_version: data.policyVersion,
  };
  return ok({ event: { table: 'trigger_events', row } });
}
