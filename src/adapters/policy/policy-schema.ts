import { z } from 'zod';
import { CATALOGUE } from '../../core/features/catalogue.ts';
import { shown } from './mistake.ts';
import { suggest } from './nearest-names.ts';
import {
  COMBINERS,
  CURRENCY,
  DURATION,
  type EXIT_BANDS,
  NAME,
  OPERATORS,
  POLICY_NAME,
  REQUIRED_SCORES,
  SCORE_SUFFIX,
  UTC_OFFSET,
} from './policy-words.ts';

const FEATURE_NAMES = CATALOGUE.map(({ name }) => name);

/** A condition as the file states it: one key, which is all, any, not or the name of a feature or score. */
export interface ConditionSource {
  readonly [key: string]: ConditionSource | readonly ConditionSource[] | TestSource | undefined;
}

export type TestSource = Readonly<
  Partial<Record<(typeof OPERATORS)[number] | (typeof EXIT_BANDS)[number], number>>
>;

export type PolicySource = z.output<ReturnType<typeof policySchema>>;

/**
 * The shape of a policy file: types, spelling of keys and formats; what one part says about another is
 * check-rules.ts's. `extraScores` are the names conditions may use beyond the catalogue and the required scores.
 * Every message is complete: what is wrong, then the mend. Those of unknown keys have a line per key.
 */
export function policySchema(extraScores: readonly string[]) {
  const condition = conditionSchema(extraScores);
  const tag = entry('tag', {
    about: text('a sentence for colleagues').optional(),
    when: condition.describe('What lets a person in, and with exit bands, what keeps them in'),
    dwell: duration('The least time the tag holds before it gives way to any other').optional(),
    grace: duration('How long the conditions must have failed without a break before a lower tag').optional(),
  });
  const dimension = entry('dimension', {
    about: text('a sentence for colleagues').optional(),
    side: choice(['buyer', 'seller', 'both']).describe('Which side of a trade the question is about'),
    ladder: z
      .boolean({ error: ({ input }) => `${shown(input)} is neither true nor false; write one of them` })
      .describe('Tags are levels, best first: up at once to any, down one at a time')
      .optional(),
    among: condition
      .describe(
        'Whom the question concerns; who it does not hold for has no tag at once, whatever dwell or grace',
      )
      .optional(),
    tags: named('tag', tag).meta({
      description: 'In order of precedence: of those that hold, the first is the person’s',
      minProperties: 1,
    }),
  });
  const trigger = entry('trigger', {
    about: text('a sentence for colleagues').optional(),
    on: entry('on', {
      dimension: text('the name of a dimension of this file'),
      to: text('the tag (or none) whose beginning sets the trigger off'),
      from: z
        .array(text('a tag of the dimension, or none'), {
          error: ({ input }) => `${shown(input)} is not a list of tags; write it like [dormant_buyer]`,
        })
        .describe('Only when the tag before was one of these; without it, any')
        .optional(),
    }),
    cooldown: duration('Not fired again for the same person within this time'),
    action: text('what the marketing system should do; Tidemark passes it on unread'),
  });
  return entry('policy', {
    name: pattern(POLICY_NAME, 'a name', 'lower-case letters, digits, - and _, like marketplace'),
    version: z
      .int({ error: ({ input }) => expected(input, 'a version', 'a whole number from 1 on') })
      .min(1, { error: ({ input }) => expected(input, 'a version', 'a whole number from 1 on') })
      .describe('The author’s count of editions; a hash of the content is added to it'),
    currency: currency().describe('Reporting currency (ISO 4217): thresholds of money features are in it'),
    rates: z
      .record(
        currency(),
        z
          .number({ error: ({ input }) => expected(input, 'a rate', 'a number above 0') })
          .positive({ error: ({ input }) => expected(input, 'a rate', 'a number above 0') }),
        {
          error: ({ code, input }) =>
            code === 'invalid_key'
              ? 'is not a currency code; write the three capital letters of ISO 4217, like CNY'
              : expected(input, 'a table of rates', 'currency: rate pairs, like USD: 7.1'),
        },
      )
      .describe('One unit of another currency in the reporting currency; others are refused')
      .optional(),
    utc_offset: pattern(UTC_OFFSET, 'an offset from UTC', 'quoted hours and minutes, like "+08:00"').describe(
      'Calendar months and review periods begin at this offset',
    ),
    review_every: choice(['day', 'week', 'month', 'quarter']).describe(
      'When quantile cut points and the platform’s mean order are frozen anew',
    ),
    scores: scoresSchema(),
    dimensions: named('dimension', dimension),
    triggers: named('trigger', trigger).optional(),
  });
}

