import { expect, it } from 'vitest';
import { readPages } from './pages.ts';

const glossary = readPages().find(({ path }) => path === 'docs/glossary.md');
const rows = (glossary?.text ?? '')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(2)
  .map((line) => line.split('|').map((cell) => cell.trim()));

it('the glossary has each word once, in alphabetical order, with its Chinese term', () => {
  expect(rows.length).toBeGreaterThan(40);
  const words = rows.map(([, word = '']) => word);
  expect(words).toEqual([...new Set(words)].toSorted((a, b) => (a < b ? -1 : 1)));
  const terms = rows.map(([, , term = '']) => term);
  expect(terms.filter((term) => !/^\p{Script=Han}+$/u.test(term))).toEqual([]);
  expect(terms).toEqual([...new Set(terms)]);
});
