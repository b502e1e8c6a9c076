import { realpath } from 'node:fs/promises';
import { dirname, basename, join, relative } from 'node:path';
import { TidemarkError } from '../errors.ts';

/**
 * Before any work: no output may replace a file that is read, and no two outputs may be one file. Links are followed;
 * `outputs` are by option, and those that were not given are undefined; a folder as `input` is every file in it.
 * Throws `USAGE`.
 */
export async function keepApart(
  input: string | undefined,
  outputs: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const read = input === undefined ? undefined : await placeOf(input);
  const taken = new Map<string, string>();
  for (const [option, path] of Object.entries(outputs)) {
    if (path === undefined) continue;
    const place = await placeOf(path);
    if (read !== undefined && !relative(read, place).startsWith('..')) {
      throw mixed(`${option} ${path} would be written over what --input ${input} reads`);
    }
    const other = taken.get(place);
    if (other !== undefined) throw mixed(`${other} and ${option} name one file, ${path}`);
    taken.set(place, option);
  }
}

/** Where writing to a path would end up; what is not there yet lies in the folder it names. */
async function placeOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    return join(await realpath(dirname(path)).catch(() => dirname(path)), basename(path));
  }
}

function mixed(what: string): TidemarkError {
  return new TidemarkError('USAGE', what, 'name a file of its own for each output, outside of the input');
}
