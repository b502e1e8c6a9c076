import { shown, type Mistake, type Path } from './mistake.ts';
import { COMBINERS, EXIT_BANDS, OPERATORS } from './policy-words.ts';
import { entriesOf, field } from './raw-value.ts';

/** What is too much, too little or the wrong way round in a condition and all below it. */
export function checkCondition(path: Path, condition: unknown, scoreNames: ReadonlySet<string>): Mistake[] {
  if (typeof condition !== 'object' || condition === null || Array.isArray(condition)) return [];
  const [first, second] = entriesOf(condition);
  if (first === undefined) {
    return [{ path, on: 'value', message: 'is an empty condition; write feature: {operator: number}' }];
  }
  const mistakes = entriesOf(condition).flatMap(([key, value]) => {
    const below = [...path, key];
    if (key === 'not') return checkCondition(below, value, scoreNames);
    if (!COMBINERS.some((one) => one === key)) return checkTest(below, value, scoreNames.has(key));
    const parts: unknown[] = Array.isArray(value) ? value : [];
    return parts.flatMap((part, i) => checkCondition([...below, i], part, scoreNames));
  });
  if (second === undefined) return mistakes;
  const message = `stands beside ${first[0]} in one condition; put each on a line of its own under all or any`;
  return [{ path: [...path, second[0]], on: 'key', message }, ...mistakes];
}

function checkTest(path: Path, test: unknown, isScore: boolean): Mistake[] {
  if (typeof test !== 'object' || test === null || Array.isArray(test)) return [];
  const stated = OPERATORS.filter((operator) => field(test, operator) !== undefined);
  const [operator, second] = stated;
  const mistakes = isScore ? checkScoreRange(path, test) : [];
  if (operator === undefined) {
    const isMisspelt = entriesOf(test).some(([key]) => !EXIT_BANDS.some((band) => band === key));
    if (isMisspelt) return mistakes;
    const message = `states no threshold; write one of ${OPERATORS.join(', ')}, like {at_least: 3}`;
    return [...mistakes, { path, on: 'key', message }];
  }
  if (second !== undefined) {
    const message = `stands beside ${operator}; test the feature twice under all, once with each`;
    mistakes.push({ path: [...path, second], on: 'key', message });
  }
  return [...mistakes, ...EXIT_BANDS.flatMap((band) => checkBand(path, test, operator, band))];
}

function checkBand(
  path: Path,
  test: object,
  operator: (typeof OPERATORS)[number],
  band: (typeof EXIT_BANDS)[number],
): Mistake[] {
  const until = field(test, band);
  const entry = field(test, operator);
  if (until === undefined) return [];
  const isFloor = operator === 'at_least' || operator === 'above';
  const fitting = isFloor ? 'until_below' : 'until_above';
  if (band !== fitting) {
    const message = `does not go with ${operator}; the exit band of ${operator} is ${fitting}`;
    return [{ path: [...path, band], on: 'key', message }];
  }
  if (typeof until !== 'number' || typeof entry !== 'number') return [];
  const looser = isFloor ? entry - until : until - entry;
  const isInclusive = operator === 'at_least' || operator === 'at_most';
  if (looser > 0 || (looser === 0 && !isInclusive)) return [];
  const side = isFloor ? 'below' : 'above';
  const message =
    looser === 0
      ? `${shown(until)} is the entry threshold itself and makes no band; take it out or set it ${side} ${entry}`
      : `${shown(until)} is on the wrong side of the entry threshold ${entry}: who enters would leave at once; set it ${side} ${entry}`;
  return [{ path: [...path, band], on: 'value', message }];
}

function checkScoreRange(path: Path, test: object): Mistake[] {
  return [...OPERATORS, ...EXIT_BANDS].flatMap((key): Mistake[] => {
    const value = field(test, key);
    if (typeof value !== 'number' || (value >= 1 && value <= 5)) return [];
    const message = `${shown(value)} is no score; scores go from 1 (worst) to 5 (best)`;
    return [{ path: [...path, key], on: 'value', message }];
  });
}
