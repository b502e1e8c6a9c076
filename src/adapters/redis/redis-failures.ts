import { TidemarkError } from '../../errors.ts';

/** Nobody answered in time, or at all. */
export function unreachable(place: string, cause: unknown): TidemarkError {
  const why = cause instanceof Error && cause.message !== '' ? cause.message : 'no answer';
  return new TidemarkError(
    'REDIS_UNAVAILABLE',
    `${place}: ${why}`,
    'check the addresses and that the server runs; nothing is lost, work goes on once it answers',
    cause,
  );
}

/** What a failed call means to an operator. Whatever is not known is an outage: it may pass, and nothing was decided. */
export function describeRedisFailure(error: unknown, place: string, thrown = error): TidemarkError {
  if (thrown instanceof TidemarkError) return thrown;
  const text = error instanceof Error ? error.message : String(error);
  if (/^(NOAUTH|WRONGPASS)/.test(text) || /invalid (username-)?password/i.test(text)) {
    const mend = 'check the user and the password of Redis';
    return new TidemarkError('REDIS_REFUSED', `${place}: ${text}`, mend, error);
  }
  if (text.startsWith('NOPERM')) {
    const mend = 'let the user run scripts, hashes, sorted sets, lists and INFO on its keys';
    return new TidemarkError('REDIS_REFUSED', `${place}: ${text}`, mend, error);
  }
  // A mistake of ours or somebody else's keys: what follows it must not be built on half a commit.
  if (text.startsWith('WRONGTYPE') || (text.startsWith('ERR') && text.includes('@user_script'))) {
    const mend = 'give Tidemark a key prefix of its own, and report the message if it has one';
    return new TidemarkError('STATE_CORRUPT', `${place}: ${text}`, mend, error);
  }
  if (text.startsWith('OOM')) {
    const mend = 'raise maxmemory, or add nodes; work goes on once there is room';
    return new TidemarkError('REDIS_UNAVAILABLE', `${place} is full: ${text}`, mend, error);
  }
  return unreachable(place, error);
}
