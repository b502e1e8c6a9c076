import { setTimeout as delay } from 'node:timers/promises';

const ASK_EVERY_MS = 20;

/** Asks until the answer is yes; rejects with what was waited for once the deadline has passed. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  deadlineMs = 20_000,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`waited ${deadlineMs} ms in vain until ${what}`);
    await delay(ASK_EVERY_MS);
  }
}
