import { uncompress } from 'snappy';

/** Java's writer puts blocks of a bounded size one after another, behind a header: magic, version, compatible version. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;
const LENGTH_BYTES = 4;

/** Reads both forms that snappy has in Kafka: Java's framing (xerial), and the bare block that other clients write. */
export async function unsnappy(bytes: Buffer): Promise<Buffer> {
  if (!bytes.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return plain(bytes);
  const blocks: Promise<Buffer>[] = [];
  let at = XERIAL_HEADER_BYTES;
  while (at < bytes.length) {
    const start = at + LENGTH_BYTES;
    const end = start + bytes.readInt32BE(at);
    if (end > bytes.length || end < start)
      throw new Error(`snappy: a block ends at ${end} of ${bytes.length} bytes`);
    blocks.push(plain(bytes.subarray(start, end)));
    at = end;
  }
  return Buffer.concat(await Promise.all(blocks));
}

async function plain(block: Buffer): Promise<Buffer> {
  return (await uncompress(block, { asBuffer: true })) as Buffer;
}
