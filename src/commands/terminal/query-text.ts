const PIECE_BYTES = 1 << 20;

/** Text of pieces of UTF-8, in pieces of a megabyte at most: a large result does not fit into one string. */
export async function* textPieces(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      yield decoder.decode(chunk.subarray(at, at + PIECE_BYTES), { stream: true });
    }
  }
  yield decoder.decode();
}

/** One JSON array on one line, of text that holds one JSON value a line. */
export async function* jsonArrayOfLines(
  pieces: AsyncIterable<string>,
): AsyncGenerator<string, void, undefined> {
  let held = '[';
  for await (const piece of pieces) {
    if (piece === '') continue;
    // JSON writes a line break inside a string as \n: those that stand here end values. The last one is kept back.
    const text = held + piece.replaceAll('\n', ',');
    held = text.endsWith(',') ? ',' : '';
    yield held === '' ? text : text.slice(0, -1);
  }
  yield held === '[' ? '[]\n' : ']\n';
}

export interface TabbedTable {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** The first rows, `null` for NULL; each as long as `columns`. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** Of the whole result. */
  readonly rowCount: number;
}

/** Reads ClickHouse's TabSeparatedWithNamesAndTypes to its end and keeps the first `most` rows. */
export async function readTabbedTable(pieces: AsyncIterable<string>, most: number): Promise<TabbedTable> {
  const kept: string[] = [];
  let lineCount = 0;
  let open = '';
  for await (const piece of pieces) {
    const lines = (open + piece).split('\n');
    open = lines.pop() ?? '';
    lineCount += lines.length;
    if (kept.length < most + 2) kept.push(...lines.slice(0, most + 2 - kept.length));
  }
  const [names = [], types = [], ...rows] = kept.map((line) => line.split('\t').map(cellOf));
  return {
    columns: names.map((name, i) => ({ name: name ?? '', type: types[i] ?? '' })),
    rows,
    rowCount: Math.max(0, lineCount - 2),
  };
}

const ESCAPED: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', 0: '\0' };

function cellOf(text: string): string | null {
  if (text === String.raw`\N`) return null;
  return text.replaceAll(/\\([^])/g, (_, character: string) => ESCAPED[character] ?? character);
}
