import * as z from 'zod';

const id = z.string().min(1);
const time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  .refine((text) => Number.isFinite(Date.parse(text)), { error: 'no such time' })
  .meta({ format: 'date-time' });
const cause = z
  .string()
  .min(1)
  .describe('What made it change: event, time, late_event, refund, merge, population, policy or model.');
const from = z.string().min(1).describe('The tag before; `none` when the person held none.');
const to = z.string().min(1).describe('The tag that holds now; `none` when the person holds none.');
const nextChangeAt = time
  .nullable()
  .describe('When it changes again if nothing more happens; null: time alone never changes it.');

const ruleReason = z.looseObject({
  feature: id,
  value: z.number().nullable().describe('The person’s own number; null when there is none.'),
  threshold: z.number().nullable(),
  words: z.string(),
});
const modelReason = z.looseObject({
  family: id,
  share: z.number().nullable(),
  logitChange: z.number().nullable(),
  words: z.string(),
});

/** `data` of `io.tidemark.tag.changed`. */
export const tagChangedData = z.object({
  transitionId: id.describe(
    'The same decision has the same id for ever: remember it, and you see each once.',
  ),
  personId: id,
  dimension: id.describe('The question that the tag answers.'),
  from,
  to,
  cause,
  causeRef: z.string().describe('What exactly: a messageId, a version; empty for time.'),
  effectiveAt: time.describe('From when the new tag holds, UTC.'),
  nextChangeAt,
  reasons: z
    .array(z.union([ruleReason, modelReason]))
    .describe('The conditions that held or were lost, then what moved the model’s score.'),
  policyVersion: z.string(),
  modelVersion: z
    .string()
    .describe('Of the models whose scores the dimension reads; empty where it reads none.'),
});

/** `data` of `io.tidemark.trigger.<name>`, and of the muted ones. */
export const triggerData = z.object({
  trigger: id.describe('Name of the trigger in the policy.'),
  action: z.string().describe('What the policy asks for.'),
  personId: id,
  dimension: id,
  from,
  to,
  cause,
  transitionId: id.describe('The transition that called for it.'),
  effectiveAt: time,
  nextChangeAt,
  reasons: z.array(z.string()).describe('In words.'),
  policyVersion: z.string(),
});

/** A record that could not be used; a message of the dead-letter topic. */
export const deadLetterMessage = z.object({
  source: id.describe('The stream it came from: a topic with its partition.'),
  offset: z.int().nonnegative().describe('Its position in that stream.'),
  place: z.string().describe('Where to look for it.'),
  reason: id.describe('Why it cannot be used, one word of a fixed list.'),
  detail: z.string().describe('The field and the value, in one sentence.'),
  raw: z.string().describe('The original text, cut where it is long; bytes that are no text as `base64:…`.'),
  receivedAt: time.describe('When it reached us, UTC.'),
});

/** The attributes of CloudEvents 1.0 that are read, around `data`. */
export function eventOf<Data extends z.ZodType>(data: Data) {
  return z.object({
    specversion: z.literal('1.0'),
    id,
    type: id,
    subject: id,
    time,
    data,
  });
}
