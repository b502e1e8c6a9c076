import { TidemarkError } from '../../errors.ts';
import { NEVER, type Instant } from '../../core/time.ts';
import { BEFORE_ALL, compareArrival, type Draft } from './draft.ts';
import { ExternalSorter } from './external-sorter.ts';
import { LineGroups } from './line-groups.ts';
import { DraftMaker, rowsOf, type ReadingPlan } from './make-drafts.ts';
import type { ProgressMeter } from './progress-meter.ts';
import type { TempFolder } from './temp-folder.ts';

/** About how much memory a draft takes beside its text, and how much more for each line item. */
const WEIGHT = 400;
const WEIGHT_OF_LINE = 120;

/** What is found out about an input by reading it; remembered between readings. */
export interface ArrivalFindings {
  isInOrder?: boolean;
  /** The earliest time that any record tells. */
  firstAt?: Instant;
}

export interface ArrivalOptions {
  readonly plan: ReadingPlan;
  readonly findings: ArrivalFindings;
  readonly chunkBytes: number;
  readonly folder: TempFolder;
  readonly progress: ProgressMeter;
}

/**
 * All drafts in order of arrival, in blocks. What fits in memory is sorted there. For more, one cheap pass finds
 * out whether it is in order already, and then it streams; if not, it is sorted on disk. Formats whose orders
 * consist of several rows are first brought together by order, in the same way. The result is the same each way.
 */
export async function* inOrderOfArrival(options: ArrivalOptions): AsyncGenerator<readonly Draft[]> {
  const { plan, findings, progress, chunkBytes } = options;
  // A large file whose lines tell their time at a glance is looked through first: rather that than decode it twice.
  if (
    findings.isInOrder === undefined &&
    plan.format.peekArrival !== undefined &&
    plan.totalBytes > chunkBytes
  ) {
    findings.isInOrder = await isInOrder(options);
    progress.endPass(findings.isInOrder ? 1 : 2);
  }
  while (findings.isInOrder !== true) {
    const sorter = await collect(options);
    if (sorter === undefined) {
      findings.isInOrder = await isInOrder(options);
      progress.endPass(findings.isInOrder ? 1 : 2);
      continue;
    }
    progress.endPass(1);
    let done = 0;
    for await (const drafts of sorter.sorted()) {
      yield drafts;
      done += drafts.length;
      progress.reach((done / sorter.size) * plan.totalBytes);
    }
    return;
  }
  yield* streamed(options);
}

/** Everything, ready to be sorted; `undefined` when it exceeds the memory and might be in order as it is. */
async function collect(options: ArrivalOptions): Promise<ExternalSorter<Draft> | undefined> {
  const { plan, findings, chunkBytes, folder, progress } = options;
  const canStream = plan.format.combine === undefined;
  const byArrival = new ExternalSorter<Draft>({ compare: compareArrival, budget: chunkBytes, folder });
  const byGroup = new LineGroups(chunkBytes, folder);
  const maker = new DraftMaker(plan);
  let lastAt = BEFORE_ALL;
  for await (const { file, rows } of rowsOf(plan, (bytes) => progress.reach(bytes))) {
    for (const row of rows) {
      const made = maker.make(row, file);
      const weight = WEIGHT + row.text.length;
      if ('group' in made) {
        byGroup.add(made, weight);
        if (byGroup.isFull) await byGroup.spill();
        continue;
      }
      byArrival.add(made, weight);
      noteFirst(findings, made.at);
      if (made.at < lastAt) findings.isInOrder = false;
      lastAt = made.at;
      if (!byArrival.isFull) continue;
      if (canStream && findings.isInOrder === undefined) return undefined;
      await byArrival.spill();
    }
  }
  for await (const lines of byGroup.take()) {
    for (const draft of maker.combine(lines)) {
      byArrival.add(draft, WEIGHT + WEIGHT_OF_LINE * lines.length);
      noteFirst(findings, draft.at);
    }
    if (byArrival.isFull) await byArrival.spill();
  }
  return byArrival;
}

function noteFirst(findings: ArrivalFindings, at: Instant): void {
  if (at !== BEFORE_ALL && !(at >= (findings.firstAt ?? NEVER))) findings.firstAt = at;
}

/** Straight from the files, which are known to be in order. */
async function* streamed({ plan, progress }: ArrivalOptions): AsyncGenerator<readonly Draft[]> {
  const maker = new DraftMaker(plan);
  let last = BEFORE_ALL;
  for await (const { file, rows } of rowsOf(plan, (bytes) => progress.reach(bytes))) {
    const drafts: Draft[] = [];
    for (const row of rows) {
      const draft = maker.make(row, file) as Draft;
      if (draft.at < last) throw changed(plan, file, row.line);
      last = draft.at;
      drafts.push(draft);
    }
    if (drafts.length > 0) yield drafts;
  }
}

/** One pass that stops at the first row out of order. */
async function isInOrder({ plan, findings, progress }: ArrivalOptions): Promise<boolean> {
  const maker = new DraftMaker(plan);
  const { peekArrival } = plan.format;
  let last = BEFORE_ALL;
  for await (const { file, rows } of rowsOf(plan, (bytes) => progress.reach(bytes))) {
    for (const row of rows) {
      const peeked = last === BEFORE_ALL ? undefined : peekArrival?.(row.text);
      if (peeked !== undefined) maker.passOver(peeked);
      const at = peeked ?? maker.make(row, file).at;
      // What a row seems to tell at a glance may be wrong; the first of rows in order was made.
      if (peeked === undefined) noteFirst(findings, at);
      if (at < last) return false;
      last = at;
    }
  }
  return true;
}

function changed(plan: ReadingPlan, file: number, line: number): TidemarkError {
  const problem = `${plan.files[file]?.name ?? ''}:${line} is out of order, which it was not a moment ago`;
  return new TidemarkError('INPUT_FORMAT', problem, 'run again when nothing writes to the input any more');
}
