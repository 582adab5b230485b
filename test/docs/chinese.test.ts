import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  CHINESE_FOLDER,
  chineseOf,
  isChinese,
  isSameProgram,
  outlineOf,
  skeletonOf,
} from './chinese.ts';
import { codesOfPage } from './error-codes.ts';
import { type Page, linksOf, parsePage, readPages } from './pages.ts';

const pages = readPages();
const byPath = new Map(pages.map((page) => [page.path, page]));
const english = pages.filter(({ path }) => path.startsWith('docs/') && !isChinese(path));

/** Pages that are there in one language only, each with the reason. */
const ALONE: Readonly<Record<string, string>> = {
  'docs/zh-CN/wechat.md': 'the first page for developers of Official Accounts',
};

/** Pages of an order that is not that of their sisters, each with the reason. */
const OF_THEIR_OWN: Readonly<Record<string, string>> = {
  'docs/zh-CN/README.md': 'its list begins with the page about Official Accounts',
};

const pairs = english.flatMap((page): (readonly [string, Page, Page])[] => {
  const sister = byPath.get(chineseOf(page.path));
  return sister === undefined || sister.path in OF_THEIR_OWN ? [] : [[page.path, page, sister]];
});

describe('the pages in Chinese', () => {
  it('are those in English, except the pages listed above', () => {
    const alone = [
      ...english.map(({ path }) => path).filter((path) => !byPath.has(chineseOf(path))),
      ...pages
        .map(({ path }) => path)
        .filter((path) => isChinese(path) && !byPath.has(path.replace('zh-CN/', ''))),
    ];
    expect(alone.toSorted()).toEqual(Object.keys(ALONE).toSorted());
    expect(Object.keys(OF_THEIR_OWN).filter((path) => !byPath.has(path))).toEqual([]);
  });

  it.each(pairs)('have the headings, tables, items and blocks of %s', (_, page, sister) => {
    expect(outlineOf(sister)).toEqual(outlineOf(page));
  });

  it.each(pairs)('have the programs of %s, with texts in Chinese', (_, page, sister) => {
    expect(sister.programs).toHaveLength(page.programs.length);
    for (const [index, program] of page.programs.entries()) {
      const other = sister.programs[index];
      if (other === undefined || isSameProgram(program, other)) continue;
      expect({ program: other.name, names: skeletonOf(other) }).toEqual({
        program: program.name,
        names: skeletonOf(program),
      });
    }
  });

  it('have the figures that were measured', () => {
    // The words of a line stand in another order.
    const figuresOf = (path: string): string[][] =>
      (byPath.get(path)?.prose ?? '')
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .map((line) => line.match(/\d[\d.]*/gu)?.toSorted() ?? []);
    const figures = figuresOf('docs/benchmarks.md');
    expect(figuresOf(`${CHINESE_FOLDER}benchmarks.md`)).toEqual(figures);
    expect(figures.flat().length).toBeGreaterThan(500);
  });

  it('link to pages in Chinese where there is one', () => {
    const others = pages.filter(({ path }) => isChinese(path) || path === 'README.zh-CN.md');
    const toEnglish = others.flatMap((page) =>
      linksOf(page)
        .map((link) => join(dirname(page.path), link.split('#')[0] ?? ''))
        // The index in English is the way to the other language.
        .filter((path) => path.startsWith('docs/') && path !== 'docs/README.md')
        .filter((path) => !isChinese(path) && byPath.has(chineseOf(path)))
        .map((path) => `${page.path}: ${path}`),
    );
    expect(toEnglish).toEqual([]);
  });

  it('have a row for each code of an error, with its classes', () => {
    const [inEnglish, inChinese] = ['docs/errors.md', `${CHINESE_FOLDER}errors.md`].map((path) => [
      ...codesOfPage(byPath.get(path)?.text ?? ''),
    ]);
    expect(inChinese).toEqual(inEnglish);
    expect(inEnglish?.length).toBeGreaterThan(50);
  });

  it('have the terms of the glossary, and no other', () => {
    const termsOf = (path: string, word: number, term: number): string[] =>
      (byPath.get(path)?.text ?? '')
        .split('\n')
        .filter((line) => line.startsWith('| '))
        .slice(2)
        .map((line) => line.split('|').map((cell) => cell.trim()))
        .map((cells) => `${cells[word]} ${cells[term]}`);
    const terms = termsOf(`${CHINESE_FOLDER}glossary.md`, 2, 1);
    expect(terms).toEqual(termsOf('docs/glossary.md', 1, 2));
    expect(terms.length).toBeGreaterThan(40);
  });
});

describe('the comparison of two pages', () => {
  const page = (...lines: string[]): Page => parsePage('page.md', lines.join('\n'));

  it('finds a heading, a row, an item and a block that one of them lacks', () => {
    const whole = page('# A', '## B', '| a |', '| - |', '| b |', '', '- c', '```sh', 'ls', '```');
    expect(outlineOf(whole)).toEqual({
      headings: [1, 2],
      tables: [3],
      items: 1,
      languages: ['sh'],
    });
    expect(outlineOf(page('# A', '| a |', '| - |'))).toEqual({
      headings: [1],
      tables: [2],
      items: 0,
      languages: [],
    });
  });

  it.each([
    ["say('hi');", "say('你好');", true],
    ['say(`hi ${name}`);', 'say(`你好`);', true],
    ['const a = { context: {} };', "const a = { context: { locale: 'zh-CN' } };", true],
    ['type A = { name: string };', 'type A = { locale: string; name: string };', true],
    ['setup({ types });', "setup({ types, words: { locale: 'zh-CN' } });", true],
    ['go({ small: 1 });', 'go({ 小杯: 1 });', true],
    [
      "ask({ options: [{ value: 'tea' }] });",
      "ask({ options: [{ value: 'tea', label: '茶' }] });",
      true,
    ],
    ["a.set('b', 1);", "a.set('locale', 'zh-CN').set('b', 1);", true],
    ["say('hi');", "said('hi');", false],
    ['ask({ attempts: 3 });', 'ask({});', false],
    ['ask({ locale });', 'ask({});', false],
  ])('takes %s and %s for the same program or not', (one, other, isSame) => {
    const [first, second] = [one, other].flatMap(
      (code) => page('```ts', "import 'colloquy';", code, '```').programs,
    );
    if (first === undefined || second === undefined) throw new Error('no programs');
    expect(isSameProgram(first, second)).toBe(isSame);
  });
});
