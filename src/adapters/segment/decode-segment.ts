import type { EventProperties, Rejection, RejectReason, TrackedEvent } from '../../core/events/event.ts';
import { isEventName } from '../../core/events/names.ts';
import { isBlank } from '../../core/is-blank.ts';
import { parseInstant } from '../../core/parse-instant.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { instant, type Instant } from '../../core/time.ts';
import type { DecodedRecord } from '../../ports/record-decoder.ts';
import { readProperties } from './read-properties.ts';
import { callSchemas, isTrackEnvelope, trackEnvelopeSchema, type WireEnvelope } from './wire-schema.ts';

const NO_PROPERTIES: EventProperties = {};

type Decoded = Result<DecodedRecord, Rejection>;

/**
 * One call of the Segment spec, as one JSON object, to an event. `alias` becomes `Account Merged`, `identify`
 * `Profile Updated`, `page` and `screen` `Page Viewed`, `group` `Group Joined`. The person is `userId`, or else
 * `anonymousId`; numbers are taken as their digits. The time is `timestamp`, or else by the spec's rule
 * `receivedAt − (sentAt − originalTimestamp)`, or what there is of these. Properties of unknown event names are
 * not looked at, so that nothing in them can fail. About 4 µs for a call of 400 bytes, half of it JSON.parse.
 */
export function decodeSegment(text: string): Decoded {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return reject('malformed', `not JSON: ${(error as Error).message}`);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return reject(
      'invalid_shape',
      `expected one JSON object, found ${Array.isArray(json) ? 'a list' : typeof json}`,
    );
  }
  const { type, event } = json as { type?: unknown; event?: unknown };
  switch (type ?? (event === undefined ? undefined : 'track')) {
    case 'track':
      return decodeTrack(json, isEventName(event as string));
    case 'identify':
      return decodePlain(json, callSchemas.identify, 'Profile Updated');
    case 'group':
      return decodePlain(json, callSchemas.group, 'Group Joined');
    case 'alias':
      return decodeAlias(json);
    case 'page':
      return decodeView(json, callSchemas.page);
    case 'screen':
      return decodeView(json, callSchemas.screen);
    default:
      return reject(
        'invalid_shape',
        `type is ${show(type)}; expected ${Object.keys(callSchemas).join(', ')}`,
      );
  }
}

function decodeTrack(json: object, isKnown: boolean): Decoded {
  if (!isTrackEnvelope(json)) return shapeless(trackEnvelopeSchema.safeParse(json).error?.issues ?? []);
  const { event, properties } = json;
  if (!isKnown || properties === undefined || properties === null) return finish(json, event, NO_PROPERTIES);
  if (typeof properties === 'object' && !Array.isArray(properties)) {
    const read = readProperties(properties, event);
    if (!read.misshapen)
      return read.rejection === undefined ? finish(json, event, read.properties) : err(read.rejection);
  }
  return shapeless(callSchemas.track.safeParse(json).error?.issues ?? []);
}

function decodePlain(
  json: object,
  schema: typeof callSchemas.identify | typeof callSchemas.group,
  name: string,
): Decoded {
  const call = schema.safeParse(json);
  return call.success ? finish(call.data, name, NO_PROPERTIES) : shapeless(call.error.issues);
}

function decodeAlias(json: object): Decoded {
  const call = callSchemas.alias.safeParse(json);
  if (!call.success) return shapeless(call.error.issues);
  const previousId = idOf(call.data.previousId);
  if (previousId === undefined) return reject('invalid_shape', 'previousId is empty');
  return finish(call.data, 'Account Merged', { previousId });
}

function decodeView(json: object, schema: typeof callSchemas.page | typeof callSchemas.screen): Decoded {
  const call = schema.safeParse(json);
  if (!call.success) return shapeless(call.error.issues);
  const section = call.data.properties?.section ?? call.data.name;
  return finish(
    call.data,
    'Page Viewed',
    section === undefined || section === null ? NO_PROPERTIES : { section },
  );
}

function finish(call: WireEnvelope, name: string, properties: EventProperties): Decoded {
  const personId = idOf(call.userId) ?? idOf(call.anonymousId);
  if (personId === undefined) return reject('missing_person', 'neither userId nor anonymousId');
  let receivedAt: Instant | undefined;
  if (isGiven(call.receivedAt)) {
    receivedAt = parseInstant(call.receivedAt);
    if (receivedAt === undefined) return unreadableTime('receivedAt', call.receivedAt);
  }
  const at = happenedAt(call, receivedAt);
  if (!at.ok) return at;
  const event: TrackedEvent = { messageId: String(call.messageId), personId, at: at.value, name, properties };
  return ok(receivedAt === undefined ? { event } : { event, receivedAt });
}

function happenedAt(call: WireEnvelope, receivedAt: Instant | undefined): Result<Instant, Rejection> {
  const { timestamp, originalTimestamp, sentAt } = call;
  if (isGiven(timestamp)) return readTime('timestamp', timestamp);
  if (isGiven(originalTimestamp)) {
    const original = readTime('originalTimestamp', originalTimestamp);
    if (!original.ok || receivedAt === undefined || !isGiven(sentAt)) return original;
    const sent = readTime('sentAt', sentAt);
    return sent.ok ? ok(instant(receivedAt - (sent.value - original.value))) : sent;
  }
  if (receivedAt !== undefined) return ok(receivedAt);
  if (isGiven(sentAt)) return readTime('sentAt', sentAt);
  return reject('invalid_timestamp', 'timestamp is missing');
}

function readTime(field: string, value: string | number): Result<Instant, Rejection> {
  const at = parseInstant(value);
  return at === undefined ? unreadableTime(field, value) : ok(at);
}

function unreadableTime(field: string, value: string | number): Result<never, Rejection> {
  const expected = 'expected ISO 8601, or epoch seconds or milliseconds, from 1990 on';
  return reject('invalid_timestamp', `${field} is ${show(value)}; ${expected}`);
}

function isGiven(value: string | number | null | undefined): value is string | number {
  return value !== undefined && value !== null && value !== '';
}

function idOf(value: string | number | null | undefined): string | undefined {
  if (typeof value === 'number') return String(value);
  return value === undefined || value === null || isBlank(value) ? undefined : value;
}

function shapeless(issues: readonly { path: PropertyKey[]; message: string }[]): Decoded {
  const issue = issues[0];
  const path = (issue?.path ?? []).reduce<string>(
    (name, key) =>
      typeof key === 'number' ? `${name}[${key}]` : name === '' ? String(key) : `${name}.${String(key)}`,
    '',
  );
  return reject('invalid_shape', `${path}: ${issue?.message ?? 'unexpected'}`);
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function reject(reason: RejectReason, detail: string): Result<never, Rejection> {
  return err({ reason, detail });
}
