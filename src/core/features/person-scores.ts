import type { ByteReader, ByteWriter } from '../bytes.ts';
import { NEVER, instant, type Instant } from '../time.ts';

/**
 * What the models in force said of a person, and when they are asked next. Scores belong to instants: those at which
 * the person's silence has lasted so and so long, and one soon after whatever they do. Between two they stay.
 */
export interface PersonScores {
  /** The instant they were made for; 0 before the first, and while later ones need not be made since they are the same. */
  readonly at: Instant;
  /** When they are made next, if nothing happens before. */
  readonly nextAt: Instant;
  /** How many instants of silence lie behind. */
  readonly silence: number;
  /** Something happened for which no scores were made yet, so that what comes at `nextAt` is not the work of time alone. */
  readonly touched: boolean;
  /** P(no order within 30 days) and within 90; NaN for who never ordered. */
  readonly churn30: number;
  readonly churn90: number;
  /** Names of the segment models; empty for none. */
  readonly valueSegment: string;
  readonly style: string;
  /** 32-bit hash of the version of the models; before the first scores, of those that will make them. */
  readonly models: number;
  /** Not kept with the person: what was worked out ahead. */
  ahead?: ScoresAhead;
}

/** The scores a silent person will have, in order of time, up to and including `until`. */
export interface ScoresAhead {
  readonly scores: readonly PersonScores[];
  readonly until: Instant;
}

export const NO_SCORES: Omit<PersonScores, 'ahead'> = {
  at: instant(0),
  nextAt: NEVER,
  silence: 0,
  touched: false,
  churn30: NaN,
  churn90: NaN,
  valueSegment: '',
  style: '',
  models: 0,
};

/** Every name of a group; stored by position: append, never reorder. `none` is in older records only. */
const SEGMENTS = [
  '',
  'high_value',
  'potential',
  'dormant',
  'ordinary',
  'trend_follower',
  'collector',
  'socialite',
  'none',
] as const;

const TOUCHED = 1;
const HAS_CHURN = 2;

/** `base` is the clock of the person's windows: not before the scores, and not after what comes next. */
export function writeScores(writer: ByteWriter, scores: PersonScores, base: Instant): void {
  const hasChurn = !Number.isNaN(scores.churn90);
  writer.byte((scores.touched ? TOUCHED : 0) | (hasChurn ? HAS_CHURN : 0));
  writer.unsigned(scores.at === 0 ? 0 : base - scores.at + 1);
  writer.unsigned(scores.nextAt === NEVER ? 0 : scores.nextAt - base + 1);
  writer.unsigned(scores.silence);
  writer.unsigned(scores.models);
  writer.byte(SEGMENTS.indexOf(scores.valueSegment as (typeof SEGMENTS)[number]));
  writer.byte(SEGMENTS.indexOf(scores.style as (typeof SEGMENTS)[number]));
  if (!hasChurn) return;
  writer.unsigned(bitsOf(scores.churn30));
  writer.unsigned(bitsOf(scores.churn90));
}

export function readScores(reader: ByteReader, base: Instant): PersonScores {
  const flags = reader.byte();
  const back = reader.unsigned();
  const ahead = reader.unsigned();
  const silence = reader.unsigned();
  const models = reader.unsigned();
  const valueSegment = SEGMENTS[reader.byte()] ?? '';
  const style = SEGMENTS[reader.byte()] ?? '';
  const hasChurn = (flags & HAS_CHURN) !== 0;
  return {
    at: instant(back === 0 ? 0 : base - back + 1),
    nextAt: ahead === 0 ? NEVER : instant(base + ahead - 1),
    silence,
    touched: (flags & TOUCHED) !== 0,
    churn30: hasChurn ? floatOf(reader.unsigned()) : NaN,
    churn90: hasChurn ? floatOf(reader.unsigned()) : NaN,
    valueSegment,
    style,
    models,
  };
}

/** Probabilities are 32-bit floats: their bits are the exact number, and fit a packed one. */
function bitsOf(probability: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, probability);
  return view.getUint32(0);
}

function floatOf(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits);
  return view.getFloat32(0);
}
