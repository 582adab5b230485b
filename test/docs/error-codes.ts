import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './pages.ts';

/** Each code with the names of the error classes that carry it. */
export type ClassesByCode = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * `StepError`s that take over the code of another error: a context that a turn wants to commit is refused with these
 * codes, as one that a program wants to save is.
 */
const PASSED_ON = ['context_not_plain', 'context_too_big'];

const CLASS =
  /^(?:ColloquyError|UsageError|MessageError|StepError|PersistError|ConflictError|DeliveryError)$/u;

/** The members of the union `ErrorCode`, in the order of their declaration. */
export function declaredCodes(): readonly string[] {
  const codes: string[] = [];
  visit(parse('src/errors.ts'), (node) => {
    if (!ts.isTypeAliasDeclaration(node) || node.name.text !== 'ErrorCode') return;
    visit(node.type, (member) => {
      if (ts.isStringLiteral(member)) codes.push(member.text);
    });
  });
  return codes;
}

/**
 * The codes that the sources give to errors: the string that a constructor is given; and where it is given a `code` that
 * was decided before, each string that the file gives to something of that name, or to a type whose name ends in `Code`.
 */
export function codesOfSources(): ClassesByCode {
  const found = new Map<string, Set<string>>();
  const add = (code: string, name: string): void => {
    found.set(code, (found.get(code) ?? new Set()).add(name));
  };
  for (const path of sources()) {
    const source = parse(path);
    visit(source, (node) => {
      const created = creationOf(node);
      if (created === undefined) return;
      if (ts.isStringLiteral(created.code)) add(created.code.text, created.name);
      if (!ts.isIdentifier(created.code) || created.code.text !== 'code') return;
      for (const code of decidedCodes(source)) add(code, created.name);
    });
  }
  for (const code of PASSED_ON) add(code, 'StepError');
  return found;
}

/** The codes by which the sources ask `ColloquyError.is(error, code)`. */
export function askedCodes(): ReadonlySet<string> {
  const codes = new Set<string>();
  for (const path of sources()) {
    visit(parse(path), (node) => {
      if (!ts.isCallExpression(node) || node.expression.getText() !== 'ColloquyError.is') return;
      const [, code] = node.arguments;
      if (code !== undefined && ts.isStringLiteral(code)) codes.add(code.text);
    });
  }
  return codes;
}

/** What the tables of docs/errors.md say: the first cell of a row is a code, the second has its classes. */
export function codesOfPage(text: string): ClassesByCode {
  const rows = text.matchAll(/^\| `([a-z_]+)` +\| ((?:`\w+Error` ?)+) *\|/gmu);
  return new Map(
    [...rows].map(([, code = '', classes = '']) => [
      code,
      new Set(classes.match(/\w+Error/gu) ?? []),
    ]),
  );
}

/** `new UsageError(code, …)`, or `super(code, …)` of a class that extends one of ours. */
function creationOf(node: ts.Node): { readonly name: string; readonly code: ts.Node } | undefined {
  if (ts.isNewExpression(node) && ts.isIdentifier(node.expression)) {
    const { text } = node.expression;
    const code = node.arguments?.[0];
    return CLASS.test(text) && text !== 'ConflictError' && code !== undefined
      ? { name: text, code }
      : undefined;
  }
  if (!ts.isCallExpression(node) || node.expression.kind !== ts.SyntaxKind.SuperKeyword) return;
  const owner = ts.findAncestor(node, ts.isClassDeclaration)?.name?.text ?? '';
  const code = node.arguments[0];
  return CLASS.test(owner) && code !== undefined ? { name: owner, code } : undefined;
}

function decidedCodes(source: ts.SourceFile): readonly string[] {
  const codes: string[] = [];
  const take = (value: ts.Node | undefined): void => {
    if (value === undefined) return;
    if (ts.isStringLiteral(value)) codes.push(value.text);
    else if (ts.isConditionalExpression(value)) [value.whenTrue, value.whenFalse].forEach(take);
    else if (ts.isUnionTypeNode(value)) value.types.forEach(take);
    else if (ts.isLiteralTypeNode(value)) take(value.literal);
  };
  visit(source, (node) => {
    if (ts.isTypeAliasDeclaration(node) && node.name.text.endsWith('Code')) take(node.type);
    if (ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node)) {
      if (node.name.getText() === 'code') take(node.initializer);
    }
    if (ts.isPropertySignature(node) && node.name.getText() === 'code') take(node.type);
  });
  return codes;
}

function sources(): readonly string[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `src/${name}`);
}

function parse(path: string): ts.SourceFile {
  const text = readFileSync(join(root, path), 'utf8');
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

function visit(node: ts.Node, visitor: (node: ts.Node) => void): void {
  visitor(node);
  ts.forEachChild(node, (child) => visit(child, visitor));
}
