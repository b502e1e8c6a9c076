import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { parseAllDocuments } from 'yaml';
import { ROOT } from '../support/source-tree.ts';

export interface KubernetesObject {
  readonly file: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly content: unknown;
}

const FOLDER = 'deploy/kubernetes';

/** Every object of the manifests; the kustomization is none. */
export function readKubernetesObjects(): readonly KubernetesObject[] {
  const files = readdirSync(join(ROOT, FOLDER)).filter((name) => name.endsWith('.yaml'));
  return files.flatMap((name) =>
    parseAllDocuments(readFileSync(join(ROOT, FOLDER, name), 'utf8')).flatMap((document) => {
      const content = document.toJS() as { apiVersion: string; kind: string };
      return content.kind === 'Kustomization' ? [] : [{ file: `${FOLDER}/${name}`, ...content, content }];
    }),
  );
}

/**
 * What is wrong with objects by Kubernetes' own API, as `kubernetes-types` has it: fields that do not exist, are of
 * another type or are missing. TypeScript is the validator: each object is checked as a literal of its type.
 */
export function mistakesIn(objects: readonly KubernetesObject[]): string[] {
  const lines = objects.map(({ apiVersion, kind, content }, i) => {
    const module = apiVersion.includes('/') ? apiVersion : `core/${apiVersion}`;
    return `const object${i}: import('kubernetes-types/${module}').${kind} = ${JSON.stringify(content)};`;
  });
  const path = join(ROOT, 'test/deploy/(objects).ts');
  const options: ts.CompilerOptions = {
    ...{ strict: true, noEmit: true, skipLibCheck: true, types: [], exactOptionalPropertyTypes: true },
    ...{ module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler },
    target: ts.ScriptTarget.ES2023,
  };
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (name) => name === path || disk.fileExists(name),
    getSourceFile: (name, ...rest) =>
      name === path
        ? ts.createSourceFile(path, lines.join('\n'), ts.ScriptTarget.ES2023)
        : disk.getSourceFile(name, ...rest),
  };
  const program = ts.createProgram([path], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ start = 0, file, messageText }) => {
    const line = file?.fileName === path ? file.getLineAndCharacterOfPosition(start).line : -1;
    const { file: manifest = '', kind = '' } = objects[line] ?? {};
    return `${manifest} ${kind}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}
