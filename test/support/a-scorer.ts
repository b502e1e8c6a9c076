import {
  eachTensor,
  packTensors,
  sizeOf,
  tensorShapes,
  weightShapes,
} from '../../src/adapters/tensorflow/network-layout.ts';
import { loadChurnNetwork } from '../../src/adapters/tensorflow/load-churn-network.ts';
import { PUBLISHED_CLOSED_FORM } from '../../src/core/scoring/churn/closed-form.ts';
import { CHURN_INPUTS } from '../../src/core/scoring/churn/churn-inputs.ts';
import { NO_POPULATION } from '../../src/core/scoring/population.ts';
import type { SegmentInput } from '../../src/core/scoring/segments/segment-inputs.ts';
import type { SegmentModel } from '../../src/core/scoring/segments/segment-model.ts';
import type { Naming } from '../../src/core/scoring/segments/segment-names.ts';
import { seededRandom } from '../../src/core/seeded-random.ts';
import type { Policy } from '../../src/core/tagging/policy.ts';
import { environmentOf } from '../../src/core/tagging/rulebook.ts';
import type { StoredNetwork } from '../../src/ports/churn-network.ts';
import type { ServedChurnModel } from '../../src/ports/served-models.ts';
import { openScorer, type ServedScorer } from '../../src/runtime/serving/served-scorer.ts';

const WIDTH = CHURN_INPUTS.length;

/**
 * A network that nobody trained: weights from a seed, a standardiser of about what inputs are on a small marketplace,
 * and a hand that leans on recency, so that scores spread over 0 to 100 and rise in silence.
 */
export function someNetwork(seed: number): StoredNetwork {
  const random = seededRandom(seed, 'network');
  const shapes = tensorShapes(WIDTH);
  const tensors = eachTensor((name) => {
    const spread = name.endsWith('Bias')
      ? 0.2
      : name === 'skipKernel'
        ? 0.35
        : 1.4 / Math.sqrt(shapes[name][0] ?? 1);
    return Float32Array.from(
      { length: sizeOf(shapes[name]) },
      () => spread * Math.sqrt(3) * (2 * random.uniform() - 1),
    );
  });
  for (const name of ['log_days_since_order', 'log_days_since_activity']) {
    const column = CHURN_INPUTS.findIndex((input) => input.name === name);
    tensors.skipKernel.fill(1.5, 2 * column, 2 * column + 2);
  }
  tensors.headBias.fill(2.5);
  return {
    weights: packTensors(tensors),
    shapes: weightShapes(WIDTH),
    standardiser: { mean: CHURN_INPUTS.map(meanOf), scale: CHURN_INPUTS.map(scaleOf) },
  };
}

function meanOf({ name }: { readonly name: string }): number {
  if (name.includes('value') || name === 'log_mean_order') return 8;
  if (name.startsWith('shrunk')) return 0.1;
  return name === 'mbg_logit' ? 0 : 1.5;
}

function scaleOf({ name }: { readonly name: string }): number {
  return name.startsWith('shrunk') ? 0.2 : 1.5;
}

/** Serves a network, or without one the closed form. */
export function servedModel(version: string, network: StoredNetwork | undefined): ServedChurnModel {
  return {
    version,
    serves: network === undefined ? 'closed_form' : 'network',
    network,
    calibration: { 30: null, 90: network === undefined ? null : { slope: 0.9, intercept: 0.1 } },
    closedForm: PUBLISHED_CLOSED_FORM.parameters,
    plain: undefined,
    baseline: Float32Array.from(CHURN_INPUTS, meanOf),
    ofOrders: new Set(),
  };
}

type Centroids = readonly (readonly [name: string, ...at: number[]])[];

function handWritten(
  naming: Naming,
  inputs: readonly SegmentInput[],
  means: number[],
  centroids: Centroids,
): SegmentModel {
  return {
    version: `segments@hand-written-${naming}`,
    naming,
    inputs,
    scaler: { version: 'hand-written', means, deviations: means.map(() => 1) },
    centroids: centroids.map(([, ...at]) => at),
    names: centroids.map(([name]) => name),
    switchRatio: 1.25,
    metrics: {
      people: 0,
      shares: centroids.map(() => 1 / centroids.length),
      silhouette: 0,
      choice: { clusters: centroids.length, isStable: true, trials: [] },
    },
  };
}

/** Four groups that people move between while they buy and while they are silent. */
export const VALUE_SEGMENTS: SegmentModel = handWritten(
  'value_segment',
  [
    { feature: 'days_since_order', role: 'recency', missing: 'no_segment' },
    { feature: 'orders_decayed', role: 'frequency', missing: 'no_segment' },
    { feature: 'active_days_90d', role: 'engagement', missing: 'no_segment' },
  ],
  [2, 1, 2],
  [
    ['high_value', -0.7, 0.6, 0.4],
    ['potential', 0, -0.2, 0.6],
    ['ordinary', 0, 0, -0.4],
    ['dormant', 1.3, -0.5, -0.9],
  ],
);

export const STYLES: SegmentModel = handWritten(
  'style',
  [
    { feature: 'new_arrival_share_90d', role: 'novelty', missing: 'no_segment' },
    { feature: 'orders_365d', role: 'frequency', missing: 'no_segment' },
    { feature: 'average_order_365d', role: 'price', missing: 'mean' },
    { feature: 'community_posts_365d', role: 'community', missing: 'no_segment' },
  ],
  [0.2, 0.7, 8, 0.5],
  [
    ['trend_follower', 0.2, -0.5, 0, -0.3],
    ['collector', 0, 0.2, 0.9, -0.3],
    ['socialite', 0, -0.2, 0, 1],
    ['none', -0.1, 0.3, -0.4, -0.3],
  ],
);

export interface SomeScorer {
  readonly seed?: number;
  readonly version?: string;
  /** Without them nobody has a group. */
  readonly segments?: boolean;
  /** Undefined by name: the closed form answers. */
  readonly network?: StoredNetwork | undefined;
}

/** A scorer with the real network code, and both segment models unless told otherwise. */
export function someScorer(policy: Policy, options: SomeScorer = {}): Promise<ServedScorer> {
  const { seed = 1, version = `churn@seed-${seed}`, segments = true } = options;
  const network = 'network' in options ? options.network : someNetwork(seed);
  const churn = servedModel(version, network);
  const groups = segments
    ? { segmentsVersion: 'segments@tests', valueSegments: VALUE_SEGMENTS, styles: STYLES }
    : { segmentsVersion: undefined, valueSegments: undefined, styles: undefined };
  const load = loadChurnNetwork.bind(undefined, 'wasm');
  return openScorer({ churn, ...groups }, churn, load, environmentOf(policy, NO_POPULATION));
}
