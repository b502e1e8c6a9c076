import type { AbsorbFact, AddressedFact, Fact, MergeFact } from './events/fact.ts';
import { fold, forwardReturns, type FoldOutcome, type FoldOutput } from './features/fold.ts';
import type { FeatureEnvironment } from './features/feature.ts';
import {
  emptyWindows,
  mergeWindows,
  settleFrom,
  settleWindows,
  type PersonWindows,
} from './features/person-windows.ts';
import { NO_SCORES, type PersonScores } from './features/person-scores.ts';
import { hash48 } from './hash.ts';
import { readPerson, writePerson } from './person-codec.ts';
import { awaitScores, concerns, keepScores, makeScores, modelsHash, type Models } from './scoring/models.ts';
import {
  contributionDue,
  contributionOf,
  type Contribution,
  type PopulationChange,
  type PopulationInputs,
} from './scoring/population.ts';
import type { Sight } from './tagging/condition.ts';
import { NO_STATE, dueAfresh, step, type DimensionState } from './tagging/dimension-state.ts';
import { answersOf, environmentOf, type Rulebook, type Watch } from './tagging/rulebook.ts';
import { describeTransition, type Cause, type Occasion, type Transition } from './tagging/transition.ts';
import { MINUTE_MS, NEVER, earliest, latest, type Instant } from './time.ts';
import { firedBy, noteFiring, type Firing, type Trigger } from './triggers/trigger.ts';

/** An event that comes later than this after its own time is called late; it still counts at its own time. */
export const LATE_AFTER_MS = 5 * MINUTE_MS;
/** Past so many redirections between merged ids, the id at hand takes the fact: somebody merged in a circle. */
const MAX_REDIRECTIONS = 100;

/** Everything kept of one person. */
export interface Person {
  windows: PersonWindows;
  /** By the dimension's position in the policy. */
  readonly tags: DimensionState[];
  /** What the person counts for in the population counters at present. */
  contribution: Contribution | undefined;
  contributionDueAt: Instant;
  readonly firings: Firing[];
}

/** The rules in force, frozen for a review period. */
export interface Period {
  readonly rulebook: Rulebook;
  readonly population: PopulationInputs;
  readonly environment: FeatureEnvironment;
  /** What scores people; undefined where no dimension reads scores. */
  readonly models: Models | undefined;
  /** No person is taken past this instant before the population inputs of the next period exist. */
  readonly nextReviewAt: Instant;
}

/** Models that no dimension of the policy reads are left aside. */
export function periodOf(
  rulebook: Rulebook,
  population: PopulationInputs,
  models: Models | undefined,
  nextReviewAt: Instant,
): Period {
  const read = rulebook.readsScores.includes(true) ? models : undefined;
  return {
    rulebook,
    population,
    environment: environmentOf(rulebook.policy, population, read),
    models: read,
    nextReviewAt,
  };
}

/** What a step of one person gives to the rest of the world, in order. */
export interface PersonOutput extends PopulationChange, FoldOutput {
  transition(transition: Transition): void;
  trigger(trigger: Trigger): void;
  /** `redirections`: how often the fact was sent on so far; 0 when absent. */
  send(fact: AddressedFact, redirections?: number): void;
}

export function newPerson(): Person {
  return {
    windows: emptyWindows(),
    tags: [],
    contribution: undefined,
    contributionDueAt: NEVER,
    firings: [],
  };
}

/** The earliest instant at which any tag, score, or what the person counts for, could change without a new fact. */
export function dueOf(person: Person): Instant {
  let due = earliest(person.contributionDueAt, scoresDueAt(person));
  for (const state of person.tags) due = earliest(due, state.dueAt);
  return due;
}

/**
 * Lets time pass up to and including `until`: every due is worked off at its own instant, in order, so that the
 * result does not depend on when or how often anybody looked.
 */
