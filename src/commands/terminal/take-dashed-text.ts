import type { Command } from 'commander';

/** White space before any `=`, or a line break: nothing that is meant as an option looks so. */
const TEXT = /^-(?:[^=]*\s|[^]*\n)/;

/**
 * Makes text that begins with a dash an argument of the command, as SQL may begin with a comment; a misspelt option,
 * which has no white space, stays an error. What is the value of an option stays its value: `--db "- a"` as well as `--db="a b"`.
 */
export function takeDashedText(command: Command): Command {
  const parse = command.parseOptions.bind(command);
  command.parseOptions = (args) => {
    const isText = (arg: string, i: number): boolean =>
      TEXT.test(arg) &&
      !command.options.some(
        ({ long, required }) => required && (args[i - 1] === long || arg.startsWith(`${long ?? ''}=`)),
      );
    const { operands, unknown } = parse(args.filter((arg, i) => !isText(arg, i)));
    return { operands: [...operands, ...args.filter(isText)], unknown };
  };
  return command;
}
