/** How far reading has come, in bytes on disk. What is gone through twice (to find the order, then to read) counts twice. */
export interface ReadProgress {
  readonly bytesRead: number;
  /** May grow once: when a large input turns out to be out of order. */
  readonly bytesTotal: number;
}

const MOST_REPORTS_PER_PASS = 100;
const SMALLEST_STEP_BYTES = 4 * 1024 * 1024;

/** Turns positions within passes over the input into reports, each a good step after the last. */
export class ProgressMeter {
  private readonly report: ((progress: ReadProgress) => void) | undefined;
  private readonly passBytes: number;
  private readonly stepBytes: number;
  private passes: number;
  private passesDone = 0;
  private nextReportAt = 0;

  constructor(report: ((progress: ReadProgress) => void) | undefined, passBytes: number, passes: number) {
    this.report = report;
    this.passBytes = passBytes;
    this.passes = passes;
    this.stepBytes = Math.max(SMALLEST_STEP_BYTES, (passBytes * passes) / MOST_REPORTS_PER_PASS);
  }

  /** `bytes` of the current pass are done. */
  reach(bytes: number): void {
    const bytesRead = this.passesDone * this.passBytes + Math.min(bytes, this.passBytes);
    if (bytesRead < this.nextReportAt) return;
    this.nextReportAt = bytesRead + this.stepBytes;
    this.report?.({ bytesRead, bytesTotal: this.passes * this.passBytes });
  }

  /** The current pass is done (or given up); `passesLeft` still to come. */
  endPass(passesLeft: number): void {
    this.passesDone += 1;
    this.passes = this.passesDone + passesLeft;
    if (passesLeft === 0) this.nextReportAt = 0;
    this.reach(0);
  }
}
