import { setTimeout as pause } from 'node:timers/promises';

const ASK_EVERY_MS = 20;

/** Asks until the answer is yes; throws when it is still no, or still fails, at the deadline. */
export async function eventually(
  ask: () => Promise<boolean> | boolean,
  { withinMs = 20_000, what = ask.toString() } = {},
): Promise<void> {
  const deadline = performance.now() + withinMs;
  let failure: unknown;
  for (;;) {
    try {
      if (await ask()) return;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    if (performance.now() >= deadline)
      throw new Error(`not within ${withinMs} ms: ${what}`, failure === undefined ? {} : { cause: failure });
    await pause(ASK_EVERY_MS);
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
