import { describe, expect, it } from 'vitest';
import { parseContextOf, textMessage } from './reading.ts';
import { TABLES } from './tables/tables.ts';

describe.each(TABLES)('$call', ({ parser, kinds }) => {
  const rows = kinds.flatMap((kind) => kind.rows.map((row) => ({ ...kind, row })));
  it.each(rows)('$kind ($language): $row.said', ({ row, ...kind }) => {
    const message = typeof row.said === 'string' ? textMessage(row.said) : row.said;
    const parsed = (kind.parser ?? parser)(message, parseContextOf(kind));
    if ('takes' in row) expect(parsed).toEqual({ value: row.takes });
    else expect(parsed).toHaveProperty('issue');
  });
});

describe('the tables of parsers', () => {
  it('have no kind without rows, and no answer twice at one parseContext of a table', () => {
    for (const { call, kinds } of TABLES) {
      expect(kinds.every(({ rows }) => rows.length > 0)).toBe(true);
      const said = kinds.flatMap(({ kind, rows, asked, parser }) =>
        rows.map((row) => JSON.stringify([row.said, asked, parser && kind])),
      );
      const twice = said.filter((each, index) => said.indexOf(each) < index);
      expect({ call, twice }).toEqual({ call, twice: [] });
    }
  });

  it('show at least eight refused answers of each kind in a language', () => {
    const few = TABLES.flatMap(({ call, kinds }) =>
      kinds
        .filter(
          ({ language, rows }) =>
            language !== 'any' && rows.some((row) => 'refuses' in row) && rows.length < 8,
        )
        .map(({ kind, language }) => `${call}: ${kind} (${language})`),
    );
    expect(few).toEqual([]);
  });
});
