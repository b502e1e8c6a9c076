import { parseInstant } from '../../../core/parse-instant.ts';
import { badAmount, badTime, minorOf, nobody, personOf } from '../read-cells.ts';
import { rejected, type RowFormat, type RowReader } from '../row-format.ts';

const HEADER = ['customer_id', 'date', 'number_of_cds', 'dollar_value'];
const ROW = /^\s*\d+\s+\d{8}\s+\d+\s+[\d.]+\s*$/;
const SAMPLE_ROW = /^\s*\d+\s+\d+\s+\d{8}\s+\d+\s+[\d.]+\s*$/;

/**
 * CDNOW purchases: columns parted by blanks, with or without a header. Every row is an order of its own, those
 * of value 0 too. The published sample has a column more (its own customer number, second), which is passed over:
 * people keep the number they have in the master file, of which the sample is an excerpt.
 */
export const cdnow: RowFormat = {
  name: 'cdnow',
  statesCurrency: false,
  recognise: (lines) => {
    const header = cellsOf(lines[0] ?? '');
    if (HEADER.every((name, i) => header[i]?.toLowerCase() === name)) return data(1, 4, readerAt(0));
    if (lines.some((line) => ROW.test(line))) return data(0, 4, readerAt(0));
    if (lines.some((line) => SAMPLE_ROW.test(line))) {
      return { ...data(0, 5, readerAt(1)), excerptOf: 'the master file' };
    }
    return {
      kind: 'foreign',
      found: `a first line ${JSON.stringify((lines[0] ?? '').slice(0, 80))}`,
      needed: `rows of ${HEADER.join(' ')}, parted by blanks`,
    };
  },
};

function data(headerRows: 0 | 1, width: number, read: RowReader) {
  return { kind: 'data', headerRows, cut: cellsOf, width, read } as const;
}

/** `shift`: columns between the customer and the date. */
function readerAt(shift: 0 | 1): RowReader {
  return ({ cells, line }, idOf) => {
    const id = idOf(line);
    const date = cells[1 + shift];
    const at = date?.length === 8 ? parseInstant(date) : undefined;
    if (at === undefined) return badTime('date', date);
    const personId = personOf(cells[0]);
    if (personId === undefined) return nobody('customer_id', at);
    const quantity = Number(cells[2 + shift]);
    if (!Number.isInteger(quantity) || quantity < 0) {
      return rejected('malformed', `number_of_cds is ${cells[2 + shift] ?? ''}; expected a whole number`, at);
    }
    const totalMinor = minorOf(cells[3 + shift]);
    if (!(totalMinor >= 0)) return badAmount('dollar_value', cells[3 + shift], totalMinor, at);
    const properties = { orderId: id, totalMinor, quantity };
    return { kind: 'event', at, event: { messageId: id, personId, at, name: 'Order Completed', properties } };
  };
}

function cellsOf(text: string): string[] {
  return text.trim().split(/\s+/);
}
