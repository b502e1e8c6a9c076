import { rulebookOf } from '../core/tagging/rulebook.ts';
import { featureNamed } from '../core/features/catalogue.ts';
import type { FeatureEnvironment } from '../core/features/feature.ts';
import { passTime, periodOf, sightOf, type Person } from '../core/person.ts';
import type { ChurnReason } from '../core/scoring/churn/churn-reasons.ts';
import { NO_POPULATION, type PopulationInputs } from '../core/scoring/population.ts';
import { NO_STATE } from '../core/tagging/dimension-state.ts';
import { explain, type Explanation } from '../core/tagging/explanation.ts';
import type { Policy } from '../core/tagging/policy.ts';
import { isWithoutModel } from '../core/tagging/without-model.ts';
import type { Transition } from '../core/tagging/transition.ts';
import { NEVER, type Instant } from '../core/time.ts';
import type { Trigger } from '../core/triggers/trigger.ts';
import type { ServedBy } from '../ports/served-models.ts';
import { currentScores, type CurrentScores } from '../runtime/serving/current-scores.ts';
import type { ServedScorer } from '../runtime/serving/served-scorer.ts';

/** Everything there is to say about a person, without words: what `explain` tells and `--json` prints. */
export interface PersonAccount {
  readonly personId: string;
  readonly at: Instant;
  /** The id this one was merged into; the rest is then empty. */
  readonly mergedInto: string | undefined;
  readonly firstSeenAt: Instant | undefined;
  readonly lastSeenAt: Instant | undefined;
  readonly bought: Dealings;
  readonly sold: Dealings;
  readonly dimensions: readonly Explanation[];
  /** Dimensions whose tags nobody can hold, for want of a model. */
  readonly withoutModel: readonly string[];
  /** What happens until `at` if nothing is heard of them. */
  readonly ahead: readonly Transition[];
  readonly triggersAhead: readonly Trigger[];
  /** What the models say of them; undefined for who never ordered. */
  readonly risk: Risk | undefined;
}

export interface Risk extends CurrentScores {
  /** Version of the models in force. */
  readonly model: string;
  readonly by: ServedBy;
  readonly reasons: readonly ChurnReason[];
}

/** One side's orders, net of returns; value in major units of the policy's currency. */
export interface Dealings {
  readonly orders: number;
  readonly value: number;
  readonly firstAt: Instant | undefined;
  readonly lastAt: Instant | undefined;
}

/**
 * Draws up a person's account at an instant not before their state's. Time passes for them in silence; population
 * inputs stay as the last review left them. `person` is moved to `at`.
 */
export function accountOf(
  personId: string,
  person: Person,
  at: Instant,
  policy: Policy,
  inputs: PopulationInputs | undefined,
  scorer: ServedScorer,
): PersonAccount {
  const period = periodOf(rulebookOf(policy), inputs ?? NO_POPULATION, scorer, NEVER);
  const ahead: Transition[] = [];
  const triggersAhead: Trigger[] = [];
  passTime(personId, person, at, period, {
    transition: (transition) => void ahead.push(transition),
    trigger: (trigger) => void triggersAhead.push(trigger),
    send: () => undefined,
    contribution: () => undefined,
    price: () => undefined,
  });
  const sight = sightOf(person, at, period);
  const { windows } = person;
  const read = (name: string): number => {
    const value = featureNamed(name)?.read(windows, at, period.environment) ?? 0;
    return Number.isFinite(value) ? value : 0;
  };
  return {
    personId,
    at,
    mergedInto: windows.mergedInto === '' ? undefined : windows.mergedInto,
    firstSeenAt: known(windows.presence.firstAt),
    lastSeenAt: known(windows.presence.lastAt),
    bought: {
      orders: read('orders_total'),
      value: read('value_total'),
      firstAt: known(windows.orders?.firstAt),
      lastAt: known(windows.orders?.lastAt),
    },
    sold: {
      orders: read('sales_total'),
      value: read('sales_value_total'),
      firstAt: known(windows.sales?.firstAt),
      lastAt: known(windows.sales?.lastAt),
    },
    dimensions: policy.dimensions.map((dimension, i) =>
      explain(dimension, person.tags[i] ?? NO_STATE, policy.scores, sight),
    ),
    withoutModel: policy.dimensions.flatMap((dimension) =>
      isWithoutModel(dimension, scorer) ? [dimension.name] : [],
    ),
    ahead,
    triggersAhead,
    risk: riskOf(person, at, scorer, period.environment),
  };
}

function riskOf(
  person: Person,
  at: Instant,
  scorer: ServedScorer,
  environment: FeatureEnvironment,
): Risk | undefined {
  const [scores] = currentScores([person], at, scorer, environment);
  if (scores === undefined || Number.isNaN(scores.churn90) || person.windows.mergedInto !== '')
    return undefined;
  const evidence = scorer.evidence({ windows: person.windows, at });
  return {
    ...scores,
    model: scorer.version,
    by: scorer.served.serves,
    reasons: evidence === undefined ? [] : (scorer.reasons([evidence])[0] ?? []),
  };
}

function known(at: Instant | undefined): Instant | undefined {
  return at !== undefined && Number.isFinite(at) && at !== 0 ? at : undefined;
}
