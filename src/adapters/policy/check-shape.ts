import type { z } from 'zod';
import type { Mistake, Path } from './mistake.ts';

/** What zod found, one mistake for each key that is wrong, at the key or the value it is about. */
export function mistakesOf(error: z.ZodError): Mistake[] {
  return error.issues.flatMap((issue): Mistake[] => {
    const path = issue.path as Path;
    if (issue.code === 'unrecognized_keys') {
      const messages = issue.message.split('\n');
      return issue.keys.map((key, i) => ({ path: [...path, key], on: 'key', message: messages[i] ?? '' }));
    }
    return [{ path, on: issue.code === 'invalid_key' ? 'key' : 'value', message: issue.message }];
  });
}
