import type { Command } from 'commander';
import { parseColumnMap, type ColumnMap } from '../adapters/files/column-map.ts';
import { openHistory, type History } from '../adapters/files/open-history.ts';
import { HISTORY_FORMATS } from '../adapters/files/row-format.ts';
import type { ReadProgress } from '../adapters/files/progress-meter.ts';
import { decodeSegment } from '../adapters/segment/decode-segment.ts';
import type { Instant } from '../core/time.ts';
import { demandOption } from './terminal/demand-option.ts';
import { parseInstantOption } from './terminal/option-values.ts';
import type { World } from './world.ts';

export interface HistoryFlags {
  readonly format: string;
  readonly input: string;
  readonly map?: ColumnMap;
  readonly until?: Instant;
}

/** `--format --input --map --until`, the same for every command that reads a real history. */
export function addHistoryOptions(command: Command): Command {
  demandOption(command, '--format <name>', `one of ${HISTORY_FORMATS.join(', ')}`);
  demandOption(command, '--input <path>', 'file, or folder of files; plain or gzip');
  return command
    .option(
      '--map <columns>',
      'with --format csv: person=COLUMN,time=COLUMN,value=COLUMN[,order=…][,seller=…][,kind=…]',
      parseColumnMap,
    )
    .option(
      '--until <when>',
      'leave out what came later: a date (to its end) or an instant',
      parseInstantOption,
    );
}

export function openHistoryOf(
  { format, input, map, until }: HistoryFlags,
  world: Pick<World, 'wallClock'>,
  onProgress: (progress: ReadProgress) => void,
): Promise<History> {
  return openHistory({
    format,
    path: input,
    decodeSegment,
    map,
    until,
    wallClockAt: world.wallClock(),
    onProgress,
  });
}
