const QUOTE = 34;

/** What can be wrong with the quotes of a record: one is open at its end, or text follows a closing one. */
export type QuoteFault = 'open' | 'broken';

/**
 * The fields of one CSV record (RFC 4180), trimmed of nothing. A quoted field may hold separators, line ends and
 * doubled quotes; a quote inside an unquoted field is an ordinary character.
 */
export function splitCsv(text: string, separator: string): string[] | QuoteFault {
  if (!text.includes('"')) return text.split(separator);
  const cells: string[] = [];
  for (let from = 0; ;) {
    let end: number;
    if (text.charCodeAt(from) === QUOTE) {
      let cell = '';
      for (;;) {
        const close = text.indexOf('"', from + 1);
        if (close < 0) return 'open';
        cell += text.slice(from + 1, close);
        from = close + 1;
        if (text.charCodeAt(from) !== QUOTE) break;
        cell += '"';
      }
      cells.push(cell);
      if (from === text.length) return cells;
      if (!text.startsWith(separator, from)) return 'broken';
      end = from;
    } else {
      end = text.indexOf(separator, from);
      cells.push(end < 0 ? text.slice(from) : text.slice(from, end));
      if (end < 0) return cells;
    }
    from = end + separator.length;
  }
}
