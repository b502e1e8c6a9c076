import { TidemarkError } from '../../errors.ts';

const TRAIN_ANEW = 'train the model anew with this version of Tidemark, and promote it';

/** A stored model that must not serve. `what` is a clause that names the file or the model. */
export function modelInvalid(what: string, mend = TRAIN_ANEW, cause?: unknown): TidemarkError {
  return new TidemarkError('MODEL_INVALID', what, mend, cause);
}

/** A file of a stored model that is not what was saved; `why` is a clause. */
export function modelDamaged(path: string, why: string, cause?: unknown): TidemarkError {
  const mend = 'restore the file from where the model came from, or train the model anew and save it again';
  return modelInvalid(`${path} is not what was saved: ${why}`, mend, cause);
}
