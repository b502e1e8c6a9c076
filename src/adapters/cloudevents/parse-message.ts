import type * as z from 'zod';
import type { Rejection } from '../../core/events/event.ts';
import { err, ok, type Result } from '../../core/result.ts';

/** The JSON object that a message is, or why it is none. */
export function parseObject(text: string): Result<object, Rejection> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // What the parser says quotes the text, and that is somebody's.
    return err({ reason: 'malformed', detail: 'not JSON' });
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return ok(json);
  return err({ reason: 'invalid_shape', detail: 'expected one JSON object' });
}

/** What the schema makes of it, or the first field that is wrong; no value is quoted. */
export function checked<S extends z.ZodType>(schema: S, json: object): Result<z.output<S>, Rejection> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  const path = issue?.path.join('.') ?? '';
  return err({ reason: 'invalid_shape', detail: `${path === '' ? 'message' : path}: ${issue?.message}` });
}
