import type { Command } from 'commander';
import { TidemarkError } from '../../errors.ts';

/**
 * An option the command cannot do without. Unlike commander's own required options it is checked after unknown
 * ones, so that a mistyped `--ot FILE` is answered with "did you mean --out?" and not with "--out is missing".
 */
export function demandOption<T>(
  command: Command,
  flags: string,
  description: string,
  parse?: (text: string) => T,
): Command {
  const option = command.createOption(flags, `${description} (required)`);
  if (parse !== undefined) option.argParser(parse);
  return command.addOption(option).hook('preAction', (_program, action) => {
    if (action.getOptionValue(option.attributeName()) !== undefined) return;
    throw new TidemarkError('USAGE', `option ${flags} is missing`, `add ${flags}: ${description}`);
  });
}
