import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collectionsOf } from '../support/collections.ts';
import { bytes, count, numberOf } from './limit-numbers.ts';
import { COLLECTIONS } from './limits-collections.ts';
import { CELLS, toChinese } from './chinese-limits.ts';
import { LIMITS_PAGES, writeLimitsPage } from './limits-page.ts';
import { LIMITS } from './limits.ts';
import { root } from './pages.ts';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('the page of the limits', () => {
  it.each(LIMITS_PAGES.map((page) => [page.path, page] as const))(
    '%s is what `npm run docs:limits` writes from the numbers of the sources',
    async (path, page) => {
      expect(read(path)).toBe(await writeLimitsPage(LIMITS, page));
    },
  );

  it('has the numbers of the cells in English, and no Chinese for cells that are gone', () => {
    const used = new Set<string>();
    const [, inChinese] = LIMITS_PAGES;
    if (inChinese === undefined) throw new Error('no page in Chinese');
    const translate = (cell: string): string => {
      used.add(cell.replaceAll(/\d[\d ]*\d|\d/gu, '#'));
      return cell;
    };
    void writeLimitsPage(LIMITS, { ...inChinese, translate });
    expect(Object.keys(CELLS).filter((cell) => !used.has(cell))).toEqual([]);
    expect(toChinese('10 000 Mi characters')).toBe('10 000 Mi 字符');
    expect(toChinese('`a`, `b`')).toBe('`a`、`b`');
    expect(() => toChinese('another cell')).toThrow('another cell');
  });

  it.each(LIMITS.flatMap(({ limits }) => limits).map((limit) => [limit.what, limit.test] as const))(
    'has a test of the limit of %s',
    (_what, [file, name]) => {
      expect(read(file)).toContain(name);
    },
  );

  it.each<[text: string, name: string, number: number | undefined]>([
    ['const MAX = 256;', 'MAX', 256],
    ['const MAX = 4 * 1024 * 1024;', 'MAX', 4_194_304],
    ["atLeast(0, seen?.max ?? 2048, 'seen.max')", 'seen?.max', 2048],
    ['const MAX = other;', 'MAX', undefined],
    ['const MAX = 1 + other;', 'MAX', undefined],
    ['const MAX = 1; { const MAX = 2; }', 'MAX', undefined],
    ['const MAX_OTHER = 1;', 'MAX', undefined],
  ])('reads of `%s` the number of %s', (text, name, number) => {
    if (number === undefined) expect(() => numberOf(text, name, 'x.ts')).toThrow(/x\.ts/u);
    else expect(numberOf(text, name, 'x.ts')).toBe(number);
  });

  it('writes numbers as the guide does', () => {
    expect([count(2048), count(10_000), count(100_000)]).toEqual(['2048', '10 000', '100 000']);
    expect([bytes(28_672), bytes(4_194_304), bytes(1000)]).toEqual([
      '28 KiB',
      '4 MiB',
      '1000 bytes',
    ]);
  });
});

describe('the collections of the sources', () => {
  const paths = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && !/^(?:testing|cli)\//u.test(path));
  const found = paths.flatMap((path) =>
    collectionsOf(path, read(`src/${path}`)).map((name) => `${path} ${name}`),
  );

  it('cannot grow without a bound: a new one has a reason, or a row on the page', () => {
    expect(found.toSorted()).toEqual(Object.values(COLLECTIONS).flat().toSorted());
  });

  it.each([
    ['class A { readonly #a = new Map<string, number>(); }', ['A.#a']],
    ['class A { a: string[] = []; }', ['A.a']],
    ['class A { #a: Set<string> | undefined; b() { this.#a ??= new Set(); } }', ['A.#a']],
    ['const a = new Map(); export function b() { a.set(1, 1); }', ['a']],
    ['function b() { const a = new Set(); return () => a.add(1); }', ['a']],
    ['function b() { const a = []; a.push(1); return a; }', []],
    ['const a: ReadonlyMap<string, string> = new Map([]);', []],
    ['class A { #a = new WeakMap(); }', []],
  ])('are found in `%s`', (text, names) => {
    expect(collectionsOf('a.ts', text)).toEqual(names);
  });
});
