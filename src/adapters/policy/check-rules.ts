import { featureNamed } from '../../core/features/catalogue.ts';
import { NO_TAG } from '../../core/tagging/policy.ts';
import { checkCondition } from './check-condition.ts';
import { shown, type Mistake, type Path } from './mistake.ts';
import { suggest } from './nearest-names.ts';
import { CURRENCY, NAME, REQUIRED_SCORES, SCORE_SUFFIX } from './policy-words.ts';
import { entriesOf, field } from './raw-value.ts';

/**
 * What the parts of a policy say about one another: references, directions, order, and what is too little or
 * too much. Reads the file as it is, whatever its shape, so that these mistakes are told together with those of
 * shape; where a part has the wrong shape it is passed over here.
 */
export function checkRules(policy: unknown): Mistake[] {
  const scores = entriesOf(field(policy, 'scores'));
  const scoreNames = new Set([...REQUIRED_SCORES, ...scores.map(([name]) => name)]);
  return [
    ...checkCurrency(policy),
    ...scores.flatMap(([name, score]) => checkScore(name, score)),
    ...entriesOf(field(policy, 'dimensions')).flatMap(([name, dimension]) =>
      checkDimension(['dimensions', name], dimension, scoreNames),
    ),
    ...entriesOf(field(policy, 'triggers')).flatMap(([name, trigger]) =>
      checkTrigger(['triggers', name, 'on'], field(trigger, 'on'), policy),
    ),
  ];
}

/** Names of scores the file adds to the required ones, as far as they are fit to be used. */
export function extraScoreNames(policy: unknown): string[] {
  return entriesOf(field(policy, 'scores')).flatMap(([name]) => (scoreNameFault(name) === '' ? [name] : []));
}

function checkCurrency(policy: unknown): Mistake[] {
  const currency = field(policy, 'currency');
  const rates = entriesOf(field(policy, 'rates'));
  const codes: [Path, unknown][] = [
    [['currency'], currency],
    ...rates.map(([code]): [Path, unknown] => [['rates', code], code]),
  ];
  const unknown = codes.flatMap(([path, code]): Mistake[] =>
    typeof code === 'string' && CURRENCY.test(code) && !KNOWN_CURRENCIES.has(code)
      ? [
          {
            path,
            on: path.length === 1 ? 'value' : 'key',
            message: `${shown(code)} is no currency of ISO 4217; write a code of it, like CNY`,
          },
        ]
      : [],
  );
  const own = rates.some(([code]) => code === currency);
  if (!own) return unknown;
  const message = 'is the reporting currency itself, which needs no rate; take it out';
  return [...unknown, { path: ['rates', String(currency)], on: 'key', message }];
}

const KNOWN_CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

function checkScore(name: string, score: unknown): Mistake[] {
  const path = ['scores', name];
  const mistakes: Mistake[] = [];
  const fault = scoreNameFault(name);
  if (fault !== '' && !isRequired(name)) mistakes.push({ path, on: 'key', message: fault });
  const bands = field(score, 'bands');
  const by = field(score, 'by');
  if (bands !== undefined && by !== undefined) {
    const message = 'stands beside bands; keep bands for fixed thresholds or by for quantiles';
    mistakes.push({ path: [...path, 'by'], on: 'key', message });
  }
  const keys = entriesOf(score).map(([key]) => key);
  if (bands === undefined && by === undefined && keys.every((key) => key === 'feature' || key === 'better')) {
    const message = 'has no thresholds; write bands: [four thresholds] or by: quantiles';
    mistakes.push({ path, on: 'key', message });
  }
  return [...mistakes, ...checkBands([...path, 'bands'], bands, field(score, 'better'))];
}

