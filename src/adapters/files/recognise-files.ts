import { TidemarkError } from '../../errors.ts';
import type { RecordDecoder } from '../../ports/record-decoder.ts';
import type { ColumnMap } from './column-map.ts';
import { readHeader } from './columns.ts';
import { cdnow } from './formats/cdnow.ts';
import { completeJourney } from './formats/complete-journey.ts';
import { csvFormat } from './formats/csv.ts';
import { onlineRetail } from './formats/online-retail.ts';
import { rees46 } from './formats/rees46.ts';
import { retailrocket } from './formats/retailrocket.ts';
import { segmentFormat } from './formats/segment.ts';
import { taobao } from './formats/taobao.ts';
import type { InputFile, InputFiles } from './input-files.ts';
import type { DataFile } from './make-drafts.ts';
import { readHead } from './read-head.ts';
import { HISTORY_FORMATS, type Recognition, type RowFormat } from './row-format.ts';

interface Choice {
  readonly format: string;
  readonly map?: ColumnMap | undefined;
  readonly decodeSegment: RecordDecoder;
}

interface FileSeen {
  readonly file: InputFile;
  readonly head: readonly string[];
}

/**
 * Finds the format that was named and checks that every file is of it, a companion of it, or empty. Throws `USAGE`
 * for an unknown name and for a wrong or missing map, `INPUT_FORMAT` for a file that is something else (naming
 * the format it is, if one fits), `INPUT_EMPTY` when no file holds a data row.
 */
export async function recogniseFiles(
  input: InputFiles,
  choice: Choice,
): Promise<{ format: RowFormat; files: DataFile[]; notes: string[] }> {
  const seen: FileSeen[] = [];
  for (const file of input.files) seen.push({ file, head: await readHead(file) });
  const format = formatOf(choice, seen);
  const notes = [...input.notes];
  const files: DataFile[] = [];
  for (const { file, head } of seen) {
    if (head.length === 0) {
      notes.push(`${file.name}: empty`);
      continue;
    }
    const recognition = format.recognise(head);
    if (recognition.kind === 'foreign') throw foreign(file, head, format, recognition, choice);
    if (recognition.kind === 'companion') notes.push(`${file.name}: ${recognition.note}, skipped`);
    else if (head.length <= recognition.headerRows) notes.push(`${file.name}: a header without rows`);
    else files.push({ ...file, recognition });
  }
  const isWhole = files.some(({ recognition }) => recognition.excerptOf === undefined);
  const excerpts = isWhole ? files.filter(({ recognition }) => recognition.excerptOf !== undefined) : [];
  for (const { name, recognition } of excerpts) {
    notes.push(`${name}: an excerpt of ${recognition.excerptOf ?? ''}, skipped`);
  }
  if (files.length === 0) {
    const mend = 'check that the export went through, and that the path names the data';
    throw new TidemarkError('INPUT_EMPTY', `no data rows: ${notes.join('; ')}`, mend);
  }
  return { format, files: files.filter((file) => !excerpts.includes(file)), notes };
}

function formatOf(choice: Choice, seen: readonly FileSeen[]): RowFormat {
  const { format, map } = choice;
  const head = seen.find(({ head }) => head.length > 0)?.head ?? [];
  if (map !== undefined && format !== 'csv') {
    throw new TidemarkError(
      'USAGE',
      `--map goes with --format csv, not with ${format}`,
      'leave one of the two out',
    );
  }
  if (format === 'csv') {
    if (map !== undefined) return csvFormat(map);
    const columns = readHeader(head[0] ?? '')
      .names.join(', ')
      .slice(0, 400);
    const mend = `add --map person=…,time=…,value=… with the columns of the file: ${columns}`;
    throw new TidemarkError('USAGE', '--format csv needs --map', mend);
  }
  const named = fixedFormats(choice).find(({ name }) => name === format);
  if (named !== undefined) return named;
  const fitting = fittingFormat(head, choice);
  const all = `use one of ${HISTORY_FORMATS.join(', ')}`;
  const mend =
    fitting === undefined ? all : `use ${fitting}, which fits the input, or ${all.replace('use ', '')}`;
  throw new TidemarkError('USAGE', `there is no format ${JSON.stringify(format)}`, mend);
}

function fixedFormats({ decodeSegment }: Choice): RowFormat[] {
  return [segmentFormat(decodeSegment), cdnow, onlineRetail, completeJourney, retailrocket, rees46, taobao];
}

function fittingFormat(head: readonly string[], choice: Choice): string | undefined {
  if (head.length === 0) return undefined;
  return fixedFormats(choice).find((format) => format.recognise(head).kind === 'data')?.name;
}

function foreign(
  file: InputFile,
  head: readonly string[],
  format: RowFormat,
  { found, needed }: Extract<Recognition, { kind: 'foreign' }>,
  choice: Choice,
): TidemarkError {
  const problem = `${file.path} is not in format ${format.name}: it lacks ${needed}; it has ${found}`;
  const fitting = fittingFormat(head, choice);
  const mend =
    fitting !== undefined && fitting !== format.name
      ? `use --format ${fitting}, which fits it`
      : format.name === 'csv'
        ? 'name columns of the file in --map; commas, semicolons and tabs part them'
        : 'name the format it is in, or --format csv with --map';
  return new TidemarkError('INPUT_FORMAT', problem, mend);
}
