import { expect, it } from 'vitest';
import { interrupted } from '../../src/commands/interrupted.ts';
import { reportFailure } from '../../src/commands/report-failure.ts';
import { ERROR_CODES, TidemarkError, type ErrorCode } from '../../src/errors.ts';
import { testWorld } from '../support/test-world.ts';

function report(error: unknown, options: Parameters<typeof testWorld>[0] = {}) {
  const { world, stdout, stderr } = testWorld(options);
  const code = reportFailure(error, world);
  return { code, stdout: stdout(), stderr: stderr() };
}

it('says what and where, why, and the mend', () => {
  const cause = new Error("ENOENT: no such file, open 'orders.csv'");
  expect(
    report(new TidemarkError('INPUT_NOT_FOUND', 'cannot read orders.csv', 'check the path', cause)),
  ).toEqual({
    code: 2,
    stdout: '',
    stderr:
      'error: cannot read orders.csv [INPUT_NOT_FOUND]\n' +
      "  why:  ENOENT: no such file, open 'orders.csv'\n" +
      '  mend: check the path\n',
  });
});

it('does not say the same thing twice', () => {
  const error = new TidemarkError(
    'QUERY_FAILED',
    'ClickHouse: syntax error',
    'mend it',
    new Error('syntax error'),
  );
  expect(report(error).stderr).toBe('error: ClickHouse: syntax error [QUERY_FAILED]\n  mend: mend it\n');
});

it.each(Object.keys(ERROR_CODES) as ErrorCode[])('leaves with the exit code of %s', (code) => {
  expect(report(new TidemarkError(code, 'what', 'mend')).code).toBe(ERROR_CODES[code].exit);
});

it('calls an interruption a stop and not an error', () => {
  expect(report(interrupted('after 1,200 of 5,000 events'))).toEqual({
    code: 130,
    stdout: '',
    stderr:
      'stopped: after 1,200 of 5,000 events [INTERRUPTED]\n' +
      '  mend: run the same command again: it completes the work\n',
  });
});

it('takes an abort for an interruption only when somebody interrupted', () => {
  const abort = new DOMException('This operation was aborted', 'AbortError');
  const controller = new AbortController();
  expect(report(abort, { signal: controller.signal }).code).toBe(1);
  controller.abort();
  expect(report(abort, { signal: controller.signal }).code).toBe(130);
});

it('reports anything else as a bug, with the stack and what caused it', () => {
  const error = new TypeError('x is not a function', { cause: new Error('deeper') });
  const { code, stderr } = report(error);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^bug: /);
  expect(stderr).toContain('report-failure.test.ts');
  expect(stderr).toContain('caused by: Error: deeper');
  expect(report('a string').stderr).toContain('\na string\n');
});

it('makes text from outside harmless and keeps its own line breaks', () => {
  const error = new TidemarkError('QUERY_FAILED', 'near \u001b[31mred\nand the next line', 'mend it');
  expect(report(error).stderr).toBe(
    'error: near \\u001b[31mred\n       and the next line [QUERY_FAILED]\n  mend: mend it\n',
  );
});

it('wraps on a terminal with a hanging indent', () => {
  const error = new TidemarkError('USAGE', 'one two three four five six seven eight', 'a b');
  expect(report(error, { isTerminal: true, columns: 30 }).stderr).toBe(
    'error: one two three four five\n       six seven eight [USAGE]\n  mend: a b\n',
  );
});
