import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ROOT } from './source-tree.ts';

/** The part of vitest's JSON report that is read here. */
const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

export interface ReportSummary {
  readonly passed: number;
  /** Names of the tests, and of files that broke before any test of theirs ran. */
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
}

export function summariseReport(json: string): ReportSummary {
  const { testResults } = reportSchema.parse(JSON.parse(json));
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const named = (status: (text: string) => boolean) =>
    tests.filter((test) => status(test.status)).map(({ fullName }) => fullName);
  const brokenFiles = testResults
    .filter(({ status, assertionResults }) => {
      return status === 'failed' && !assertionResults.some((test) => test.status === 'failed');
    })
    .map(({ name }) => name);
  return {
    passed: named((status) => status === 'passed').length,
    failed: [...named((status) => status === 'failed'), ...brokenFiles],
    skipped: named((status) => status !== 'passed' && status !== 'failed'),
  };
}

/** What a skipped test could have been waiting for; while all of it is there, nothing may be skipped. */
function missingRequirements(): string[] {
  const required = {
    'the real histories': '../shared/data',
    'the embedded ClickHouse': 'node_modules/chdb',
    'the addon of tfjs-node': 'node_modules/@tensorflow/tfjs-node/lib/napi-v8/tfjs_binding.node',
  };
  return Object.entries(required).flatMap(([what, path]) => (existsSync(join(ROOT, path)) ? [] : [what]));
}

function main(folder: string): number {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const summaries = files.map((name) => ({
    name,
    ...summariseReport(readFileSync(join(folder, name), 'utf8')),
  }));
  for (const { name, passed, failed, skipped } of summaries) {
    console.log(`${name}: ${passed} passed, ${failed.length} failed, ${skipped.length} skipped`);
    for (const test of failed) console.log(`  failed: ${test}`);
    for (const test of skipped) console.log(`  skipped: ${test}`);
  }
  const total = (count: (summary: ReportSummary) => number) =>
    summaries.reduce((sum, summary) => sum + count(summary), 0);
  const [passed, failed, skipped] = [
    total((summary) => summary.passed),
    total((summary) => summary.failed.length),
    total((summary) => summary.skipped.length),
  ];
  const missing = missingRequirements();
  const isSkipForNothing = skipped > 0 && missing.length === 0;
  if (isSkipForNothing) console.log('tests were skipped although everything they could wait for is here');
  else if (skipped > 0) console.log(`not here, so tests were skipped: ${missing.join(', ')}`);
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return failed > 0 || passed === 0 || isSkipForNothing ? 1 : 0;
}

const [, script, folder] = process.argv;
if (script === import.meta.filename && folder !== undefined) process.exitCode = main(folder);
