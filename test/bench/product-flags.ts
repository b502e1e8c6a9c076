import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const SCRIPTS = join(import.meta.dirname, '../../package.json');

/** What the product's npm script passes to Node: under other flags a benchmark would measure another product. */
export async function productFlags(): Promise<string[]> {
  const { scripts } = JSON.parse(await readFile(SCRIPTS, 'utf8')) as { scripts: { tidemark: string } };
  const [, ...words] = scripts.tidemark.split(' ');
  return words.slice(0, words.indexOf('--import'));
}
