import { ExternalSorter } from './external-sorter.ts';
import type { PlacedLine } from './row-format.ts';
import type { TempFolder } from './temp-folder.ts';

/**
 * Brings line items together by group, in bounded memory. Lines must be added as they stand in the files, and come
 * in that order within their group; groups come in no particular order.
 */
export class LineGroups {
  private groups = new Map<string, PlacedLine[]>();
  private weight = 0;
  private readonly budget: number;
  private readonly spilled: ExternalSorter<PlacedLine>;

  /** `budget`: bytes of lines to hold in memory. */
  constructor(budget: number, folder: TempFolder) {
    this.budget = budget;
    this.spilled = new ExternalSorter({ compare: compareGroup, budget, folder });
  }

  /** `weight`: about how many bytes of memory the line takes. */
  add(line: PlacedLine, weight: number): void {
    const group = this.groups.get(line.group);
    if (group === undefined) this.groups.set(line.group, [line]);
    else group.push(line);
    this.weight += weight;
  }

  get isFull(): boolean {
    return this.weight >= this.budget;
  }

  async spill(): Promise<void> {
    for (const group of this.groups.values()) {
      for (const line of group) this.spilled.add(line, 0);
    }
    this.groups = new Map();
    this.weight = 0;
    await this.spilled.spill();
  }

  /** All groups, each in an array of its own. The collection is empty afterwards. */
  async *take(): AsyncGenerator<readonly PlacedLine[]> {
    const { groups } = this;
    this.groups = new Map();
    if (this.spilled.size === 0) {
      yield* groups.values();
      return;
    }
    for (const group of groups.values()) {
      for (const line of group) this.spilled.add(line, 0);
    }
    let group: PlacedLine[] = [];
    for await (const lines of this.spilled.sorted()) {
      for (const line of lines) {
        if (group[0] !== undefined && group[0].group !== line.group) {
          yield group;
          group = [];
        }
        group.push(line);
      }
    }
    yield group;
  }
}

function compareGroup(a: PlacedLine, b: PlacedLine): number {
  if (a.group !== b.group) return a.group < b.group ? -1 : 1;
  return a.file - b.file || a.row - b.row;
}
