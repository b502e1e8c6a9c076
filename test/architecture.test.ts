import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import {
  COMPUTED,
  lineOf,
  nodesOf,
  parseSource,
  readSourceTree,
  ROOT,
  type SourceFile,
} from './support/source-tree.ts';

/** What may stand at the top. Everything else has a place further down. */
const TOP_LEVEL = {
  folders: ['src', 'models', 'schemas', 'grafana', 'deploy', 'test'],
  files: ['README.md', 'LICENSE', 'package.json', 'package-lock.json', 'tsconfig.json', 'docker-compose.yml'],
  toolSettings: ['eslint.config.js', 'tsconfig.build.json', 'vitest.config.ts'],
};

/**
 * The core in the order of the data: a stage imports itself and the ones before it. Files that lie in src/core
 * itself are the ground that all stages stand on, but for those that put the stages together.
 */
const GROUND = '(ground)';
const WHOLE = '(whole)';
const CORE_STAGES = [GROUND, 'events', 'features', 'scoring', 'tagging', 'triggers', WHOLE];
const CORE_WHOLE = ['src/core/person.ts', 'src/core/person-codec.ts'];

/** Who may import what of our own; the first row whose folder fits holds. `SELF` is the same adapter. */
const SELF = '(self)';
const LAYERS: readonly { readonly of: string; readonly may: readonly string[] }[] = [
  { of: 'src/core/', may: ['src/core/'] },
  { of: 'src/ports/', may: ['src/core/', 'src/ports/'] },
  { of: 'src/adapters/', may: ['src/core/', 'src/ports/', 'src/errors.ts', SELF] },
  { of: 'src/runtime/', may: ['src/core/', 'src/ports/', 'src/runtime/', 'src/errors.ts'] },
  { of: 'src/console/', may: ['src/core/', 'src/ports/', 'src/console/'] },
  { of: 'src/errors.ts', may: [] },
  { of: 'src/config.ts', may: ['src/errors.ts', 'src/core/'] },
  { of: 'src/commands/', may: ['src/'] },
  { of: 'src/pipeline.ts', may: ['src/'] },
  { of: 'src/main.ts', may: ['src/'] },
];

/** The only files of the core with an import from outside, and what they may import. */
const CORE_EXCEPTIONS: Readonly<Record<string, readonly string[]>> = { 'src/core/ids.ts': ['node:crypto'] };

/** What would make the core depend on anything but its arguments. */
const IMPURE_GLOBALS = [
  ...['process', 'performance', 'console', 'crypto', 'fetch', 'globalThis', 'navigator'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'Promise'],
];
const IMPURE_MEMBERS = ['Date.now', 'Math.random'];

const MAY_READ_ENVIRONMENT = ['src/config.ts'];
const FORBIDDEN_FILE_WORDS = [
  'util',
  'utils',
  'helper',
  'helpers',
  'manager',
  'service',
  'impl',
  'common',
  'misc',
];
const MOST_LINES = 400;
const MOST_LINES_OF = { 'src/pipeline.ts': 120 } as Readonly<Record<string, number>>;

const source = readSourceTree('src');
const tests = readSourceTree('test');

/** Violations as `path:line what`, so that a failing test is a list of places to go to. */
function findIn(
  files: readonly SourceFile[],
  find: (file: SourceFile, node: ts.Node) => string | undefined,
): string[] {
  return files.flatMap((file) =>
    nodesOf(file.tree).flatMap((node) => {
      const what = find(file, node);
      return what === undefined ? [] : [`${file.path}:${lineOf(node)} ${what}`];
    }),
  );
}

function layerViolations(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const layer = LAYERS.find(({ of }) => file.path.startsWith(of));
    if (layer === undefined) return [`${file.path} belongs to no layer`];
    const self = file.path.split('/').slice(0, 3).join('/') + '/';
    const allowed = layer.may.map((prefix) => (prefix === SELF ? self : prefix));
    return file.imports
      .filter(({ isOwn, target }) => isOwn && !allowed.some((prefix) => target.startsWith(prefix)))
      .map(({ target, line }) => `${file.path}:${line} imports ${target}`);
  });
}

function stageOf(path: string): number {
  const [, , stage = '', ...rest] = path.split('/');
  const root = CORE_WHOLE.includes(path) ? WHOLE : GROUND;
  return CORE_STAGES.indexOf(rest.length === 0 ? root : stage);
}

function stageViolations(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => path.startsWith('src/core/'))
    .flatMap((file) => {
      if (stageOf(file.path) < 0) return [`${file.path} is in no stage`];
      return file.imports
        .filter(({ isOwn, target }) => isOwn && stageOf(target) > stageOf(file.path))
        .map(({ target, line }) => `${file.path}:${line} imports the later ${target}`);
    });
}

