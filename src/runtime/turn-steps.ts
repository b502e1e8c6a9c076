import { setImmediate as nextRound } from 'node:timers/promises';
import { mayTellOthers, type FoldOutcome } from '../core/features/fold.ts';
import { partitionOf } from '../core/partition.ts';
import { awaitsScores, dueOf, expectNoMore, passTime, takeFact, type Period } from '../core/person.ts';
import { err } from '../core/result.ts';
import type { Instant } from '../core/time.ts';
import type { SourceRecord } from '../ports/event-source.ts';
import type { Said, SentFact } from '../ports/forwarded-facts.ts';
import type { PeopleHere } from './people-here.ts';
import type { Step } from './record-reader.ts';
import { decoded, isMerged, loaded, type Resident } from './resident.ts';
import { foreseeScores } from './serving/foresee-scores.ts';
import type { RunTally } from './tally.ts';
import type { Turn } from './turn.ts';

/**
 * People decoded at once, and worked on before others have a turn at the processor: enough for one question to the models,
 * few enough to be gone before the collector comes.
 */
const PEOPLE_AT_ONCE = 256;

/**
 * The steps of a turn, with the result of applying one after the other in order of arrival. But a fact mostly concerns
 * nobody but its person. So first those steps are applied, in order, that may tell others, each after what comes before it
 * for the people it reaches; everything else then goes person by person, each of whom is decoded, worked on and packed
 * while the memory they take is still at hand. A turn in which something failed cannot be gone on with.
 */
export class TurnSteps {
  private readonly turn: Turn;
  private readonly people: PeopleHere;
  private readonly partitions: number;
  private readonly tally: RunTally;
  private readonly steps: Step[] = [];
  /** Beside `steps`: undefined for people who are worked on elsewhere. */
  private readonly residents: (Resident | undefined)[] = [];
  private readonly outcomes: FoldOutcome[] = [];
  /** Each once, in the order of their first step since the last were worked off. */
  private concerned: Resident[] = [];
  /** Steps before it are worked off. */
  private next = 0;
  private hasFailed = false;

  constructor(turn: Turn, people: PeopleHere, partitions: number, tally: RunTally) {
    this.turn = turn;
    this.people = people;
    this.partitions = partitions;
    this.tally = tally;
  }

  add(steps: readonly Step[]): void {
    for (const step of steps) {
      const resident = this.people.find(step.fact.personId, step.partition);
      const place = this.steps.push(step) - 1;
      this.residents.push(resident);
      if (resident === undefined) continue;
      if (resident.steps.length === 0) this.concerned.push(resident);
      resident.steps.push(place);
    }
  }

  /**
   * Applies what was added since it was called last; `clock` is the latest arrival. For those concerned time then passes up
   * to and including `until`, which is not after it, while they are decoded: most who came are due again soon.
   */
  async workOff(period: Period, clock: Instant, until: Instant): Promise<void> {
    if (this.hasFailed) throw new Error('a turn that failed is gone on with');
    this.hasFailed = true;
    const { concerned, next, steps } = this;
    this.concerned = [];
    this.next = steps.length;
    await this.people.read(concerned);
    await this.applyTelling(next, concerned, period, clock);
    for (const some of groupsOf(concerned)) {
      for (const resident of some) decoded(resident);
      this.applyRest(some, period, clock, until);
      for (const resident of some) {
        resident.steps = [];
        resident.next = 0;
        this.people.release(resident);
      }
      if (some.length === PEOPLE_AT_ONCE) await nextRound();
    }
    for (let place = next; place < steps.length; place++) this.count(place);
    this.hasFailed = false;
  }

  private async applyTelling(
    from: number,
    concerned: readonly Resident[],
    period: Period,
    clock: Instant,
  ): Promise<void> {
    const tellers = concerned.filter(
      (resident) => isMerged(resident) || resident.steps.some((place) => this.mayTell(place)),
    );
    for (const some of groupsOf(tellers)) {
      for (const resident of some) decoded(resident);
      foreseeScores(some, clock, period);
    }
    let applied = 0;
    for (let place = from; place < this.steps.length; place++) {
      const resident = this.residents[place];
      const step = this.stepAt(place);
      if (resident === undefined) {
        this.turn.forward(step.partition, step, step);
        continue;
      }
      if (!this.mayTell(place) && !isMerged(resident)) continue;
      this.applySilent(resident, place, period);
      resident.next += 1;
      this.outcomes[place] = await this.applyAll(resident, step, step, place, period);
      if (++applied % PEOPLE_AT_ONCE === 0) await nextRound();
    }
  }

  /** In rounds: whoever acts again once new scores are due waits for the others, so that one question does for them all. */
  private applyRest(some: readonly Resident[], period: Period, clock: Instant, until: Instant): void {
    for (let waiting = some; waiting.length > 0;) {
      foreseeScores(waiting, clock, period);
      waiting = waiting.filter(
        (resident) =>
          !this.applySilent(resident, this.steps.length, period, true) ||
          !this.letTimePass(resident, until, period),
      );
    }
  }