function scoresSchema() {
  const score = entry('score', {
    feature: z
      .enum(FEATURE_NAMES, {
        error: ({ input }) =>
          input === undefined
            ? 'is missing; name the feature the score is made of'
            : `no feature is called ${shown(input)}; ${suggest(textOf(input), FEATURE_NAMES, SEE_FEATURES)}`,
      })
      .describe('The number that becomes a score from 1 (worst) to 5 (best)'),
    better: choice(['higher', 'lower']).describe('Which values of the feature are the good ones'),
    bands: z
      .array(number('A threshold; a value on it has the better score'), {
        error: ({ input }) => expected(input, 'a list of bands', 'the thresholds of scores 2, 3, 4 and 5'),
      })
      .length(4, { error: FOUR_BANDS })
      .describe('Thresholds of the scores 2, 3, 4 and 5, from worse to better')
      .optional(),
    by: choice(['quantiles']).describe('Fifths of the population, frozen for each review period').optional(),
  }).meta({ id: 'score', oneOf: [{ required: ['bands'] }, { required: ['by'] }] });
  const required = Object.fromEntries(REQUIRED_SCORES.map((name) => [name, score]));
  return z
    .object(required, { error: ({ input }) => expected(input, 'a table of scores', 'name: score pairs') })
    .catchall(score)
    .meta({
      description: `${REQUIRED_SCORES.join(', ')}, and any others whose name ends in ${SCORE_SUFFIX}`,
      propertyNames: { pattern: `^(?:${REQUIRED_SCORES.join('|')}|[a-z][a-z0-9_]*${SCORE_SUFFIX})$` },
    });
}

function conditionSchema(extraScores: readonly string[]): z.ZodType<ConditionSource> {
  const operator = (words: string) => number(words).optional();
  const test = entry('condition', {
    at_least: operator('Lets in from this value on'),
    above: operator('Lets in beyond this value'),
    at_most: operator('Lets in up to this value'),
    below: operator('Lets in under this value'),
    until_below: operator('Exit band of at_least and above: who is in stays until the value falls below'),
    until_above: operator('Exit band of at_most and below: who is in stays until the value rises above'),
  }).meta({ id: 'test', ...ONE_OPERATOR });
  const features = CATALOGUE.map(
    ({ name, about, unit }) => [name, test.optional().meta({ description: `${about} (${unit})` })] as const,
  );
  const scores = [...REQUIRED_SCORES, ...extraScores].map(
    (name) => [name, test.optional().meta({ description: `score ${name} of this policy, 1 to 5` })] as const,
  );
  const list = z
    .array(
      z.lazy(() => condition),
      {
        error: ({ input }) => expected(input, 'a list of conditions', '- feature: {operator: number} lines'),
      },
    )
    .min(1, { error: 'is an empty list and would decide nothing; add a condition or take it out' })
    .meta({ id: 'conditions' });
  const known = [...COMBINERS, ...FEATURE_NAMES, ...REQUIRED_SCORES, ...extraScores];
  const condition: z.ZodType<ConditionSource> = z
    .strictObject(
      {
        ...Object.fromEntries([...scores, ...features]),
        all: list.optional().meta({ id: 'all', description: 'Holds when every one of these does' }),
        any: list.optional().meta({ id: 'any', description: 'Holds when at least one of these does' }),
        not: z
          .lazy(() => condition)
          .describe('Holds when this does not')
          .optional(),
      },
      {
        error: (issue) =>
          issue.code === 'unrecognized_keys'
            ? linePerKey(
                issue.keys,
                (key) => `no feature or score is called ${shown(key)}; ${suggest(key, known, SEE_FEATURES)}`,
              )
            : expected(issue.input, 'a condition', 'feature: {operator: number}, or all, any or not'),
      },
    )
    .meta({
      id: 'condition',
      minProperties: 1,
      maxProperties: 1,
      patternProperties: { [`^[a-z][a-z0-9_]*${SCORE_SUFFIX}$`]: { $ref: '#/$defs/test' } },
    });
  return condition;
}

