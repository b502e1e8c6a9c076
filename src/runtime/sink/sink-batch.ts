import { deterministicId } from '../../core/ids.ts';
import type { AnalyticsRows, CurrentTagRow, TagTransitionRow } from '../../ports/analytics.ts';
import type { SourceRecord } from '../../ports/event-source.ts';
import { rowIdentity, type SinkRow } from '../../ports/sink-row.ts';

type SinkTable = SinkRow['table'] | 'current_tags';

export interface BatchLimits {
  /** Offsets at whose multiples batches end, and so rows at most. */
  readonly rows: number;
  /** Characters in the rows of a batch, about; one record more may be in it. */
  readonly chars: number;
}

/**
 * Records of one source on their way to the tables, those that cannot be read among them. A batch ends at a multiple of
 * `limits.rows` or at the record that makes it too large: both are in the data, so that whoever reads the same offset
 * again after a crash gets the same batch, under the same token, unless it was cut short for want of more.
 */
export class SinkBatch {
  readonly rows: SinkRow[] = [];
  readonly unreadable: SourceRecord<SinkRow>[] = [];
  private readonly limits: BatchLimits;
  private chars = 0;
  private first = 0;
  private next: number | undefined;

  constructor(limits: BatchLimits) {
    this.limits = limits;
  }

  get isEmpty(): boolean {
    return this.next === undefined;
  }

  /** Offset after the last record. Not for empty ones. */
  get until(): number {
    if (this.next === undefined) throw new RangeError('an empty batch has no end');
    return this.next;
  }

  /** Whether the record belongs here. A batch that has none takes any. */
  takes({ offset }: SourceRecord<SinkRow>): boolean {
    const { rows, chars } = this.limits;
    if (this.next === undefined) return true;
    return this.chars < chars && Math.floor(offset / rows) === Math.floor(this.first / rows);
  }

  /** Whether no record can belong here any more. */
  get isFull(): boolean {
    const { rows, chars } = this.limits;
    return this.next !== undefined && (this.chars >= chars || this.next % rows === 0);
  }

  add(record: SourceRecord<SinkRow>): void {
    if (this.next === undefined) this.first = record.offset;
    this.next = record.offset + 1;
    if (!record.event.ok) {
      this.unreadable.push(record);
      return;
    }
    const told = record.event.value;
    this.rows.push(told);
    for (const value of Object.values(told.row)) if (typeof value === 'string') this.chars += value.length;
  }

  /**
   * Of the range and of what is in it: a topic that was made anew has other rows at the same offsets, which must not be
   * taken for those of before.
   */
  token(source: string): string {
    return deterministicId('sink', source, this.first, this.until, this.rows.map(rowIdentity).join(' '));
  }

  /** With every change of a tag the tag that holds from then on. */
  byTable(): Pick<AnalyticsRows, SinkTable> {
    const tables: { [Table in SinkTable]: AnalyticsRows[Table][number][] } = {
      tag_transitions: [],
      current_tags: [],
      trigger_events: [],
      dead_letters: [],
    };
    for (const told of this.rows) {
      if (told.table === 'tag_transitions') {
        tables.tag_transitions.push(told.row);
        tables.current_tags.push(tagAfter(told.row));
      } else if (told.table === 'trigger_events') tables.trigger_events.push(told.row);
      else tables.dead_letters.push(told.row);
    }
    return tables;
  }
}

/** Of two in one dimension the later replaces the earlier, whichever is stored first; of two at one millisecond, the one stored last. */
function tagAfter(transition: TagTransitionRow): CurrentTagRow {
  const { person_id, dimension, to_tag: tag, effective_at: since, next_change_at } = transition;
  return { person_id, dimension, tag, since, next_change_at, updated_at: since };
}
