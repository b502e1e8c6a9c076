import { expect, it } from 'vitest';
import { eventually } from './eventually.ts';

it('gives up on a question that is never answered', async () => {
  const never = (): Promise<boolean> => new Promise(() => undefined);
  await expect(eventually(never, { withinMs: 1, what: 'an answer' })).rejects.toThrow(
    'not within 1 ms: an answer',
  );
});