export function passTime(
  id: string,
  person: Person,
  until: Instant,
  period: Period,
  output: PersonOutput,
): void {
  // As at the end of a turn: whether one ended in between leaves no trace.
  if (dueOf(person) <= until) expectNoMore(person, period);
  for (let at = dueOf(person); at <= until; at = dueOf(person)) {
    const scored = scoresDueAt(person) <= at;
    settleFrom(person.windows.clock, person.windows, at);
    person.windows.clock = latest(person.windows.clock, at);
    if (person.contributionDueAt <= at) count(person, at, period, output);
    const occasion = scored ? scoreAnew(person, period) : undefined;
    const { readsScores } = period.rulebook;
    const dims: number[] = [];
    for (let i = 0; i < person.tags.length; i++)
      if ((person.tags[i]?.dueAt ?? NEVER) <= at || (scored && readsScores[i] === true)) dims.push(i);
    look(id, person, dims, at, period, output, undefined, occasion);
  }
}

/**
 * Puts the period's models in force for a person whom others scored so far, or none: they are scored anew at `at`, up
 * to which time must have passed for them. False for whom that changes nothing.
 */
export function adoptModels({ windows }: Person, at: Instant, { models }: Period): boolean {
  const { scores } = windows;
  if (models === undefined || windows.mergedInto !== '' || !concerns(models, windows)) return false;
  if (scores?.models === modelsHash(models)) return false;
  const { ahead, ...kept }: PersonScores = scores ?? NO_SCORES;
  // Being asked once more brings nobody further in their silence.
  const silence = kept.touched ? kept.silence : kept.silence - 1;
  windows.scores = { ...kept, nextAt: at, silence };
  return true;
}

/**
 * Takes in one fact that reached us at `receivedAt`. Time passes first; then the fact is folded and the
 * dimensions it can move are looked at. `ref` names the fact in transitions it causes.
 */
export function takeFact(
  id: string,
  person: Person,
  fact: Fact,
  receivedAt: Instant,
  ref: string,
  period: Period,
  output: PersonOutput,
  redirections = 0,
): FoldOutcome {
  const { windows } = person;
  if (windows.mergedInto !== '' && redirections < MAX_REDIRECTIONS) {
    if (fact.type === 'merge' && fact.into === windows.mergedInto) return 'duplicate';
    output.send({ personId: windows.mergedInto, fact }, redirections + 1);
    return 'moved';
  }
  const revived = windows.mergedInto !== '';
  windows.mergedInto = '';
  const now = latest(windows.clock, receivedAt);
  passTime(id, person, now, period, output);
  if (fact.type === 'merge') {
    settleFrom(windows.clock, windows, now);
    windows.clock = now;
    return windows.seen.add(fact.key, now)
      ? handOver(id, person, fact, now, ref, period, output)
      : 'duplicate';
  }
  const sight = sightOf(person, now, period);
  const { watches, isCounted } = period.rulebook.bearingOf(fact);
  const before = answersOfAll(watches, sight);
  const outcome =
    fact.type === 'absorb'
      ? absorb(person, fact, now, output)
      : fold(windows, fact, now, period.population.usualPriceMinor, output);
  if (outcome !== 'applied' && outcome !== 'restated') return outcome;
  if (fact.type === 'absorb' || isCounted) count(person, now, period, output);
  if (period.models !== undefined) awaitScores(id, windows, now, period.models);
  const first = revived || person.tags.length === 0 || fact.type === 'absorb';
  const dims = first ? allDimensions(period) : movedDimensions(watches, before, sight);
  if (dims === undefined) return outcome;
  const occasion: Occasion = { cause: causeOf(fact, now), ref };
  look(id, person, dims, now, period, output, occasion);
  return outcome;
}

/** Looks at every dimension whatever is due, for instance because the policy was edited. */
export function reconsider(
  id: string,
  person: Person,
  now: Instant,
  occasion: Occasion,
  period: Period,
  output: PersonOutput,
): void {
  passTime(id, person, now, period, output);
  count(person, now, period, output);
  look(id, person, allDimensions(period), now, period, output, occasion);
}

