import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildProgram } from '../src/commands/command-line.ts';
import { describeSettings } from '../src/config.ts';
import { ERROR_CODES } from '../src/errors.ts';
import { ROOT } from './support/source-tree.ts';
import { testWorld } from './support/test-world.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const readme = read('README.md');
const decisions = read('src/DECISIONS.md');
const { scripts: scriptLines } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
const scripts = Object.keys(scriptLines);
const GUIDES = readdirSync(join(ROOT, 'src/docs')).map((name) => `src/docs/${name}`);
const DOCUMENTS = ['README.md', 'deploy/README.md', 'src/DECISIONS.md', ...GUIDES].filter((path) =>
  path.endsWith('.md'),
);

/** Name of each command and its long options; `help` is on every one. */
const COMMANDS = new Map(
  buildProgram(testWorld().world).commands.map((command) => [
    command.name(),
    command.options.flatMap(({ long }) => (long === undefined || long === null ? [] : [long])).sort(),
  ]),
);

/** The cells of a table's body, by the first cell of its heading. */
function tableIn(markdown: string, firstHeading: string): string[][] {
  const lines = markdown.split('\n');
  const head = lines.findIndex((line) => cellsOf(line)[0] === firstHeading);
  const body = head < 0 ? [] : lines.slice(head + 2);
  const end = body.findIndex((line) => !line.startsWith('|'));
  return body.slice(0, end < 0 ? undefined : end).map(cellsOf);
}

function cellsOf(line: string): string[] {
  if (!line.startsWith('|')) return [];
  return line
    .replaceAll('\\|', '\u0000')
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.replaceAll('\u0000', '|').trim());
}

const withoutTicks = (cell = '') => cell.replaceAll('`', '');
const optionsIn = (text: string) => [...new Set(text.match(/--[a-z][a-z-]*/g) ?? [])].sort();

/** Command lines shown in code, on their own or behind a `$`: the arguments after `tidemark`. */
function shownCommandLines(markdown: string): string[] {
  const shown = /(?:npm run -s tidemark -- |(?<![\w/-])tidemark )([a-z][^\n`]*)/g;
  const code = markdown.match(/```[^]*?```|`[^`\n]+`/g) ?? [];
  return code.flatMap((piece) => [...piece.matchAll(shown)].map(([, line = '']) => line));
}

describe('Node', () => {
  it('gets the same flags from the scripts and from the installed program', () => {
    const [shebang = ''] = read('src/main.ts').split('\n');
    const flags = shebang.replace('#!/usr/bin/env -S node', '').trim();
    expect(flags).toMatch(/^--/);
    for (const name of ['tidemark', 'demo'])
      expect(scriptLines[name]).toContain(`node ${flags} --import tsx`);
  });
});

describe('the README', () => {
  it('is short enough to be read', () => {
    expect(readme.split('\n').length).toBeLessThanOrEqual(250);
  });

  it('lists every command with every option, and no other', () => {
    const listed = tableIn(readme, 'command').map(([cell]) => withoutTicks(cell));
    const documented = new Map(listed.map((line) => [line.split(' ')[0] ?? '', optionsIn(line)]));
    expect(documented).toEqual(COMMANDS);
  });

  it('names scripts that exist', () => {
    const calls = readme.matchAll(/npm (?:run (?:-s )?([a-z:-]+)|(test)\b)/g);
    const named = [...calls].map(([, name, test]) => name ?? test ?? '');
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !scripts.includes(name))).toEqual([]);
    expect(scripts.filter((name) => !named.includes(name))).toEqual([]);
  });
});

describe('the page of settings', () => {
  it('lists every setting with its default and meaning, and no other', () => {
    const listed = tableIn(read('src/docs/configuration.md'), 'environment').map(
      ([env, key, fallback, meaning]) => ({
        env: withoutTicks(env),
        key: withoutTicks(key),
        defaultValue: withoutTicks(fallback),
        description: meaning,
      }),
    );
    expect(listed).toEqual(
      describeSettings().map(({ env, key, environmentOnly, defaultValue, description }) => ({
        ...{ env, defaultValue, description },
        key: environmentOnly === true ? '' : key,
      })),
    );
  });
});

describe('the error codes', () => {
  it('are all explained, with their exit code and meaning', () => {
    const listed = tableIn(read('src/docs/errors.md'), 'code').map(([code, exit, summary]) => ({
      ...{ code: withoutTicks(code), exit: Number(exit), summary },
    }));
    expect(listed).toEqual(
      Object.entries(ERROR_CODES).map(([code, { exit, summary }]) => ({ code, exit, summary })),
    );
  });

  it('all have a row that says what to do', () => {
    for (const [, , , mend] of tableIn(read('src/docs/errors.md'), 'code')) expect(mend).toMatch(/\w{3}/);
  });
});

describe('the decision record', () => {
  const [, ...entries] = decisions.split(/^## /m);

  it('has entries of fifteen lines at most, newest first', () => {
    for (const entry of entries) expect(entry.trimEnd().split('\n').length).toBeLessThanOrEqual(15);
    const numbers = entries.map((entry) => Number(/^\d+/.exec(entry)?.[0]));
    expect(numbers).toEqual(numbers.map((_, i) => numbers.length - i));
  });

  it('says of each what it was for, what was chosen and rejected, and when to look again', () => {
    for (const entry of entries) {
      for (const part of ['Context:', 'Choice:', 'Rejected:', 'Again:'])
        expect(entry).toContain(`\n${part} `);
    }
  });
});

describe.each(DOCUMENTS)('%s', (path) => {
  const markdown = read(path);

  it('links to files and headings that exist', () => {
    const links = [...markdown.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g)];
    const broken = links.filter(([, target = '', heading]) => {
      const file = target === '' ? path : normalize(join(dirname(path), target));
      if (!existsSync(join(ROOT, file))) return true;
      return heading !== undefined && !anchorsOf(read(file)).includes(heading);
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });

  it('shows command lines that exist', () => {
    const wrong = shownCommandLines(markdown).filter((line) => {
      const known = COMMANDS.get(line.split(' ')[0] ?? '');
      return (
        known === undefined ||
        optionsIn(line).some((option) => option !== '--help' && !known.includes(option))
      );
    });
    expect(wrong).toEqual([]);
  });
});

function anchorsOf(markdown: string): string[] {
  const headings = markdown.match(/^#+ .*$/gm) ?? [];
  return headings.map((heading) =>
    heading
      .replace(/^#+ /, '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  );
}