function impurities(files: readonly SourceFile[]): string[] {
  const core = files.filter(({ path }) => path.startsWith('src/core/'));
  const foreign = core.flatMap((file) =>
    file.imports
      .filter(({ isOwn, target }) => !isOwn && !(CORE_EXCEPTIONS[file.path] ?? []).includes(target))
      .map(({ target, line }) => `${file.path}:${line} imports ${target}`),
  );
  return [...foreign, ...findIn(core, (_file, node) => impurityOf(node))];
}

function impurityOf(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) {
    const name = node.getText().replaceAll(/\s/g, '');
    return IMPURE_MEMBERS.includes(name) ? name : undefined;
  }
  if (
    ts.isNewExpression(node) &&
    node.expression.getText() === 'Date' &&
    (node.arguments?.length ?? 0) === 0
  ) {
    return 'new Date()';
  }
  if (ts.isCallExpression(node) && node.expression.getText() === 'Date') return 'Date()';
  if (node.kind === ts.SyntaxKind.AsyncKeyword || ts.isAwaitExpression(node)) return 'asynchronous code';
  return ts.isIdentifier(node) && IMPURE_GLOBALS.includes(node.text) && isFreeName(node)
    ? node.text
    : undefined;
}

/** The name stands for a variable: it is not a member, a key or a type's property of that name. */
function isFreeName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) || ts.isQualifiedName(parent))
    return parent.getChildAt(0) === node;
  return !('name' in parent && parent.name === node) || ts.isShorthandPropertyAssignment(parent);
}

function environmentReads(files: readonly SourceFile[]): string[] {
  return findIn(files, (file, node) => {
    if (MAY_READ_ENVIRONMENT.includes(file.path)) return undefined;
    const isRead =
      ts.isPropertyAccessExpression(node) && /^(?:process|import\.meta)\.env$/.test(node.getText());
    return isRead ? 'reads the environment' : undefined;
  });
}

function moduleVariables(files: readonly SourceFile[]): string[] {
  return findIn(files, (_file, node) => {
    const isTop = ts.isVariableStatement(node) && ts.isSourceFile(node.parent);
    return isTop && (node.declarationList.flags & ts.NodeFlags.Const) === 0
      ? 'a variable of the module'
      : undefined;
  });
}

function namesOfImportedPackages(files: readonly SourceFile[]): Set<string> {
  const names = files.flatMap(({ imports }) =>
    imports.flatMap(({ isOwn, target }) =>
      isOwn || target.startsWith('node:') || target === COMPUTED ? [] : [target],
    ),
  );
  return new Set(
    names.map((name) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    ),
  );
}

describe('the layout', () => {
  it('has nothing at the top but what DESIGN names', () => {
    const ignored = readFileSync(join(ROOT, '.gitignore'), 'utf8')
      .split('\n')
      .map((line) => line.replace(/\/$/, ''));
    const visible = readdirSync(ROOT).filter((name) => !name.startsWith('.') && !ignored.includes(name));
    const allowed = [...TOP_LEVEL.folders, ...TOP_LEVEL.files, ...TOP_LEVEL.toolSettings];
    expect(visible.filter((name) => !allowed.includes(name) && !/\.(?:log|cpuprofile)$/.test(name))).toEqual(
      [],
    );
  });

  it('names files after what they export, in kebab-case', () => {
    const badNames = [...source, ...tests].filter(({ path }) => {
      const [name = ''] = (path.split('/').at(-1) ?? '').split('.');
      return (
        !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name) ||
        name.split('-').some((word) => FORBIDDEN_FILE_WORDS.includes(word))
      );
    });
    expect(badNames.map(({ path }) => path)).toEqual([]);
  });

  it('keeps files short', () => {
    const long = [...source, ...tests].filter(
      ({ path, text }) => text.trimEnd().split('\n').length > (MOST_LINES_OF[path] ?? MOST_LINES),
    );
    expect(long.map(({ path }) => path)).toEqual([]);
    const lengths = source.map(({ text }) => text.split('\n').length).sort((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(140);
  });
});

describe('imports', () => {
  it('go from the outside to the inside', () => {
    expect(layerViolations(source)).toEqual([]);
  });

  it('of the core go against the flow of data only', () => {
    expect(stageViolations(source)).toEqual([]);
  });

  it('make no circles', () => {
    const loaded = (file: SourceFile) => file.imports.filter(({ isOwn, isTypeOnly }) => isOwn && !isTypeOnly);
    const imports = new Map(source.map((file) => [file.path, loaded(file).map(({ target }) => target)]));
    const circles: string[] = [];
    const finished = new Set<string>();
    const follow = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
      else if (!finished.has(path))
        for (const next of imports.get(path) ?? []) follow(next, [...trail, path]);
      finished.add(path);
    };
    for (const path of imports.keys()) follow(path, []);
    expect(circles).toEqual([]);
  });

  it('of packages agree with package.json', () => {
    const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<
      string,
      Record<string, string>
    >;
    const runtime = { ...manifest['dependencies'], ...manifest['optionalDependencies'] };
    const used = namesOfImportedPackages(source);
    expect([...used].filter((name) => !(name in runtime))).toEqual([]);
    const startsTheSources = ['tsx'];
    expect(
      Object.keys(runtime).filter((name) => !used.has(name) && !startsTheSources.includes(name)),
    ).toEqual([]);
    const known = { ...runtime, ...manifest['devDependencies'] };
    expect([...namesOfImportedPackages(tests)].filter((name) => !(name in known))).toEqual([]);
  });
});

