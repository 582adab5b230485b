import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { refused, taken } from '../dialogue/parsers/tables/table.ts';
import { TABLES } from '../dialogue/parsers/tables/tables.ts';
import { integer } from '../../src/dialogue/parsers/integer.ts';
import { root } from './pages.ts';
import { ABOUT, KINDS, kindInChinese } from './chinese-parsers.ts';
import { PARSERS_PAGES, writeParsersPage } from './parsers-page.ts';

describe('the page of the parsers', () => {
  it.each(PARSERS_PAGES.map((page) => [page.path, page] as const))(
    '%s is what `npm run docs:parsers` writes from the tables of their tests',
    async (path, page) => {
      expect(readFileSync(join(root, path), 'utf8')).toBe(await writeParsersPage(TABLES, page));
    },
  );

  it('has no Chinese for kinds, reasons and parsers that are gone', () => {
    const kinds = TABLES.flatMap((table) => table.kinds);
    const used = kinds.flatMap(({ kind, rows }) => [
      kind,
      ...rows.flatMap((row) => ('refuses' in row ? row.refuses : [])),
    ]);
    expect(Object.keys(KINDS).filter((kind) => !used.includes(kind))).toEqual([]);
    expect(Object.keys(ABOUT)).toEqual(TABLES.map(({ call }) => call));
    expect(kindInChinese("country '49'")).toBe("国家 '49'");
    expect(() => kindInChinese('another kind')).toThrow('another kind');
  });

  it('shows each answer with the value that it gives, or with why it gives none', async () => {
    const kinds = [
      taken('digits', 'any', [[3, '3|３']]),
      refused('a denial', 'zh', '不是三|'),
      refused('no words', 'any', { type: 'message.image', mediaId: '1' }),
    ];
    const page = await writeParsersPage([
      { call: 'integer()', about: 'Takes a number.', parser: integer(), kinds },
    ]);
    expect(page.split('\n')).toEqual(
      expect.arrayContaining([
        '## `integer()`',
        '- **digits**: `3`, `３` → **`3`**',
        '- **a denial in Chinese**: `不是三`, (nothing)',
        '- **no words**: `{"type":"message.image","mediaId":"1"}`',
      ]),
    );
  });
});
