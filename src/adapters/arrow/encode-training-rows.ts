import {
  AsyncByteQueue,
  Field,
  Float32,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  TimestampMillisecond,
  Uint8,
  Utf8,
  makeData,
  vectorFromArray,
  type Data,
} from 'apache-arrow';
import { HORIZON_DAYS } from '../../ports/churn-network.ts';

/** Rows that belong together, as many as fit well into memory twice. */
export interface TrainingRowBatch {
  readonly personIds: readonly string[];
  /** Epoch milliseconds. */
  readonly instants: readonly number[];
  /** Row-major, one column an input. */
  readonly inputs: Float32Array;
  /** Per horizon of HORIZON_DAYS, per row: 1 churned, 0 not, null where it had not elapsed. */
  readonly labels: readonly (readonly (0 | 1 | null)[])[];
}

/**
 * Training rows as an Apache Arrow file: `person_id`, `at` (timestamp, milliseconds, UTC), each input by its name as
 * float32, `label_30d` and `label_90d` as uint8 or null. One record batch each of `batches`, encoded as it is pulled:
 * no more than one is held.
 */
export function* encodeTrainingRows(
  inputNames: readonly string[],
  batches: Iterable<TrainingRowBatch>,
): Generator<Uint8Array, void, undefined> {
  const schema = new Schema([
    new Field('person_id', new Utf8(), false),
    new Field('at', new TimestampMillisecond('UTC'), false),
    ...inputNames.map((name) => new Field(name, new Float32(), false)),
    ...HORIZON_DAYS.map((days) => new Field(`label_${days}d`, new Uint8(), true)),
  ]);
  const sink = new EncodedBytes();
  const writer = new RecordBatchFileWriter();
  writer.reset(sink, schema);
  for (const batch of batches) {
    writer.write(recordBatchOf(schema, batch, inputNames.length));
    yield* sink.taken();
  }
  writer.finish();
  yield* sink.taken();
}

function recordBatchOf(
  schema: Schema,
  { personIds, instants, inputs, labels }: TrainingRowBatch,
  width: number,
): RecordBatch {
  const rows = personIds.length;
  const inputColumns = Array.from({ length: width }, (_, column): Data => {
    const data = Float32Array.from({ length: rows }, (_row, row) => inputs[row * width + column] ?? NaN);
    return makeData({ type: new Float32(), data });
  });
  const children = [
    ...vectorFromArray(personIds, new Utf8()).data,
    makeData({ type: new TimestampMillisecond('UTC'), data: BigInt64Array.from(instants, BigInt) }),
    ...inputColumns,
    ...labels.flatMap((column) => vectorFromArray(column, new Uint8()).data),
  ];
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length: rows, nullCount: 0, children }),
  );
}

/** Where the writer puts its bytes, for whoever pulls: the library's own queue can only be read asynchronously. */
class EncodedBytes extends AsyncByteQueue {
  private chunks: Uint8Array[] = [];

  override write(chunk: Uint8Array): void {
    this.chunks.push(chunk);
  }

  taken(): Uint8Array[] {
    const { chunks } = this;
    this.chunks = [];
    return chunks;
  }
}
