import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { entries } from '../../tsup.config.ts';
import { declaredCodes } from './error-codes.ts';
import { readPublic } from './docstrings.ts';
import { Editor } from './hover.ts';
import { MOST_USED, PROGRAM } from './most-used.ts';
import { root } from './pages.ts';
import { type Surface, readSurface } from './surface.ts';

/** Members without a docstring, and why not: what they are in is read by the compiler alone, and no program writes it. */
const COMPILED: Readonly<Record<string, string>> = {
  'ActorsIn.id': 'actors, as the types of XState take them',
  'ActorsIn.logic': 'actors, as the types of XState take them',
  'ActorsIn.src': 'actors, as the types of XState take them',
  'Closed.on': 'refuses transitions of events that there are not',
  'NamedIn.params': 'actions and guards, as the types of XState take them',
  'NamedIn.type': 'actions and guards, as the types of XState take them',
  'ServiceOf.logic': 'an actor, taken out of the types of XState',
  'ServiceOf.src': 'an actor, taken out of the types of XState',
  'Stubs.src': 'looks an actor up by its name',
  'WithTargets.states': 'refuses targets that there are not',
};

describe('what a program can name', () => {
  const all = readPublic(readSurface(entries));

  it('has a docstring: every export, and every member of its types', () => {
    expect(all.length).toBeGreaterThan(1500);
    const undocumented = all.filter(({ isDocumented }) => !isDocumented);
    const asked = undocumented.filter(({ name }) => COMPILED[name] === undefined);
    expect(asked.map(({ at, name }) => `${at} ${name}`)).toEqual([]);
  });

  it('has it but for the members that are listed, each of which is there', () => {
    const bare = new Set(all.filter((each) => !each.isDocumented).map(({ name }) => name));
    expect(Object.keys(COMPILED).filter((name) => !bare.has(name))).toEqual([]);
  });
});

describe('the count of what is undocumented', () => {
  it.each([
    ['a function', 'export function say(): void {}', ['say']],
    ['a member', '/** A. */ export interface A { b: 1; /** C. */ c: 1 }', ['A.b']],
    ['a method', '/** A. */ export class A { #b(): void {} private c = 1; d(): void {} }', ['A.d']],
    ['an inner object', '/** A. */ export type A = { /** B. */ b: { c: 1 } }', ['A.b.c']],
    ['a base', '/** B. */ interface B { c: 1 } /** A. */ export interface A extends B {}', ['B.c']],
    ['what it is made of', 'type B = { c: 1 }; /** A. */ export type A = B | 1;', ['B.c']],
    [
      'a parameter',
      '/** Says. */ export function say(args: { id: 1; at: 2 }): void {}',
      ['say.id', 'say.at'],
    ],
    [
      'a parameter that is named',
      '/** Says, by `id`. */ export function say(args: { id: 1 }): void {}',
      [],
    ],
    ['a tag', "/** A. */ export interface A { type: 'a' }", []],
    [
      'a tag of no name',
      "/** A. */ export type A = { type: 'a' } | { type: 'b' }",
      ['A.type', 'A.type'],
    ],
    [
      'an inherited name',
      '/** B. */ export interface B { /** C. */ c: 1 } /** A. */ export interface A extends B { c: 1 }',
      [],
    ],
    [
      'a comment in a union',
      "/** A. */ export type A = /** B. */ 'b' | 'c';",
      ['a comment on a member of A, which no editor shows'],
    ],
  ])('finds %s', (_, text, names) => {
    const found = readPublic(surfaceOf(text)).filter(({ isDocumented }) => !isDocumented);
    expect(found.map(({ name }) => name)).toEqual(names);
  });
});

describe('what an editor shows of the most used exports and words', () => {
  const editor = new Editor(PROGRAM);

  it('is of forty and more', () => {
    expect(MOST_USED.length).toBeGreaterThanOrEqual(40);
  });

  it.each(MOST_USED)('has the purpose of $place, and an example', ({ place }) => {
    const { text, tags } = editor.hover(place);
    expect(text).not.toBe('');
    expect(tags.get('example') ?? []).not.toEqual([]);
  });

  it.each(MOST_USED.filter(({ wrong }) => wrong.length > 0))(
    'names the codes of the errors of $place',
    async ({ place, wrong }) => {
      const said = (editor.hover(place).tags.get('throws') ?? []).join('\n');
      const codes = new Set(declaredCodes());
      for (const call of wrong) {
        const code = await codeOf(call);
        expect(codes).toContain(code);
        expect(said).toContain(`\`${code}\``);
      }
    },
  );
});

/** The surface of one file, which is not on the disk. A docstring begins a line: elsewhere it is none. */
function surfaceOf(line: string): Surface {
  const text = line.replaceAll('/**', '\n/**');
  const path = join(root, 'src/one.ts');
  const options: ts.CompilerOptions = { noLib: true, strict: true };
  const host = ts.createCompilerHost(options);
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  host.getSourceFile = (name) => (name === path ? file : undefined);
  const program = ts.createProgram([path], options, host);
  const symbol = program.getTypeChecker().getSymbolAtLocation(file);
  const names = [...(symbol?.exports?.values() ?? [])];
  return { program, entries: [{ specifier: 'one', names }] };
}

/** The code of the error that a wrong call throws, or rejects with. */
async function codeOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return (error as { readonly code?: unknown }).code;
  }
  return 'none: it does not throw';
}
