import { featureNamed } from '../features/catalogue.ts';
import type { Feature, FeatureEnvironment } from '../features/feature.ts';
import { NO_SCORES, type PersonScores } from '../features/person-scores.ts';
import type { PersonWindows } from '../features/person-windows.ts';
import { hash32 } from '../hash.ts';
import { DAY_MS, HOUR_MS, NEVER, instant, latest, plus, type Instant } from '../time.ts';
import { assignSegment } from './segments/assign-segment.ts';
import type { SegmentModel } from './segments/segment-model.ts';
import { NO_GROUP } from './segments/segment-names.ts';

/** A person, as they are at an instant at which they have been silent since their latest fact. */
export interface ScoreQuestion {
  readonly windows: PersonWindows;
  readonly at: Instant;
}

/** What scores people: frozen, versioned, the same for every partition. */
export interface Models {
  /** Names all that is in force: any other model, another version. */
  readonly version: string;
  /**
   * Two numbers a question: P(no order within 30 days), P(… within 90), as 32-bit floats; NaN for who never ordered. An
   * answer does not depend on the questions beside it. Cheap by the hundred, dear by the one.
   */
  churn(questions: readonly ScoreQuestion[]): Float32Array;
  /** What it takes to say later why the score is what it is; undefined where the model cannot say. */
  evidence(question: ScoreQuestion): ScoreEvidence | undefined;
  readonly valueSegments: SegmentModel | undefined;
  readonly styles: SegmentModel | undefined;
}

/** A person as the churn model saw them at one instant. */
export interface ScoreEvidence {
  /** In the order of the churn inputs. */
  readonly inputs: Float32Array;
  /** By feature, with the person's own numbers. */
  readonly words: ReadonlyMap<string, string>;
}

/**
 * Days of silence after which scores are made anew. Soon at first, when a day's silence says much; the sooner ones
 * meet the windows of 7, 30 and 90 days and the 60 days after which people are warned of.
 */
export const SCORED_AFTER_DAYS = [
  ...([2, 5, 9, 14, 21, 30, 45, 60, 75, 90, 120, 150, 180, 240, 300, 365] as const),
  ...([455, 545, 635, 730] as const),
] as const;

/** Who never ordered is left alone for the first month of them: a group is no mood. */
const FIRST_FOR_GROUPS = SCORED_AFTER_DAYS.indexOf(30);

/** The hash kept with the scores. */
export function modelsHash({ version }: Models): number {
  return hash32(version);
}

/** Whether models have anything to say of a person: of who never had an order, only of their style. */
export function concerns({ styles }: Models, { orders, scores }: PersonWindows): boolean {
  return styles !== undefined || scores !== undefined || orders !== undefined;
}

/**
 * Notes that something happened to a person: whatever was foreseen is void, and they are scored within the hour, who
 * never ordered within the day (they have no risk, and a group is no mood), at an instant of their own in it, so that
 * not everybody comes at once. Whom the models do not concern is left alone.
 */
export function awaitScores(personId: string, windows: PersonWindows, now: Instant, models: Models): void {
  if (!concerns(models, windows)) return;
  const { scores, orders } = windows;
  // Not whether an order is left: who cancelled their only one has a risk that fell.
  const withinMs = orders === undefined ? DAY_MS : HOUR_MS;
  const phase = hash32(personId) % withinMs;
  const next = instant((Math.floor((now - phase) / withinMs) + 1) * withinMs + phase);
  if (scores?.touched === true && scores.nextAt >= windows.clock && scores.nextAt <= next) {
    delete scores.ahead;
    return;
  }
  // Who awaits their first scores awaits those of these models: a new start with the same ones changes nothing.
  const before = scores ?? { ...NO_SCORES, models: modelsHash(models) };
  const { at, churn30, churn90, valueSegment, style, models: by } = before;
  windows.scores = {
    at,
    // Whom they took in may have come further in time than this.
    nextAt: latest(next, windows.clock),
    silence: 0,
    touched: true,
    churn30,
    churn90,
    valueSegment,
    style,
    models: by,
  };
}

/** Makes the scores of the instant that has come, `windows.scores.nextAt`. */
export function makeScores(windows: PersonWindows, models: Models, environment: FeatureEnvironment): void {
  const { scores } = windows;
  if (scores === undefined) return;
  if (scores.ahead?.scores[0] === undefined)
    foresee([{ windows, until: scores.nextAt }], models, environment);
  const { ahead } = scores;
  const [next, ...later] = ahead?.scores ?? [];
  if (next === undefined || ahead === undefined) return;
  windows.scores = next;
  if (later.length > 0 || ahead.until === NEVER) next.ahead = { scores: later, until: ahead.until };
}

/**
 * Takes the awaited scores for made where they will be those that hold, so that the next are those of silence. Not of who
 * has a risk, since a model's answer is dear and seldom the same, nor across models; and not where segments read what a
 * review may change before.
 * @returns whether it did
 */