function checkBands(path: Path, bands: unknown, better: unknown): Mistake[] {
  if (!Array.isArray(bands) || (better !== 'higher' && better !== 'lower')) return [];
  const sign = better === 'higher' ? 1 : -1;
  const values: unknown[] = bands;
  const wrong = values.findIndex((band, i) => {
    const before = values[i - 1];
    return typeof band === 'number' && typeof before === 'number' && sign * band <= sign * before;
  });
  if (wrong === -1) return [];
  const way = better === 'higher' ? 'rise' : 'fall';
  const message =
    `${shown(values[wrong])} after ${shown(values[wrong - 1])} is out of order; ` +
    `thresholds ${way} from score 2 to score 5 where ${better} is better`;
  return [{ path: [...path, wrong], on: 'value', message }];
}

/** Empty when a policy may add a score of this name. */
function scoreNameFault(name: string): string {
  if (!NAME.test(name)) {
    return 'is no name; use lower-case letters, digits and _, beginning with a letter';
  }
  if (featureNamed(name) !== undefined) return 'is the name of a feature already; choose another';
  if (name.endsWith(SCORE_SUFFIX)) return '';
  const required = REQUIRED_SCORES.join(', ');
  return `is a name for none but ${required}; end the name of any other score in ${SCORE_SUFFIX}, like ${name}${SCORE_SUFFIX}`;
}

function isRequired(name: string): boolean {
  return REQUIRED_SCORES.some((required) => required === name);
}

function checkDimension(path: Path, dimension: unknown, scoreNames: ReadonlySet<string>): Mistake[] {
  const stated = field(dimension, 'tags');
  const tags = entriesOf(stated);
  const isTable = typeof stated === 'object' && stated !== null && !Array.isArray(stated);
  if (isTable && tags.length === 0) {
    return [
      { path: [...path, 'tags'], on: 'value', message: 'has no tag; add one or take the dimension out' },
    ];
  }
  const among = field(dimension, 'among');
  const ofAmong = among === undefined ? [] : checkCondition([...path, 'among'], among, scoreNames);
  const ofTags = tags.flatMap(([name, tag]) => [
    ...(name === NO_TAG
      ? [
          {
            path: [...path, 'tags', name],
            on: 'key',
            message: `is what holding no tag is called; choose another name`,
          } as const,
        ]
      : []),
    ...checkCondition([...path, 'tags', name, 'when'], field(tag, 'when'), scoreNames),
  ]);
  return [...ofAmong, ...ofTags];
}

function checkTrigger(path: Path, on: unknown, policy: unknown): Mistake[] {
  const dimensions = entriesOf(field(policy, 'dimensions'));
  const name = field(on, 'dimension');
  if (typeof name !== 'string' || name === '') return [];
  const dimension = dimensions.find(([known]) => known === name)?.[1];
  if (dimension === undefined) {
    const known = dimensions.map(([one]) => one);
    const mend = suggest(name, known, `the dimensions are ${known.join(', ')}`);
    const message = `no dimension is called ${shown(name)}; ${mend}`;
    return [{ path: [...path, 'dimension'], on: 'value', message }];
  }
  const tags = [...new Set([...entriesOf(field(dimension, 'tags')).map(([tag]) => tag), NO_TAG])];
  const check = (at: Path, tag: unknown): Mistake[] => {
    if (typeof tag !== 'string' || tag === '' || tags.includes(tag)) return [];
    const mend = suggest(tag, tags, `its tags are ${tags.join(', ')}`);
    return [{ path: at, on: 'value', message: `${name} has no tag ${shown(tag)}; ${mend}` }];
  };
  const to = field(on, 'to');
  const from = field(on, 'from');
  const origins: unknown[] = Array.isArray(from) ? from : [];
  return [
    ...check([...path, 'to'], to),
    ...origins.flatMap((tag, i) => check([...path, 'from', i], tag)),
    ...origins.flatMap((tag, i): Mistake[] =>
      tag === to
        ? [
            {
              path: [...path, 'from', i],
              on: 'value',
              message: `${shown(tag)} is where the trigger leads to; a transition comes from another tag`,
            },
          ]
        : [],
    ),
  ];
}