  /** @returns false for whom scores are to be foreseen first, since something was applied */
  private letTimePass(resident: Resident, until: Instant, period: Period): boolean {
    const person = loaded(resident);
    expectNoMore(person, period);
    if (dueOf(person) > until) return true;
    if (awaitsScores(person, until, period)) return false;
    passTime(resident.personId, person, until, period, this.turn.outputFor(resident));
    return true;
  }

  /**
   * Applies what comes before `place` for this person, and tells nobody; `untilScores`: no further than to where scores are
   * due that nobody foresaw, but something.
   * @returns whether that was all
   */
  private applySilent(resident: Resident, place: number, period: Period, untilScores = false): boolean {
    const { steps, next } = resident;
    for (let at = steps[next] ?? place; at < place; at = steps[resident.next] ?? place) {
      const step = this.stepAt(at);
      if (untilScores && resident.next > next && awaitsScores(loaded(resident), step.receivedAt, period))
        return false;
      resident.next += 1;
      this.outcomes[at] = this.apply(resident, step, step, at, period);
      if (this.turn.takeSent().length > 0)
        throw new Error(`a fact (${step.fact.fact.type}) told others, which it was taken not to do`);
    }
    return true;
  }

  /**
   * Applies a fact, and those it gives rise to (a refund told to the seller, a merged history) at once, in order, unless
   * they concern people who are worked on elsewhere.
   * @returns what became of the fact, however often it was sent on
   */
  private async applyAll(
    resident: Resident,
    said: SentFact,
    step: Step,
    place: number,
    period: Period,
  ): Promise<FoldOutcome> {
    const direct = this.apply(resident, said, step, place, period);
    const sent = this.turn.takeSent();
    if (sent.length === 0) return direct;
    const onwards = await this.passOn(sent, step, place, period);
    return direct === 'moved' ? onwards : direct;
  }

  /** @returns what became of the first of them */
  private async passOn(
    sent: readonly SentFact[],
    step: Step,
    place: number,
    period: Period,
  ): Promise<FoldOutcome> {
    let first: FoldOutcome | undefined;
    for (const one of sent) {
      const { personId } = one.fact;
      const partition = partitionOf(personId, this.partitions);
      const resident = this.people.find(personId, partition);
      if (resident === undefined) {
        this.turn.forward(partition, step, one);
        first ??= 'applied';
        continue;
      }
      await this.people.load([resident]);
      this.applySilent(resident, place, period);
      const outcome = await this.applyAll(resident, one, step, place, period);
      first ??= outcome;
      // Who is in a circle of merged ids may have been let go of further on.
      if (resident.steps.length > 0 || resident.person === undefined) continue;
      expectNoMore(resident.person, period);
      this.people.release(resident);
    }
    return first ?? 'applied';
  }

  private apply(
    resident: Resident,
    { fact, redirections }: SentFact,
    { receivedAt, ref }: Step,
    place: number,
    period: Period,
  ): FoldOutcome {
    const output = this.turn.outputFor(resident, place);
    return takeFact(
      resident.personId,
      loaded(resident),
      fact.fact,
      receivedAt,
      ref,
      period,
      output,
      redirections,
    );
  }

  private mayTell(place: number): boolean {
    return mayTellOthers(this.stepAt(place).fact.fact);
  }

  private stepAt(place: number): Step {
    return this.steps[place] as Step;
  }

  private count(place: number): void {
    const step = this.stepAt(place);
    const { ownRows, isLate } = step;
    if (ownRows === undefined) return;
    const outcome = this.outcomes[place] ?? 'applied';
    const { events } = this.tally;
    if (outcome === 'too_late') {
      const detail = 'older than the longest window when it arrived';
      this.turn.reject(step.record ?? remainderOf(step, ownRows), { reason: 'too_late', detail });
    } else if (outcome === 'duplicate' || outcome === 'restated') events.duplicate += ownRows;
    else if (isLate) events.late += ownRows;
    else events.accepted += ownRows;
  }
}

/**
 * What is left of a record that was not late and yet comes too late: the person took in the history of somebody whose time,
 * in another partition, is a year ahead.
 */
function remainderOf({ origin, receivedAt }: Step, rows: number): SourceRecord<Said> {
  const { source, offset } = origin;
  const event = err({ reason: 'too_late' as const, detail: '' });
  return { source, offset, receivedAt, event, rows, place: `${source}#${offset}` };
}

function* groupsOf(people: readonly Resident[]): Generator<readonly Resident[]> {
  for (let from = 0; from < people.length; from += PEOPLE_AT_ONCE)
    yield people.slice(from, from + PEOPLE_AT_ONCE);
}
