import { expect, it } from 'vitest';
import { closeAll } from '../../src/commands/close-all.ts';

it('closes the last first, all of them though one fails, and throws the first failure', async () => {
  const closed: string[] = [];
  const closing = ['redis', 'publisher', 'group'].map((name) => () => {
    closed.push(name);
    return name === 'redis' ? Promise.resolve() : Promise.reject(new Error(name));
  });
  await expect(closeAll(closing)).rejects.toThrow('group');
  expect(closed).toEqual(['group', 'publisher', 'redis']);
  await closeAll(closing);
  expect(closed).toHaveLength(3);
});
