import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DockerfileParser, type ImageTemplate } from 'dockerfile-ast';
import { describe, expect, it } from 'vitest';
import { defaultConfig } from '../../src/config.ts';
import { ROOT } from '../support/source-tree.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const dockerfile = DockerfileParser.parse(read('deploy/Dockerfile'));
const manifest = JSON.parse(read('package.json')) as {
  readonly bin: { readonly tidemark: string };
  readonly optionalDependencies: Readonly<Record<string, string>>;
};

const stages = dockerfile.getFROMs();
const STAGES = stages.map((from) => from.getBuildStage());
const lines = dockerfile.getInstructions().map((instruction) => ({
  keyword: instruction.getKeyword(),
  args: instruction.getArguments().map(String),
  text: instruction.getArgumentsContent() ?? '',
  stage: stages.filter((from) => from.getRange().start.line <= instruction.getRange().start.line).length - 1,
}));
const ofStage = (name: string, keyword: string) =>
  lines.filter((line) => STAGES[line.stage] === name && line.keyword === keyword);

/** `["a", "b"]` as words; a shell line is refused. */
function execForm(text: string): string[] {
  expect(text).toMatch(/^\[.*\]$/s);
  return JSON.parse(text) as string[];
}

describe('the Dockerfile', () => {
  it('builds in named stages, the last of which runs, on one Node that CI tests', () => {
    expect(STAGES).toEqual(['build', 'packages', 'runtime']);
    expect(new Set(stages.map((from) => from.getImage())).size).toBe(1);
    const [, major] = /^node:(\d+)-\w+-slim$/.exec(stages[0]?.getImage() ?? '') ?? [];
    const [, supported = ''] = /SUPPORTED_NODES=\(([\d ]+)\)/.exec(read('.ci/run')) ?? [];
    expect(supported.split(' ')).toContain(major);
  });

  it('copies what exists, and what the context lets through', () => {
    const admitted = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = dockerfile.getCOPYs().filter((copy) => copy.getFromFlag() === null);
    const sources = copied.flatMap((copy) => copy.getArguments().slice(0, -1).map(String));
    expect(sources.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    expect(sources.filter((path) => !admitted.includes(path))).toEqual([]);
    expect(admitted.filter((path) => !sources.includes(path))).toEqual([]);
    for (const copy of dockerfile.getCOPYs()) {
      const from = copy.getFromFlag()?.getValue();
      if (from !== undefined) expect(STAGES).toContain(from);
    }
  });

  it('has all that the program reads beside itself', () => {
    const copied = ofStage('runtime', 'COPY').map(({ args }) => args.at(-1));
    expect(copied).toEqual(expect.arrayContaining(['./models', './schemas', './node_modules', './dist']));
    expect(ofStage('runtime', 'COPY').flatMap(({ args }) => args)).toContain('package.json');
  });

  it('leaves out what is for developing and the optional packages, and no other', () => {
    const [run] = ofStage('packages', 'RUN');
    expect(run?.text).toContain('npm ci --omit=dev');
    const [, left = ''] = /npm uninstall --package-lock-only (.*?) &&/.exec(run?.text ?? '') ?? [];
    expect(left.split(' ').sort()).toEqual(Object.keys(manifest.optionalDependencies).sort());
    // The binaries of the codecs are optional packages of packages that are not.
    expect(lines.filter(({ text }) => /--omit[= ]optional/.test(text))).toEqual([]);
  });

  it('runs the program itself, with its flags, and not as root', () => {
    const [entry] = ofStage('runtime', 'ENTRYPOINT');
    const [shebang = ''] = read('src/main.ts').split('\n');
    const [, flags = ''] = /^#!\/usr\/bin\/env -S (node .*)$/.exec(shebang) ?? [];
    expect(execForm(entry?.text ?? '')).toEqual([...flags.split(' '), manifest.bin.tidemark]);
    expect(execForm(ofStage('runtime', 'CMD')[0]?.text ?? '')).toEqual(['run']);
    const [user] = ofStage('runtime', 'USER');
    expect(Number(user?.args[0]?.split(':')[0])).toBeGreaterThan(0);
  });

  it('is asked how it is where it says it', () => {
    const { httpPort } = defaultConfig();
    expect(ofStage('runtime', 'EXPOSE')[0]?.args).toEqual([String(httpPort)]);
    const [check] = (dockerfile as ImageTemplate).getHEALTHCHECKs();
    const words = check?.getArguments().map(String).slice(1).join(' ') ?? '';
    expect(words).toContain(`|| ${httpPort}}/livez`);
    expect(ofStage('runtime', 'ENV')[0]?.text).toContain('TIDEMARK_HTTP_HOST=0.0.0.0');
  });
});
