import { describe, expect, it } from 'vitest';
import { choice, optionsOf } from '../../../src/dialogue/parsers/choice.ts';
import { parseContext, read, textMessage } from './reading.ts';

const colour = choice([
  'red',
  { value: 'blue', label: 'Blue', synonyms: ['navy', '蓝色'] },
  { value: 'd-r', label: 'Dark red', synonyms: ['深红'] },
]);

describe('choice', () => {
  it.each([
    ['red or blue', 'issue.severalChoices'],
    ['first or second', 'issue.severalChoices'],
    ['not red', 'issue.choice'],
    ['red, 2', 'issue.choice'],
    ['-1', 'issue.choice'],
    ['', 'issue.choice'],
    ['...', 'issue.choice'],
    [`red ${'a'.repeat(500)}`, 'issue.choice'],
  ])('says what is wrong with %j: %s', (said, key) => {
    expect(read(colour, said)).toBe(key);
  });

  it('says what there is to choose from, and which of it was named', () => {
    const issueOf = (said: string, locale: string): unknown =>
      colour(textMessage(said), { ...parseContext, locale });
    expect(issueOf('green', 'en')).toEqual({
      issue: { key: 'issue.choice', values: { options: 'red, Blue or Dark red' } },
    });
    expect(issueOf('red blue', 'zh-CN')).toEqual({
      issue: { key: 'issue.severalChoices', values: { options: 'red还是Blue' } },
    });
  });

  it('takes the value of a button before anything that it could be called', () => {
    const nights = choice([
      { value: '2', label: 'Two nights' },
      { value: '1', label: 'One night' },
    ]);
    expect(read(nights, { type: 'message.action', value: '1' })).toBe('1');
    expect(read(nights, '1')).toBe('2');
  });

  it('tells names apart that differ in their signs only', () => {
    const language = choice(['C', 'C++', 'C#']);
    expect(['c', 'c++', 'I like C#', 'C!'].map((said) => read(language, said))).toEqual([
      'C',
      'C++',
      'C#',
      'C',
    ]);
    expect(read(choice(['C++', 'C#']), 'c')).toBe('issue.severalChoices');
  });

  it('lets the exact name decide where two are the same without their marks', () => {
    const paper = choice(['resume', 'résumé', 'Cafe', 'non-stop']);
    const said = ['resume', 'RÉSUMÉ', 'resumé', 'café', 'nonstop', 'non stop please'];
    expect(said.map((each) => read(paper, each))).toEqual([
      'resume',
      'résumé',
      'issue.severalChoices',
      'Cafe',
      'non-stop',
      'non-stop',
    ]);
  });

  it.each([
    ['2', 'red'],
    ['the second one', 'red'],
    ['第二个', 'red'],
    ['1', 'issue.choice'],
    ['the first', 'issue.choice'],
    ['last', 'd-r'],
    ['最后一个', 'd-r'],
    ['倒数第二个', 'red'],
    ['4', 'issue.choice'],
    ['blue', 'blue'],
  ])('counts %j in the list that the user saw', (said, value) => {
    const shown = [{ value: 'gone', label: 'Green' }, { value: 'red' }, { value: 'd-r' }];
    expect(read(colour, said, { shown })).toBe(value);
  });

  it.each([
    [[]],
    [['a', 'a']],
    [['']],
    [[{ value: 'a', label: ' ' }]],
    [[{ value: 'a', synonyms: [''] }]],
    [[{ value: 7 }]],
    [[{ label: 'a' }]],
    [[{ value: 'a', label: 5 }]],
    [[{ value: 'a', label: null }]],
    [[{ value: 'a', synonyms: 'b' }]],
    [[{ value: 'a', synonyms: [1] }]],
  ])('refuses the options %j', (options) => {
    expect(() => choice(options as never)).toThrow(
      expect.objectContaining({ name: 'UsageError', code: 'bad_option' }),
    );
  });

  it('shows its options as a reply offers them', () => {
    expect(optionsOf(['red', { value: 'b', label: 'Blue', synonyms: ['navy'] }])).toEqual([
      { value: 'red' },
      { value: 'b', label: 'Blue' },
    ]);
  });
});