export function sightOf(person: Person, now: Instant, period: Period): Sight {
  return { windows: person.windows, now, environment: period.environment, nextReviewAt: period.nextReviewAt };
}

/**
 * Nothing more is known of this person for now: should the scores that follow what they did be those they have, nobody need
 * look at them for that. Changes nothing that can be seen, whenever it is said.
 */
export function expectNoMore(person: Person, period: Period): void {
  const { windows, tags } = person;
  const { models, environment, rulebook, population } = period;
  if (models === undefined || !keepScores(windows, models, environment)) return;
  const sight = sightOf(person, windows.clock, period);
  // The review itself may be what is due, and whoever took in somebody ahead of them in time is looked at for that first.
  const workedOff = latest(windows.clock, population.since);
  for (let i = 0; i < tags.length; i++) {
    const state = tags[i];
    const dimension = rulebook.policy.dimensions[i];
    if (state === undefined || dimension === undefined || rulebook.readsScores[i] !== true) continue;
    if (state.dueAt > workedOff) tags[i] = dueAfresh(dimension, state, sight);
  }
}

/** Scores fall due by `until` that are yet to be foreseen. */
export function awaitsScores({ windows }: Person, until: Instant, { models }: Period): boolean {
  const { scores } = windows;
  return models !== undefined && scores !== undefined && scores.nextAt <= until && scores.ahead === undefined;
}

function scoresDueAt({ windows }: Person): Instant {
  return windows.scores?.nextAt ?? NEVER;
}

/** @returns what brought the new scores about; undefined for time alone */
function scoreAnew({ windows }: Person, { models, environment }: Period): Occasion | undefined {
  const before = windows.scores;
  if (before === undefined) return undefined;
  if (models === undefined) {
    const { ahead, ...kept } = before;
    windows.scores = { ...kept, nextAt: NEVER };
    return undefined;
  }
  makeScores(windows, models, environment);
  if (before.models !== windows.scores?.models) return { cause: 'model', ref: models.version };
  return before.touched ? { cause: 'event', ref: '' } : undefined;
}

/**
 * Without an occasion it is time that passed, or with it the review of the population inputs. `scored` is the occasion
 * of dimensions that read scores, where it is another.
 */
function look(
  id: string,
  person: Person,
  dims: readonly number[],
  now: Instant,
  period: Period,
  output: PersonOutput,
  occasion: Occasion | undefined,
  scored?: Occasion,
): void {
  const sight = sightOf(person, now, period);
  const { dimensions, triggers } = period.rulebook.policy;
  for (const i of dims) {
    const dimension = dimensions[i];
    if (dimension === undefined) continue;
    const before = person.tags[i] ?? NO_STATE;
    const after = step(dimension, before, sight);
    person.tags[i] = after;
    if (after.tag === before.tag) continue;
    const readsScores = period.rulebook.readsScores[i] === true;
    const cause = occasion ?? (readsScores ? scored : undefined) ?? silentOccasion(i, now, period);
    const told = describeTransition(id, dimension, before, after, cause, sight);
    const transition = readsScores ? withModels(told, i, after, person, period) : told;
    output.transition(transition);
    for (const trigger of firedBy(transition, triggers, person.firings)) output.trigger(trigger);
  }
}

/** Names the models; where the risk is not the least there is, keeps what it takes to say why. */
function withModels(
  transition: Transition,
  dimension: number,
  { tag }: DimensionState,
  { windows }: Person,
  { models, rulebook }: Period,
): Transition {
  if (models === undefined) return transition;
  const named = { ...transition, modelVersion: models.version };
  const tags = rulebook.policy.dimensions[dimension]?.tags.length ?? 0;
  if (rulebook.readsChurn[dimension] !== true || tag === -1 || tag === tags - 1) return named;
  const evidence = models.evidence({ windows, at: transition.effectiveAt });
  return evidence === undefined ? named : { ...named, evidence };
}

