import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { abortOnSignals } from '../../src/commands/abort-on-signals.ts';

function listen() {
  const source = new EventEmitter();
  const heard: (string | number)[] = [];
  const leave = (code: number) => void heard.push(code);
  const announce = (words: string) => void heard.push(words.trim());
  return { source, heard, interruption: abortOnSignals(source, { announce, leave }) };
}

it('takes the first signal as a request and the second as an order', () => {
  const { source, heard, interruption } = listen();
  expect([interruption.signal.aborted, interruption.exitCode()]).toEqual([false, undefined]);
  source.emit('SIGINT');
  expect([interruption.signal.aborted, interruption.exitCode()]).toEqual([true, 130]);
  expect(heard).toEqual(['finishing what is in hand; once more to leave at once']);
  source.emit('SIGINT');
  expect(heard.slice(1)).toEqual([130]);
});

it('knows a service manager from a person', () => {
  const { source, heard, interruption } = listen();
  source.emit('SIGTERM');
  expect(interruption.exitCode()).toBe(143);
  source.emit('SIGINT');
  expect(heard.slice(1)).toEqual([130]);
});
