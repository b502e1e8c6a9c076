/** What the types of triggers begin with; the name of the trigger in the policy follows. */
export const TRIGGER = 'io.tidemark.trigger.';

/** The same for triggers that were decided and recorded, and are not to be acted upon. */
export const MUTED_TRIGGER = 'io.tidemark.muted-trigger.';
