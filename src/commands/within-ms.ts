/**
 * What `work` resolves to, or rejects with, if it does within so many milliseconds; else it rejects with what `late`
 * makes, the signal is aborted, and whatever becomes of the work then is nobody's concern.
 */
export async function withinMs<T>(
  ms: number,
  late: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const giveUp = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(late());
      giveUp.abort();
    }, ms);
  });
  try {
    // As a promise from the start: what `work` throws at once is a rejection, too.
    return await Promise.race([Promise.resolve(giveUp.signal).then(work), deadline]);
  } finally {
    clearTimeout(timer);
  }
}
