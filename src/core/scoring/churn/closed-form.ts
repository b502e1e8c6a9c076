import type { MbgNbdParameters } from './mbg-nbd.ts';

const DAYS_PER_WEEK = 7;

/**
 * Who serves where no model was trained: MBG/NBD with the parameters of a published history, the customers of an
 * online music shop of 1997 (CDNOW, one in ten; Fader, Hardie, Lee 2005), times in days. It ranks people well; the
 * level of its probabilities is that shop's, so train on your own history as soon as there is one.
 */
export const PUBLISHED_CLOSED_FORM: { readonly version: string; readonly parameters: MbgNbdParameters } = {
  version: 'closed-form@cdnow',
  parameters: { r: 0.525, alpha: 6.183 * DAYS_PER_WEEK, a: 0.891, b: 1.614 },
};

/** Whether nothing trained answers for churn under this version of models, whatever segments are in force beside. */
export function isPublishedClosedForm(version: string): boolean {
  return version.split('+')[0] === PUBLISHED_CLOSED_FORM.version;
}
