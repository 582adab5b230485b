import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { askedCodes, codesOfPage, codesOfSources, declaredCodes } from './error-codes.ts';
import { root } from './pages.ts';

const declared = declaredCodes();
const used = codesOfSources();
const documented = codesOfPage(readFileSync(join(root, 'docs/errors.md'), 'utf8'));

describe('the codes of errors', () => {
  it('are declared in the order of the alphabet', () => {
    expect(declared.length).toBeGreaterThan(50);
    expect(declared).toEqual([...new Set(declared)].toSorted());
  });

  it('are declared if the sources use them, and used if they are declared', () => {
    expect([...used.keys()].toSorted()).toEqual(declared);
  });

  it('are declared if the sources ask for them by ColloquyError.is()', () => {
    expect([...askedCodes()].filter((code) => !declared.includes(code))).toEqual([]);
  });

  it('have a row each in docs/errors.md, with their classes', () => {
    expect([...documented.keys()].toSorted()).toEqual(declared);
    for (const code of declared) {
      expect({ code, classes: toList(documented.get(code)) }).toEqual({
        code,
        classes: toList(used.get(code)),
      });
    }
  });

  it('are read from a row of the page with all its classes', () => {
    const page = '| `bad_x` | `UsageError` `StepError` | when | do |\n| class | `UsageError` | x |';
    expect([...codesOfPage(page)]).toEqual([['bad_x', new Set(['UsageError', 'StepError'])]]);
  });
});

function toList(classes: ReadonlySet<string> | undefined): readonly string[] {
  return [...(classes ?? [])].toSorted();
}
