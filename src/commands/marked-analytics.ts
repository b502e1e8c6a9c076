import { markSnapshot, type Underway } from '../adapters/memory/state-snapshot.ts';
import type { Instant } from '../core/time.ts';
import type { AnalyticsRows, AnalyticsWriter } from '../ports/analytics.ts';
import type { SourceWatch } from './source-watch.ts';

export interface MarkedRun {
  readonly watch: SourceWatch;
  /** State file of the folder, and how many people are in it. */
  readonly path: string;
  readonly people: number;
  /** What the file says so far, or its own clock where that is later. */
  readonly underway: Underway;
  /** Where time comes to when the source ends. */
  readonly until: Instant | undefined;
  /** Version of the models in force. */
  readonly scoredBy: () => string;
}

/**
 * Lets rows through once the state file says which records they may rest on, so that a run that is killed now can be
 * continued with the same records only. A mark costs a copy of the file: it is made before the first rows of a
 * source, before those that follow its end, when other models come into force, and in between each time as many
 * records were read as people are copied.
 */
export class MarkedAnalytics implements AnalyticsWriter {
  private readonly behind: AnalyticsWriter;
  private readonly run: MarkedRun;
  private marked: Underway;

  constructor(behind: AnalyticsWriter, run: MarkedRun) {
    this.behind = behind;
    this.run = run;
    this.marked = run.underway;
  }

  async write(token: string, rows: Partial<AnalyticsRows>): Promise<void> {
    const { watch, path, until } = this.run;
    const { scoredBy: before = [] } = this.marked;
    const version = this.run.scoredBy();
    const scoredBy = before.at(-1) === version ? before : [...before, version];
    const underway = { ...watch.underway(until), scoredBy };
    if (this.isDue(underway)) {
      await markSnapshot(path, underway);
      this.marked = underway;
    }
    await this.behind.write(token, rows);
  }

  private isDue({ clock, beginnings, scoredBy }: Underway): boolean {
    const { watch, people } = this.run;
    if (Object.keys(beginnings).length > 0 && scoredBy !== this.marked.scoredBy) return true;
    const marked = this.marked.beginnings;
    if (Object.keys(beginnings).some((source) => marked[source] === undefined)) return true;
    const unmarked = recordsIn(beginnings) - recordsIn(marked);
    return watch.ended ? unmarked > 0 || clock > this.marked.clock : unmarked > 0 && unmarked >= people;
  }
}

function recordsIn(beginnings: Underway['beginnings']): number {
  return Object.values(beginnings).reduce((sum, { records }) => sum + records, 0);
}