describe('the code', () => {
  it('of the core is pure', () => {
    expect(impurities(source)).toEqual([]);
  });

  it('reads the environment in one place', () => {
    expect(environmentReads(source)).toEqual([]);
  });

  it('keeps no state in modules', () => {
    expect(moduleVariables(source)).toEqual([]);
  });

  it('has no any', () => {
    const isAny = (_file: SourceFile, node: ts.Node) =>
      node.kind === ts.SyntaxKind.AnyKeyword ? 'any' : undefined;
    expect(findIn([...source, ...tests], isAny)).toEqual([]);
  });

  it('is tested without mocks of our own modules, and no test is left out', () => {
    const forbidden =
      /^(?:vi\.(?:mock|doMock|spyOn|fn|useFakeTimers)|(?:it|test|describe)\.(?:only|skip|todo))$/;
    const find = (_file: SourceFile, node: ts.Node) =>
      ts.isPropertyAccessExpression(node) && forbidden.test(node.getText()) ? node.getText() : undefined;
    expect(findIn(tests, find)).toEqual([]);
  });

  it('keeps its promises out of comments', () => {
    const open = [...source, ...tests].filter(
      ({ path, text }) => path !== 'test/architecture.test.ts' && /\b(?:TODO|FIXME|XXX|HACK)\b/.test(text),
    );
    expect(open.map(({ path }) => path)).toEqual([]);
  });
});

describe('these rules', () => {
  it.each([
    ['src/core/features/x.ts', "import { a } from '../tagging/a.ts';", stageViolations],
    ['src/core/time.ts', "import { a } from './events/a.ts';", stageViolations],
    ['src/core/new-stage/x.ts', '', stageViolations],
    ['src/core/x.ts', "import type { a } from '../ports/a.ts';", layerViolations],
    ['src/ports/x.ts', "export type { a } from '../adapters/files/a.ts';", layerViolations],
    ['src/adapters/files/x.ts', "import { a } from '../memory/a.ts';", layerViolations],
    ['src/adapters/files/x.ts', "import { a } from '../../config.ts';", layerViolations],
    ['src/runtime/x.ts', "const a = await import('../adapters/files/a.ts');", layerViolations],
    ['src/elsewhere/x.ts', '', layerViolations],
    ['src/core/x.ts', "import { z } from 'zod';", impurities],
    ['src/core/x.ts', "import { createHash } from 'node:crypto';", impurities],
    ['src/core/x.ts', 'export const now = () => Date.now();', impurities],
    ['src/core/x.ts', 'export const now = () => new Date();', impurities],
    ['src/core/x.ts', 'export const luck = () => Math.random();', impurities],
    ['src/core/x.ts', 'export async function f(): Promise<void> {}', impurities],
    ['src/core/x.ts', 'export const t = () => performance.now();', impurities],
    ['src/core/x.ts', 'export const e = () => process.argv;', impurities],
    ['src/adapters/files/x.ts', 'export const e = process.env;', environmentReads],
    ['src/adapters/files/x.ts', 'export let counter = 0;', moduleVariables],
  ])('catch %s: %s', (path, text, rule) => {
    expect(rule([parseSource(path, text)])).not.toEqual([]);
  });

  it.each([
    [
      'src/core/tagging/x.ts',
      "import { a } from '../features/a.ts'; import { b } from '../time.ts';",
      stageViolations,
    ],
    ['src/core/ids.ts', "import { createHash } from 'node:crypto';", impurities],
    [
      'src/core/x.ts',
      'export const d = (at: number) => new Date(at); export const r = Math.round(1);',
      impurities,
    ],
    ['src/core/x.ts', 'export const f = (a: { process: number }) => a.process;', impurities],
    [
      'src/adapters/files/x.ts',
      "import { a } from './b/a.ts'; import { E } from '../../errors.ts';",
      layerViolations,
    ],
    ['src/config.ts', 'export const e = process.env;', environmentReads],
    ['src/x.ts', 'const a = 1; function f() { let b = a; b += 1; return b; }', moduleVariables],
  ])('let pass %s: %s', (path, text, rule) => {
    expect(rule([parseSource(path, text)])).toEqual([]);
  });
});
