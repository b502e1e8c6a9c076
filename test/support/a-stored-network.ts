import { instant } from '../../src/core/time.ts';
import type { ModelKind, ModelRegistry, ModelToSave, Promotion } from '../../src/ports/model-registry.ts';
import { churnManifest, churnModel } from '../adapters/models/a-churn-model.ts';
import { STYLES, VALUE_SEGMENTS, someNetwork } from './a-scorer.ts';

/** Rises from one half for who ordered a while ago. */
const FIT = { intercept: -0.5, coefficients: [-1] };
const DECAYED_COUNT = { key: 'decayedCount', fits: { 30: FIT, 90: FIT } } as const;

/** A churn model whose network answers, as a registry takes it. */
export function networkModel(seed: number): ModelToSave {
  const { weights, shapes, standardiser } = someNetwork(seed);
  const { network } = churnManifest();
  if (network === null) throw new Error('the model of tests has no network');
  return {
    ...churnModel({ seed, plain: DECAYED_COUNT, network: { ...network, shapes, standardiser } }),
    files: { 'weights.bin': weights },
  };
}

/** Both hand-written segment models. */
export const SEGMENTS: ModelToSave = {
  kind: 'segments',
  asOf: instant(0),
  manifest: {
    models: { value_segment: VALUE_SEGMENTS, style: STYLES },
    publish: { passed: true, reasons: ['They were written by hand.'] },
  },
  files: {},
  card: '# Segments of tests\n',
};

/** Each decision a second after the one before. */
export async function promote(
  registry: ModelRegistry,
  kind: ModelKind,
  version: string,
  how: Pick<Promotion, 'bestBaseline'> = {},
): Promise<void> {
  const earlier = await registry.promotions(kind);
  const promotedAt = instant(1000 * earlier.length);
  await registry.promote(kind, { version, promotedAt, forced: false, reasons: [], ...how });
}
