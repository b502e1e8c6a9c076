import { TidemarkError } from '../../errors.ts';

const TRAIN_ANEW = 'train the model anew with this version of Tidemark, and promote it';

/** A stored model that must not serve. `what` is a clause that names the file or the model. */
export function modelInvalid(what: string, mend = TRAIN_ANEW, cause?: unknown): TidemarkError {
  return new TidemarkError('MODEL_INVALID', what, mend, cause);
}
