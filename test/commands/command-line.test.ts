import { describe, expect, it } from 'vitest';
import { buildProgram, runCommandLine } from '../../src/commands/command-line.ts';
import { testWorld } from '../support/test-world.ts';

const COMMANDS = buildProgram(testWorld().world).commands.map((command) => command.name());

async function run(args: readonly string[], options: Parameters<typeof testWorld>[0] = {}) {
  const { world, stdout, stderr } = testWorld(options);
  const code = await runCommandLine(args, world);
  return { code, stdout: stdout(), stderr: stderr() };
}

describe('the command line', () => {
  it('prints its version and its help on standard output and is done', async () => {
    expect(await run(['--version'])).toEqual({ code: 0, stdout: '0.1.0\n', stderr: '' });
    const help = await run(['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    for (const command of COMMANDS) expect(help.stdout).toContain(`\n  ${command} `);
  });

  it('without a command prints the help on standard error and is wrong usage', async () => {
    const bare = await run([]);
    expect(bare).toMatchObject({ code: 2, stdout: '' });
    expect(bare.stderr).toContain('Usage: tidemark <command>');
    expect(bare.stderr).toMatch(/error: no command was given \[USAGE\]\n {2}mend: .+\n$/);
  });

  it.each(COMMANDS)('ends the help of %s with an example', async (command) => {
    const { world, stdout } = testWorld();
    expect(await runCommandLine([command, '--help'], world)).toBe(0);
    const lines = stdout().trimEnd().split('\n');
    const title = lines.findLastIndex((line) => /^Examples?:$/.test(line));
    expect(title).toBeGreaterThan(0);
    const examples = lines.slice(title + 1);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect(example).toMatch(new RegExp(`^ {2}\\$ tidemark ${command} `));
  });

  it('spells examples and hints the way it was started', async () => {
    const { world, stdout } = testWorld();
    await runCommandLine(['query', '--help'], { ...world, invocation: 'npm run -s tidemark --' });
    expect(stdout()).toContain('$ npm run -s tidemark -- query --db');
  });

  it('guesses what a mistyped command or option was meant to be', async () => {
    const command = await run(['simulte']);
    expect(command.code).toBe(2);
    expect(command.stderr).toBe(
      "error: unknown command 'simulte' [USAGE]\n" +
        '  mend: did you mean simulate? `tidemark --help` shows what is possible\n',
    );
    const option = await run(['simulate', '--peple', '3']);
    expect(option.code).toBe(2);
    expect(option.stderr).toBe(
      "error: unknown option '--peple' [USAGE]\n" +
        '  mend: did you mean --people? `tidemark simulate --help` shows what is possible\n',
    );
  });

  it.each([
    [['simulate', '--out', 'x', '--people', 'many'], "option '--people <n>' argument 'many' is invalid"],
    [['simulate', '--out', 'x', '--people', '0'], 'Give a whole number, from 1 to'],
    [['simulate', '--out', 'x', '--rate', '0'], 'Give a number above 0.'],
    [['simulate'], 'neither --out nor --to-kafka is given'],
    [['simulate', '--out'], "option '--out <file>' argument missing"],
    [['query', 'SELECT 1'], 'option --db <folder> is missing'],
    [['query', '--db', 'x'], "missing required argument 'sql'"],
    [['query', '--db', 'x', 'SELECT', '1'], 'too many arguments'],
    [['migrate', '--db', 'x', 'y'], 'too many arguments'],
  ])('refuses %j as wrong usage', async (args, words) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(words);
    expect(stderr).toMatch(/\n {2}mend: .+\n$/);
  });

  it('uses colours only where the stream has them', async () => {
    expect((await run(['--help'])).stdout).not.toContain('\u001b');
    expect((await run(['--help'], { colours: true, isTerminal: true })).stdout).toContain('\u001b[1mUsage:');
    expect((await run(['nope'], { isTerminal: true })).stderr).not.toContain('\u001b');
  });

  it('wraps help and errors to a narrow terminal', async () => {
    const narrow = { isTerminal: true, columns: 50 };
    const help = await run(['--help'], narrow);
    const error = await run(['simulate', '--peple', '3'], narrow);
    const [body = ''] = help.stdout.split("A command's own help");
    for (const line of [...body.split('\n'), ...error.stderr.split('\n')]) {
      expect(line.length).toBeLessThanOrEqual(50);
    }
  });
});