/** For editors; check-condition.ts says it in words. */
const ONE_OPERATOR = {
  oneOf: OPERATORS.map((operator) => ({ required: [operator] })),
  dependentSchemas: {
    until_below: { anyOf: [{ required: ['at_least'] }, { required: ['above'] }] },
    until_above: { anyOf: [{ required: ['at_most'] }, { required: ['below'] }] },
  },
};
const SEE_FEATURES = 'src/docs/features.md lists them all';
const FOUR_BANDS = ({ input }: { input?: unknown }): string =>
  `has ${Array.isArray(input) ? input.length : 'no'} thresholds; give four, those of the scores 2, 3, 4 and 5`;

/** An object of known keys; others are refused with the nearest known one. */
function entry<T extends z.ZodRawShape>(what: string, shape: T) {
  const keys = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? linePerKey(
            issue.keys,
            (key) =>
              `unknown key ${shown(key)}; ${suggest(key, keys, `the keys here are ${keys.join(', ')}`)}`,
          )
        : expected(issue.input, `a ${what} with its keys`, `${keys.join(', ')} as they apply`),
  });
}

/** Names of the author's choice, each with an entry. */
function named<T extends z.ZodType>(what: string, value: T) {
  return z.record(z.string().regex(NAME), value, {
    error: (issue) =>
      issue.code === 'invalid_key'
        ? 'is no name; use lower-case letters, digits and _, beginning with a letter'
        : expected(issue.input, `a table of ${what}s`, `the name of each ${what} and its keys below it`),
  });
}

function text(what: string) {
  return z
    .string({ error: ({ input }) => expected(input, 'a text', what) })
    .min(1, { error: `is empty; write ${what}` })
    .describe(what);
}

function pattern(form: RegExp, what: string, mend: string) {
  const error = ({ input }: { input?: unknown }): string => expected(input, what, mend);
  return z.string({ error }).regex(form, { error });
}

function duration(words: string) {
  return pattern(DURATION, 'a duration', 'a whole number and d, h or m, like 90d, 12h or 30m').describe(
    words,
  );
}

function currency() {
  return pattern(CURRENCY, 'a currency code', 'the three capital letters of ISO 4217, like CNY');
}

function choice<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, {
    error: ({ input }) => {
      const all = values.length === 1 ? values[0] : `one of ${values.join(', ')}`;
      if (input === undefined) return `is missing; write ${all}`;
      return `${shown(input)} is not known here; ${suggest(textOf(input), values, `write ${all}`)}`;
    },
  });
}

function number(words: string) {
  return z.number({ error: ({ input }) => expected(input, 'a number', 'a plain number') }).describe(words);
}

function expected(input: unknown, what: string, mend: string): string {
  if (input === undefined) return `is missing; write ${mend}`;
  if (input === null) return `is empty; write ${mend}`;
  return `${shown(input)} is not ${what}; write ${mend}`;
}

function linePerKey(keys: readonly string[], words: (key: string) => string): string {
  return keys.map(words).join('\n');
}

function textOf(input: unknown): string {
  return typeof input === 'string' ? input : '';
}
