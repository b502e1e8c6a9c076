/** CPU time of `JSON.parse` on given lines, sampled now and then: what else runs on the machine slows it in like measure. */
export class Yardstick {
  private readonly lines: readonly string[];
  private micros = 0;
  private parsed = 0;

  constructor(lines: readonly string[]) {
    this.lines = lines;
  }

  /** Some ten milliseconds of work. */
  sample(): void {
    const before = process.cpuUsage();
    for (const line of this.lines) JSON.parse(line);
    const { user, system } = process.cpuUsage(before);
    this.micros += user + system;
    this.parsed += this.lines.length;
  }

  /** Over all samples. */
  get microsPerParse(): number {
    return this.micros / this.parsed;
  }
}
