import { TidemarkError } from '../../errors.ts';
import type { InputFile } from './input-files.ts';
import { readChunks, splitLines } from './read-lines.ts';

const HEAD_BYTES = 64 * 1024;
const HEAD_LINES = 20;
/** Text in another encoding has some; what has more is no text. */
const MOST_UNREADABLE = 0.1;

/**
 * The first lines of a file that are not blank: at most 20, none for an empty file. Throws `INPUT_FORMAT` for what
 * is not text.
 */
export async function readHead(file: InputFile): Promise<readonly string[]> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of readChunks(file)) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= HEAD_BYTES) break;
  }
  const head = Buffer.concat(chunks).subarray(0, HEAD_BYTES);
  const text = head.toString('utf8');
  if (head.includes(0) || unreadableShare(text) > MOST_UNREADABLE) throw binary(file, head);
  const lines = splitLines(text, true);
  if (bytes > HEAD_BYTES && lines.length > 1) lines.pop();
  return lines.filter((line) => line.trim() !== '').slice(0, HEAD_LINES);
}

function unreadableShare(text: string): number {
  return text.length === 0 ? 0 : (text.match(/\uFFFD/g)?.length ?? 0) / text.length;
}

function binary(file: InputFile, head: Buffer): TidemarkError {
  const start = head.toString('latin1', 0, 4);
  const mend = start.startsWith('PK')
    ? 'save the sheet as CSV, or unpack the archive: only gzip is read packed'
    : start.startsWith('\xFF\xFE') || start.startsWith('\xFE\xFF')
      ? 'save it as UTF-8: it is UTF-16'
      : 'name a text file, plain or gzip';
  return new TidemarkError('INPUT_FORMAT', `${file.path} is not text`, mend);
}