function silentOccasion(dimension: number, at: Instant, { population, rulebook }: Period): Occasion {
  const reviewed = at === population.since && rulebook.readsPopulation[dimension] === true;
  return reviewed ? { cause: 'population', ref: population.version } : { cause: 'time', ref: '' };
}

function count(person: Person, now: Instant, period: Period, output: PersonOutput): void {
  const { counted } = period.rulebook;
  const after = contributionOf(person.windows, now, period.environment, counted);
  output.contribution(person.contribution, after);
  person.contribution = after;
  person.contributionDueAt = contributionDue(person.windows, now, period.environment, counted);
}

/** This id ceases to exist: its tags end, its record goes to the other person, and whatever still comes is sent on. */
function handOver(
  id: string,
  person: Person,
  fact: MergeFact,
  now: Instant,
  ref: string,
  period: Period,
  output: PersonOutput,
): FoldOutcome {
  const record = writePerson(person);
  const sight = sightOf(person, now, period);
  period.rulebook.policy.dimensions.forEach((dimension, i) => {
    const before = person.tags[i] ?? NO_STATE;
    if (before.tag === -1) return;
    const after = { ...NO_STATE, since: now, transitions: before.transitions + 1 };
    person.tags[i] = after;
    const told = describeTransition(id, dimension, before, after, { cause: 'merge', ref }, sight);
    const named = period.rulebook.readsScores[i] === true ? withModels(told, i, after, person, period) : told;
    output.transition({ ...named, nextChangeAt: NEVER });
  });
  output.contribution(person.contribution, undefined);
  person.contribution = undefined;
  person.contributionDueAt = NEVER;
  // The count of transitions stays: should the id live again, its next transition is not an earlier one again.
  person.tags.forEach(
    (state, i) => (person.tags[i] = { ...state, tag: -1, failingSince: NEVER, dueAt: NEVER }),
  );
  person.firings.length = 0;
  person.windows = { ...emptyWindows(), clock: now, mergedInto: fact.into };
  const key = hash48(`${fact.key}:absorb`);
  output.send({
    personId: fact.into,
    fact: { type: 'absorb', key, at: fact.at, own: false, from: id, record },
  });
  return 'applied';
}

function absorb(person: Person, fact: AbsorbFact, now: Instant, output: PersonOutput): FoldOutcome {
  if (!person.windows.seen.add(fact.key, now)) return 'duplicate';
  const other = readPerson(fact.record);
  const met = mergeWindows(person.windows, other.windows, now);
  for (const entry of met) {
    forwardReturns(entry, output);
  }
  settleWindows(person.windows, now);
  for (const firing of other.firings) noteFiring(person.firings, firing);
  return 'applied';
}

function causeOf(fact: Fact, now: Instant): Cause {
  if (fact.type === 'return') return 'refund';
  if (fact.type === 'absorb') return 'merge';
  return now - fact.at > LATE_AFTER_MS ? 'late_event' : 'event';
}

function answersOfAll(watches: readonly Watch[], sight: Sight): number[] {
  const answers: number[] = [];
  for (const watch of watches) answers.push(answersOf(watch, sight));
  return answers;
}

/** undefined: none, which is nearly always. */
function movedDimensions(
  watches: readonly Watch[],
  before: readonly number[],
  sight: Sight,
): number[] | undefined {
  let moved: number[] | undefined;
  for (let i = 0; i < watches.length; i++) {
    const watch = watches[i];
    if (watch === undefined) continue;
    const answers = answersOf(watch, sight);
    if (answers === -1 || answers !== before[i]) (moved ??= []).push(watch.dimension);
  }
  return moved;
}

function allDimensions(period: Period): number[] {
  return period.rulebook.policy.dimensions.map((_, i) => i);
}
