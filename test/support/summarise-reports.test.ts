import { expect, it } from 'vitest';
import { summariseReport } from './summarise-reports.ts';

function report(
  files: Record<string, { status: string; tests: readonly (readonly [string, string])[] }>,
): string {
  return JSON.stringify({
    testResults: Object.entries(files).map(([name, { status, tests }]) => ({
      name,
      status,
      assertionResults: tests.map(([fullName, status]) => ({ fullName, status })),
    })),
  });
}

it('counts tests, and files that broke before their first test', () => {
  const json = report({
    'a.test.ts': {
      status: 'failed',
      tests: [
        ['one', 'passed'],
        ['two', 'failed'],
        ['three', 'skipped'],
      ],
    },
    'b.test.ts': { status: 'failed', tests: [] },
    'c.test.ts': {
      status: 'passed',
      tests: [
        ['four', 'passed'],
        ['five', 'pending'],
      ],
    },
  });
  expect(summariseReport(json)).toEqual({
    passed: 2,
    failed: ['two', 'b.test.ts'],
    skipped: ['three', 'five'],
  });
});
