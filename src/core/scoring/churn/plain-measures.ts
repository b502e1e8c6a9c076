import { featureNamed } from '../../features/catalogue.ts';
import type { Feature, FeatureEnvironment } from '../../features/feature.ts';
import type { PersonWindows } from '../../features/person-windows.ts';
import type { Instant } from '../../time.ts';
import { decayedOrders } from './churn-inputs.ts';
import type { PlainMeasures } from './plain-scorer.ts';

/** A person at an instant as the plain baselines see them: of features that tags are made of, too. */
export function plainMeasures(
  windows: PersonWindows,
  at: Instant,
  environment: FeatureEnvironment,
): PlainMeasures {
  const orders = ORDERS.read(windows, at, environment);
  return {
    recencyDays: RECENCY.read(windows, at, environment),
    decayedOrders: decayedOrders(windows, at),
    orders,
    meanOrder: VALUE.read(windows, at, environment) / orders,
  };
}

const RECENCY = known('days_since_order');
const ORDERS = known('orders_total');
const VALUE = known('value_total');

function known(name: string): Feature {
  const feature = featureNamed(name);
  if (feature === undefined) throw new Error(`the plain baselines read ${name}, which is no feature`);
  return feature;
}
