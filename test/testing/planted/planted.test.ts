import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { explore, lintDialogue } from 'colloquy/testing';
import { BUGS, type Found, type PlantedBug } from './bugs.ts';

const typesFile = readFileSync(new URL('types.ts', import.meta.url), 'utf8');
const page = readFileSync(new URL('../../../docs/exploring.md', import.meta.url), 'utf8');

async function findersOf({ make }: PlantedBug, isPlanted: boolean): Promise<readonly string[]> {
  if (make === undefined) return [];
  const dialogue = make(isPlanted);
  const rules = lintDialogue(dialogue).map(({ rule }) => `lint ${rule}`);
  const { failures, unreached } = await explore(dialogue, {
    services: { price: [9] },
    samples: ['ready', 'stop', 'order'],
    budget: 600,
  });
  const threw = failures.map(({ kind }) => `explore ${kind}`);
  const missed = unreached.some(({ isBehind }) => !isBehind) ? ['explore unreached'] : [];
  return [...new Set([...rules, ...threw, ...missed])];
}

function nameOf(found: Found): string {
  if (found.by === 'types') return 'types';
  return found.by === 'lint' ? `lint ${found.rule}` : `explore ${found.how}`;
}

describe('a planted bug', () => {
  it.each(BUGS.filter(({ make }) => make !== undefined))(
    '$number, $bug, is found; without it, nothing is',
    async (planted) => {
      const found = await findersOf(planted, true);
      expect(found).toEqual(expect.arrayContaining(planted.found.map(nameOf)));
      expect(await findersOf(planted, false)).toEqual([]);
    },
  );

  it.each(BUGS.filter(({ found }) => found.some(({ by }) => by === 'types')))(
    '$number, $bug, does not compile',
    ({ number }) => {
      expect(typesFile).toMatch(new RegExp(`// @ts-expect-error ${number}: `, 'u'));
    },
  );

  it('is found without a human in at least 22 cases of 29, as the guide says', () => {
    expect(BUGS).toHaveLength(29);
    expect(BUGS.filter(({ found }) => found.length > 0).length).toBeGreaterThanOrEqual(22);
    const rows = page.split('\n').filter((line) => /^\| +\d+ \|/u.test(line));
    expect(
      rows.map((row) =>
        row
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ),
    ).toEqual(
      BUGS.map(({ number, bug, found }) => [
        String(number),
        bug,
        found
          .map((each) => (each.by === 'lint' ? `lint \`${each.rule}\`` : nameOf(each)))
          .join(', ') || '—',
      ]),
    );
  });
});
