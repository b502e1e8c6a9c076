import type { ServedBy } from '../ports/served-models.ts';

/** Who answers for churn, in a sentence. */
export const SERVED_WORDS: Readonly<Record<ServedBy, string>> = {
  network: 'the network',
  closed_form: 'the closed form MBG/NBD',
  recency: 'recency',
  decayedCount: 'the decayed order count',
  logisticRfm: 'logistic regression on R, F, M',
};
