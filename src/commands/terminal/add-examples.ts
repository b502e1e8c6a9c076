import type { Command } from 'commander';
import type { World } from '../world.ts';

/** Ends a command's help with command lines that work as they stand, spelt for how Tidemark was started. */
export function addExamples(command: Command, world: World, examples: readonly string[]): void {
  const title = examples.length === 1 ? 'Example:' : 'Examples:';
  command.addHelpText('after', () =>
    ['', title, ...examples.map((example) => `  $ ${world.invocation} ${example}`)].join('\n'),
  );
}
