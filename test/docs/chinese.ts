import ts from 'typescript';
import type { Page, Program } from './pages.ts';

/** The pages in Chinese, beside those in English of the same name. */
export const CHINESE_FOLDER = 'docs/zh-CN/';

/** @returns the path of the page in Chinese: of `docs/asking.md`, `docs/zh-CN/asking.md` */
export function chineseOf(path: string): string {
  return path.replace(/^docs\//u, CHINESE_FOLDER);
}

export function isChinese(path: string): boolean {
  return path.startsWith(CHINESE_FOLDER);
}

/** The levels of all headings, the lengths of all tables, and the languages of all blocks of a page, each in order. */
export interface Outline {
  readonly headings: readonly number[];
  readonly tables: readonly number[];
  readonly items: number;
  readonly languages: readonly string[];
}

export function outlineOf({ prose, languages }: Page): Outline {
  const lines = prose.split('\n');
  const tables: number[] = [];
  for (const [index, line] of lines.entries()) {
    if (!line.startsWith('|')) continue;
    const isFirst = lines[index - 1]?.startsWith('|') !== true;
    if (isFirst) tables.push(1);
    else tables[tables.length - 1] = (tables.at(-1) ?? 0) + 1;
  }
  return {
    headings: lines.flatMap((line) => /^#+(?= )/u.exec(line)?.[0].length ?? []),
    tables,
    items: lines.filter((line) => /^ *(?:-|\d+\.) /u.test(line)).length,
    languages,
  };
}

/**
 * What of a program is no text: a page in Chinese has the same, but for the locale of its dialogues. A name in Chinese, such
 * as that of an option, stands for any name.
 */
export function skeletonOf({ code }: Program): readonly string[] {
  const source = ts.createSourceFile('page.ts', code, ts.ScriptTarget.Latest, true);
  const parts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (isLocale(node) || isLabel(node) || isText(node)) return;
    if (setsLocale(node)) return visit(node.expression.expression);
    if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) parts.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return parts;
}

/** Whether a program in Chinese is the same as one in English. */
export function isSameProgram(english: Program, chinese: Program): boolean {
  const [names, others] = [skeletonOf(english), skeletonOf(chinese)];
  return (
    names.length === others.length &&
    others.every((name, index) => name === names[index] || /^\p{Script=Han}/u.test(name))
  );
}

function isText(node: ts.Node): boolean {
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
}

/** What the name of an option or a slot is shown as: one in English may be shown as it is. */
function isLabel(node: ts.Node): boolean {
  return (
    ts.isPropertyAssignment(node) &&
    node.name.getText() === 'label' &&
    ts.isStringLiteral(node.initializer)
  );
}

/** `context.set('locale', 'zh-CN')`, of which `context` is left. */
function setsLocale(node: ts.Node): node is ts.CallExpression & {
  readonly expression: ts.PropertyAccessExpression;
} {
  return (
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    /\.set\('locale', '[\w-]+'\)$/u.test(node.getText())
  );
}

/** `locale: 'zh-CN'` and its type, and `words: { locale: 'zh-CN' }`. */
function isLocale(node: ts.Node): boolean {
  if (!ts.isPropertyAssignment(node) && !ts.isPropertySignature(node)) return false;
  const text = node.getText().replaceAll(/[\s;?]/gu, '');
  return /^(?:locale:(?:string|'[\w-]+')|words:\{locale:'zh-CN'\})$/u.test(text);
}
