/**
 * Closes what was opened, the last first, and forgets it. One that fails keeps none of the others open; the first
 * failure is thrown once all had their turn.
 */
export async function closeAll(closing: (() => Promise<void> | void)[]): Promise<void> {
  let failed: { readonly error: unknown } | undefined;
  for (const close of closing.splice(0).toReversed()) {
    try {
      await close();
    } catch (error) {
      failed ??= { error };
    }
  }
  if (failed !== undefined) throw failed.error;
}
