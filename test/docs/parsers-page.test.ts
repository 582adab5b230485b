import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { refused, taken } from '../dialogue/parsers/tables/table.ts';
import { TABLES } from '../dialogue/parsers/tables/tables.ts';
import { integer } from '../../src/dialogue/parsers/integer.ts';
import { root } from './pages.ts';
import { PARSERS_PAGE, writeParsersPage } from './parsers-page.ts';

describe('the page of the parsers', () => {
  it('is what `npm run docs:parsers` writes from the tables of their tests', async () => {
    expect(readFileSync(join(root, PARSERS_PAGE), 'utf8')).toBe(await writeParsersPage(TABLES));
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
