import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import ts from 'typescript';

export const ROOT = join(import.meta.dirname, '../..');

/** Stands for the name in `import(expression)`. */
export const COMPUTED = '(computed)';

export interface Import {
  /** Path from the project's root for our own files (`src/core/time.ts`), else the name as written. */
  readonly target: string;
  readonly isOwn: boolean;
  /** Gone when the program runs. */
  readonly isTypeOnly: boolean;
  readonly line: number;
}

export interface SourceFile {
  /** Path from the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
  readonly imports: readonly Import[];
}

/** All TypeScript files under a folder of the project, parsed, in order of their paths. */
export function readSourceTree(folder: string): readonly SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
    .map((path) => parseSource(path, readFileSync(join(ROOT, path), 'utf8')));
}

export function parseSource(path: string, text: string): SourceFile {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true, ts.ScriptKind.TS);
  return { path, text, tree, imports: importsOf(tree) };
}

/** Static and dynamic imports, re-exports and `import('…')` types alike. */
function importsOf(tree: ts.SourceFile): Import[] {
  return nodesOf(tree).flatMap((node) => {
    const name = importedName(node);
    if (name === undefined) return [];
    const isOwn = name.startsWith('.');
    const target = isOwn ? posix.join(dirname(tree.fileName), name) : name;
    return [{ target, isOwn, isTypeOnly: isTypeOnly(node), line: lineOf(node) }];
  });
}

function importedName(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return literalOf(node.moduleSpecifier);
  if (ts.isImportTypeNode(node))
    return ts.isLiteralTypeNode(node.argument) ? literalOf(node.argument.literal) : undefined;
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return literalOf(node.arguments[0]) ?? COMPUTED;
  }
  return undefined;
}

function isTypeOnly(node: ts.Node): boolean {
  if (ts.isImportTypeNode(node)) return true;
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  if (!ts.isImportDeclaration(node) || node.importClause === undefined) return false;
  const { phaseModifier, namedBindings, name } = node.importClause;
  if (phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const isNamed = name === undefined && namedBindings !== undefined && ts.isNamedImports(namedBindings);
  return isNamed && namedBindings.elements.every((element) => element.isTypeOnly);
}

function literalOf(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}

/** Every node of a tree, parents before children. */
export function nodesOf(root: ts.Node): ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(root);
  return found;
}

export function lineOf(node: ts.Node): number {
  const tree = node.getSourceFile();
  return tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
}
