import { rm } from 'node:fs/promises';
import { mergeSorted } from './merge-sorted.ts';
import { readLines } from './read-lines.ts';
import type { TempFolder } from './temp-folder.ts';

/** So many runs of a level are merged into one of the next. */
const WIDEST_MERGE = 64;
const BLOCK_ITEMS = 1024;
const WRITE_CHARACTERS = 1024 * 1024;

export interface SorterOptions<T> {
  readonly compare: (a: T, b: T) => number;
  /** Bytes of items to hold in memory. */
  readonly budget: number;
  readonly folder: TempFolder;
}

/**
 * Sorts any number of JSON-safe items in bounded memory: what exceeds the budget is written to sorted runs on disk,
 * which are merged in the end. The order is that of `compare` alone; items it calls equal come in no particular
 * order once there are runs. `add`, and `spill` whenever `isFull`, then `sorted` once.
 */
export class ExternalSorter<T> {
  private readonly options: SorterOptions<T>;
  private items: T[] = [];
  private weight = 0;
  /** Runs by how often their items have been merged. */
  private levels: string[][] = [];

  constructor(options: SorterOptions<T>) {
    this.options = options;
  }

  /** Items taken in so far. */
  size = 0;

  /** `weight`: about how many bytes of memory the item takes. */
  add(item: T, weight: number): void {
    this.items.push(item);
    this.size += 1;
    this.weight += weight;
  }

  get isFull(): boolean {
    return this.weight >= this.options.budget;
  }

  /** Moves everything in memory to disk. Throws `TEMP_FOLDER` when that fails. */
  async spill(): Promise<void> {
    let path = await this.writeRun(blocksOf(this.takeSorted()));
    for (let level = 0; ; level++) {
      const runs = (this.levels[level] ??= []);
      runs.push(path);
      if (runs.length < WIDEST_MERGE) return;
      path = await this.writeRun(mergeSorted(runs.map(readRun<T>), this.options.compare));
      this.levels[level] = [];
      for (const merged of runs) await rm(merged);
    }
  }

  /** Everything in order, in blocks. The sorter is empty afterwards. */
  sorted(): AsyncIterable<readonly T[]> {
    const runs = this.levels.flat().map(readRun<T>);
    this.levels = [];
    const rest = blocksOf(this.takeSorted());
    return runs.length === 0 ? rest : mergeSorted([...runs, rest], this.options.compare);
  }

  private takeSorted(): T[] {
    const { items } = this;
    this.items = [];
    this.weight = 0;
    return items.sort(this.options.compare);
  }

  private writeRun(blocks: AsyncIterable<readonly T[]>): Promise<string> {
    return this.options.folder.writeFile(async (handle) => {
      let text = '';
      for await (const block of blocks) {
        for (const item of block) {
          text += JSON.stringify(item) + '\n';
          if (text.length < WRITE_CHARACTERS) continue;
          await handle.appendFile(text);
          text = '';
        }
      }
      await handle.appendFile(text);
    });
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- blocks in memory and on disk are read alike
async function* blocksOf<T>(items: readonly T[]): AsyncGenerator<readonly T[]> {
  for (let i = 0; i < items.length; i += BLOCK_ITEMS) yield items.slice(i, i + BLOCK_ITEMS);
}

async function* readRun<T>(path: string): AsyncGenerator<readonly T[]> {
  for await (const { lines } of readLines({ path, name: path, bytes: 0, isGzip: false })) {
    yield lines.filter((line) => line !== '').map((line) => JSON.parse(line) as T);
  }
}