export function keepScores(windows: PersonWindows, models: Models, environment: FeatureEnvironment): boolean {
  const { scores, orders } = windows;
  if (scores?.touched !== true || orders !== undefined || !Number.isNaN(scores.churn90)) return false;
  if (scores.models !== modelsHash(models) || readsPopulation(models)) return false;
  const { ahead, ...held } = scores;
  const { nextAt, valueSegment, style } = held;
  const then = { windows, at: nextAt };
  if (segmentOf(models.styles, then, style, environment) !== style) return false;
  if (segmentOf(models.valueSegments, then, valueSegment, environment) !== valueSegment) return false;
  windows.scores = { ...held, ...following(windows, held), touched: false };
  return true;
}

/** Scores worked out at once where one is asked for: most changes that are looked for come soon. */
const FORESEEN_TOGETHER = 4;

/** The scores a person will have if they stay silent, up to and including an instant, and maybe some more. */
export function scoresAhead(
  windows: PersonWindows,
  upTo: Instant,
  models: Models,
  environment: FeatureEnvironment,
): readonly PersonScores[] {
  const { scores } = windows;
  if (scores === undefined) return [];
  if (scores.ahead === undefined || scores.ahead.until < upTo) {
    const further = instantsAhead(windows, scores, NEVER).filter((at) => at > upTo);
    foresee([{ windows, until: further[FORESEEN_TOGETHER - 2] ?? NEVER }], models, environment);
  }
  return scores.ahead?.scores ?? [];
}

/** Whose scores are to be worked out, and up to which instant. */
export interface Outlook {
  readonly windows: PersonWindows;
  readonly until: Instant;
}

/** Works out what is to come beyond what is known already, for many different people with one question. */
export function foresee(outlooks: readonly Outlook[], models: Models, environment: FeatureEnvironment): void {
  const hash = modelsHash(models);
  const known = outlooks.map(({ windows: { scores } }) => scores?.ahead?.scores ?? []);
  const instants = outlooks.map(({ windows, until }, i) =>
    instantsAhead(windows, known[i]?.at(-1) ?? windows.scores, until),
  );
  const questions = outlooks.flatMap(({ windows }, i) => (instants[i] ?? []).map((at) => ({ windows, at })));
  const churn = models.churn(questions);
  let asked = 0;
  outlooks.forEach(({ windows, until }, i) => {
    let last = known[i]?.at(-1) ?? windows.scores;
    if (last === undefined) return;
    const scores = [...(known[i] ?? [])];
    for (const at of instants[i] ?? []) {
      last = {
        at,
        ...following(windows, last),
        touched: false,
        churn30: churn[2 * asked] ?? NaN,
        churn90: churn[2 * asked + 1] ?? NaN,
        valueSegment: segmentOf(models.valueSegments, { windows, at }, last.valueSegment, environment),
        style: segmentOf(models.styles, { windows, at }, last.style, environment),
        models: hash,
      };
      scores.push(last);
      asked += 1;
    }
    if (windows.scores !== undefined) windows.scores.ahead = { scores, until };
  });
}

/**
 * The person's group at an instant, with the one held having its advantage; empty for none, whether they show none or are
 * nearest to those who have none. Who has none holds on to that like to a group.
 */
export function segmentOf(
  model: SegmentModel | undefined,
  { windows, at }: ScoreQuestion,
  held: string,
  environment: FeatureEnvironment,
): string {
  if (model === undefined) return '';
  const values: number[] = [];
  for (const { feature, missing } of model.inputs) {
    const value = featureOf(feature).read(windows, at, environment);
    // Most people never ordered: the first input says so, and the others are dear to read.
    if (Number.isNaN(value) && missing === 'no_segment') return '';
    values.push(value);
  }
  const name = assignSegment(model, values, held === '' ? NO_GROUP : held)?.name ?? '';
  return name === NO_GROUP ? '' : name;
}

/** The instants of the next scores up to `until`: first the one that is set, then those of silence. */
function instantsAhead(windows: PersonWindows, scores: PersonScores | undefined, until: Instant): Instant[] {
  const instants: Instant[] = [];
  if (scores === undefined) return instants;
  let next: Pick<PersonScores, 'nextAt' | 'silence' | 'touched'> = scores;
  while (next.nextAt <= until && next.nextAt !== NEVER) {
    instants.push(next.nextAt);
    next = { ...following(windows, next), touched: false };
  }
  return instants;
}

/** How many instants of silence lie behind once the next scores are made, and when those after them are. */
function following(
  { orders }: PersonWindows,
  { nextAt, silence, touched }: Pick<PersonScores, 'nextAt' | 'silence' | 'touched'>,
): Pick<PersonScores, 'nextAt' | 'silence'> {
  const passed = touched ? -1 : silence;
  const upcoming = Math.max(passed + 1, orders === undefined ? FIRST_FOR_GROUPS : 0);
  const days = SCORED_AFTER_DAYS[upcoming];
  if (days === undefined) return { silence: upcoming, nextAt: NEVER };
  const passedDays = SCORED_AFTER_DAYS[passed] ?? 0;
  return { silence: upcoming, nextAt: plus(nextAt, (days - passedDays) * DAY_MS) };
}

function readsPopulation({ valueSegments, styles }: Models): boolean {
  return [valueSegments, styles].some((model) =>
    model?.inputs.some(({ feature }) => featureOf(feature).population),
  );
}

function featureOf(name: string): Feature {
  const feature = featureNamed(name);
  if (feature === undefined) throw new Error(`a segment model reads ${name}, which is no feature`);
  return feature;
}
