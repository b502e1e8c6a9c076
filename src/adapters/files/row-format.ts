import type { Rejection, RejectReason, TrackedEvent } from '../../core/events/event.ts';
import type { Instant } from '../../core/time.ts';
import type { Draft } from './draft.ts';
import type { Cutter, Row } from './read-rows.ts';

export const HISTORY_FORMATS = [
  'segment',
  'cdnow',
  'online-retail',
  'complete-journey',
  'retailrocket',
  'rees46',
  'taobao',
  'csv',
] as const;

export type HistoryFormat = (typeof HISTORY_FORMATS)[number];

/** A line item: a row that is only a part of an order, or a return that has yet to find its order. */
export interface OrderLine {
  readonly personId: string;
  readonly orderId: string;
  readonly valueMinor: number;
  readonly discountMinor?: number;
  readonly sellerId?: string;
  readonly productId?: string;
  readonly category?: string;
  /** Pieces, never negative. */
  readonly quantity?: number;
  /** Major units, as written. */
  readonly unitPrice?: number;
  readonly isReturn?: boolean;
}

/** What one row says on its own. `at` is when it arrived, which for a history is its own time. */
export type RowReading =
  | {
      readonly kind: 'event';
      readonly at: Instant;
      readonly event: TrackedEvent;
      /** `at` is a receiver's time and not the event's own. */
      readonly isReceived?: true;
    }
  | { readonly kind: 'line'; readonly at: Instant; readonly group: string; readonly item: OrderLine }
  | { readonly kind: 'rejection'; readonly at?: Instant | undefined; readonly rejection: Rejection };

/** Reads one row; `idOf` its line names the row for ever and serves as messageId. */
export type RowReader = (row: Row, idOf: (line: number) => string) => RowReading;

/** What the first lines of a file tell about it. */
export type Recognition =
  | {
      readonly kind: 'data';
      /** Lines before the first data row. */
      readonly headerRows: 0 | 1;
      readonly cut: Cutter;
      readonly width: number;
      readonly read: RowReader;
      /** Set where the rows are also in another file of the data set: left out when that one is there. */
      readonly excerptOf?: string;
    }
  /** A file of the same data set without events. */
  | { readonly kind: 'companion'; readonly note: string }
  | { readonly kind: 'foreign'; readonly found: string; readonly needed: string };

/** The line items of one group, by file and line, and what to make of them. */
export type Combine = (lines: readonly PlacedLine[], names: RowNames) => Draft[];

/** A line item with where it came from. Holds nothing that JSON would lose. */
export interface PlacedLine {
  /** Lines of one group are combined together. */
  readonly group: string;
  readonly at: Instant;
  readonly file: number;
  readonly row: number;
  readonly item: OrderLine;
  /** The row's text where a rejection may need it. */
  readonly raw?: string;
}

/** The lasting name of a row, by file and line. */
export type RowNames = (file: number, line: number) => string;

/** One import format: how to know it, and how to read a row of it. */
export interface RowFormat {
  readonly name: HistoryFormat;
  /** Whether rows say in which currency their amounts are. Where they do not, it is the policy's. */
  readonly statesCurrency: boolean;
  /** `lines`: the first lines of the file that are not blank; at least one. */
  recognise(lines: readonly string[]): Recognition;
  /** For formats whose orders consist of several rows. */
  readonly combine?: Combine;
  /** The instant of arrival without reading the whole line; `undefined` where it cannot be told. */
  readonly peekArrival?: (text: string) => Instant | undefined;
}

export function rejected(reason: RejectReason, detail: string, at?: Instant): RowReading {
  return { kind: 'rejection', at, rejection: { reason, detail } };
}
