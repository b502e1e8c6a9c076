import { TidemarkError } from '../errors.ts';
import { formatDuration } from './terminal/numbers.ts';

export type Subject = 'kafka' | 'redis' | 'clickhouse' | 'policy' | 'models';

/** What one check found. */
export interface Finding {
  readonly about: Subject;
  /** A warning works today; a problem keeps Tidemark from working, or from keeping its promises. */
  readonly verdict: 'ok' | 'warning' | 'problem';
  readonly says: string;
  /** What to do about it; for everything but `ok`. */
  readonly mend?: string;
}

/** One subject's findings, in the order in which they were made. */
export class Findings {
  readonly all: Finding[] = [];
  private readonly about: Subject;

  constructor(about: Subject) {
    this.about = about;
  }

  ok(says: string): void {
    this.all.push({ about: this.about, verdict: 'ok', says });
  }

  warn(says: string, mend: string): void {
    this.all.push({ about: this.about, verdict: 'warning', says, mend });
  }

  problem(says: string, mend: string): void {
    this.all.push({ about: this.about, verdict: 'problem', says, mend });
  }
}

/** The findings of `look`; an outage or a refusal on the way is one more. What is neither is a bug, and rejects. */
export async function findingsOf(
  about: Subject,
  look: (findings: Findings) => Promise<void>,
): Promise<readonly Finding[]> {
  const findings = new Findings(about);
  try {
    await look(findings);
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error;
    findings.problem(`${error.message} [${error.code}]`, error.mend);
  }
  return findings.all;
}

/** Epoch milliseconds: by our clock before and after a server was asked for the time, and its answer. */
export interface ClockReading {
  readonly askedAt: number;
  readonly serverAt: number;
  readonly answeredAt: number;
}

const MOST_SKEW_MS = 500;

/** How far the clock of `place` is from ours; half of what the question took is in doubt, and counts for it. */
export function judgeClock(findings: Findings, place: string, clock: ClockReading): void {
  const { askedAt, serverAt, answeredAt } = clock;
  const ahead = serverAt - (askedAt + answeredAt) / 2;
  const skewMs = Math.max(0, Math.abs(ahead) - (answeredAt - askedAt) / 2);
  if (skewMs <= MOST_SKEW_MS) {
    findings.ok(`the clock of ${place} and this one agree to ${MOST_SKEW_MS} ms`);
    return;
  }
  findings.warn(
    `the clock of ${place} is ${formatDuration(skewMs)} ${ahead > 0 ? 'ahead of' : 'behind'} this one`,
    'Let both machines take their time from NTP: people change by the clock of the worker that has them.',
  );
}

/** 1.2 before 1.10; whatever follows the numbers does not count. */
export function isBefore(version: string, least: string): boolean {
  const [parts, leastParts] = [version, least].map((text) =>
    text.split('.').map((part) => parseInt(part, 10)),
  );
  for (const [i, wanted] of (leastParts ?? []).entries()) {
    const part = parts?.[i] ?? 0;
    if (part !== wanted) return part < wanted;
  }
  return false;
}
