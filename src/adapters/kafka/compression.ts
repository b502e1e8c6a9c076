import { compress as zstd, decompress as unzstd, init as loadZstd } from '@bokuweb/zstd-wasm';
import kafkajs from 'kafkajs';
import { compressFrame as lz4, decompressFrame as unlz4 } from 'lz4-napi';
import { compress as snappy } from 'snappy';
import { unsnappy } from './unsnappy.ts';

/** The codecs that Kafka knows, by the names that its own settings give them. */
export type CompressionName = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

const { CompressionCodecs, CompressionTypes } = kafkajs;

export const COMPRESSION_TYPES = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
} as const satisfies Record<CompressionName, unknown>;

interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(buffer: Buffer): Promise<Buffer>;
}

/** Teaches kafkajs snappy, lz4 and zstd, for the whole process; it brings gzip. Again changes nothing. */
export function registerCodecs(): void {
  CompressionCodecs[CompressionTypes.Snappy] = () => SNAPPY;
  CompressionCodecs[CompressionTypes.LZ4] = () => LZ4;
  CompressionCodecs[CompressionTypes.ZSTD] = () => ZSTD;
}

const SNAPPY: Codec = {
  // One bare block, which every client reads.
  compress: ({ buffer }) => snappy(buffer),
  decompress: unsnappy,
};

const LZ4: Codec = {
  compress: ({ buffer }) => lz4(buffer),
  decompress: (buffer) => unlz4(buffer),
};

const FIRST_GUESS_BYTES = 4 * 1024 * 1024;
const LARGEST_BATCH_BYTES = 256 * 1024 * 1024;
const ZSTD_LEVEL = 3;

// Once: a second start takes the memory from under those who are at work.
await loadZstd();

const ZSTD: Codec = {
  compress: ({ buffer }) => Promise.resolve(bufferOf(zstd(buffer, ZSTD_LEVEL))),
  decompress: (buffer) => new Promise((resolve) => resolve(unzstdOfAnySize(buffer))),
};

/** Streaming writers, as Java's client is, do not say how large the content is. */
function unzstdOfAnySize(buffer: Buffer): Buffer {
  for (let room = FIRST_GUESS_BYTES; ; room *= 4) {
    try {
      return bufferOf(unzstd(buffer, { defaultHeapSize: room }));
    } catch (error) {
      if (room >= LARGEST_BATCH_BYTES) throw error;
    }
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
