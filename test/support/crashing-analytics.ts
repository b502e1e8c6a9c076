import type { AnalyticsRows, AnalyticsWriter } from '../../src/ports/analytics.ts';
import { Crash } from './crashing-store.ts';

/** Dies at every `everyWrites`-th write, when the rows are taken and nobody has been told so. */
export class CrashingAnalytics implements AnalyticsWriter {
  private readonly behind: AnalyticsWriter;
  private readonly everyWrites: number;
  private writes = 0;

  constructor(behind: AnalyticsWriter, everyWrites: number) {
    this.behind = behind;
    this.everyWrites = everyWrites;
  }

  async write(token: string, rows: Partial<AnalyticsRows>): Promise<void> {
    await this.behind.write(token, rows);
    this.writes += 1;
    if (this.writes % this.everyWrites === 0) throw new Crash(`after rows ${this.writes}`);
  }
}
