import { setTimeout as pause } from 'node:timers/promises';

const ASK_EVERY_MS = 20;
/** What is asked last has that long, however near the deadline is. */
const LAST_ANSWER_MS = 1_000;

/** Asks until the answer is yes; throws when it is still no, still fails, or is still to come at the deadline. */
export async function eventually(
  ask: () => Promise<boolean> | boolean,
  { withinMs = 20_000, what = ask.toString() } = {},
): Promise<void> {
  const deadline = performance.now() + withinMs;
  let failure: unknown;
  for (;;) {
    try {
      if (await inTime(ask, Math.max(LAST_ANSWER_MS, deadline - performance.now()))) return;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    if (performance.now() >= deadline)
      throw new Error(`not within ${withinMs} ms: ${what}`, failure === undefined ? {} : { cause: failure });
    await pause(ASK_EVERY_MS);
  }
}

async function inTime(ask: () => Promise<boolean> | boolean, ms: number): Promise<boolean> {
  const over = new AbortController();
  const late = pause(ms, undefined, { signal: over.signal }).then(() => {
    throw new Error('there was no answer');
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([ask(), late]);
  } finally {
    over.abort();
  }
}

/** The same with words for what is waited for. */
export function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  withinMs?: number,
): Promise<void> {
  return eventually(isSo, { what, ...(withinMs === undefined ? {} : { withinMs }) });
}
