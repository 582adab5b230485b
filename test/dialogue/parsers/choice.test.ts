import { describe, expect, it } from 'vitest';
import { choice, optionsOf } from '../../../src/dialogue/parsers/choice.ts';
import { occasion, read, textMessage } from './reading.ts';

const colour = choice([
  'red',
  { value: 'blue', label: 'Blue', synonyms: ['navy', '蓝色'] },
  { value: 'd-r', label: 'Dark red', synonyms: ['深红'] },
]);

describe('choice', () => {
  it.each([
    ['red', 'red'],
    ['RED!', 'red'],
    ['ｒｅｄ', 'red'],
    [' “Red” ', 'red'],
    ['Navy', 'blue'],
    ['蓝色', 'blue'],
    ['dark  red', 'd-r'],
    ['d-r', 'd-r'],
    ["I'd like the red one", 'red'],
    ['dark red please', 'd-r'],
    ['我要深红的', 'd-r'],
    ['red, 2', 'red'],
  ])('knows %j by its name', (said, value) => {
    expect(read(colour, said)).toBe(value);
  });

  it.each([
    ['2', 'blue'],
    ['２', 'blue'],
    ['2.', 'blue'],
    ['(2)', 'blue'],
    ['#2', 'blue'],
    ['2️⃣', 'blue'],
    ['二', 'blue'],
    ['two', 'blue'],
    ['no. 2', 'blue'],
    ['number two', 'blue'],
    ['Option 3', 'd-r'],
    ['the second', 'blue'],
    ['the second one please', 'blue'],
    ['2nd', 'blue'],
    ['第二个', 'blue'],
    ['就第二个吧', 'blue'],
    ['二号', 'blue'],
    ['我选2', 'blue'],
    ['选第三个', 'd-r'],
    ['the last one', 'd-r'],
    ['最后一个', 'd-r'],
  ])('knows %j by its place', (said, value) => {
    expect(read(colour, said)).toBe(value);
  });

  it.each([
    ['red or blue', 'issue.severalChoices'],
    ['first or second', 'issue.severalChoices'],
    ['not red', 'issue.choice'],
    ['anything but red', 'issue.choice'],
    ['我不要深红', 'issue.choice'],
    ['不要第二个', 'issue.choice'],
    ['bored', 'issue.choice'],
    ['redder', 'issue.choice'],
    ['0', 'issue.choice'],
    ['4', 'issue.choice'],
    ['-1', 'red'],
    ['1.5', 'issue.choice'],
    ['2 people', 'issue.choice'],
    ['', 'issue.choice'],
    ['...', 'issue.choice'],
    [`red ${'a'.repeat(1000)}`, 'issue.choice'],
  ])('makes of %j: %s', (said, key) => {
    expect(read(colour, said)).toBe(key);
  });

  it('says what there is to choose from, and which of it was named', () => {
    const issueOf = (said: string, locale: string): unknown =>
      colour(textMessage(said), { ...occasion, locale });
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

  it.each([
    ['2', '2'],
    ['四', '4'],
    ['four', '4'],
    ['I want 4', '4'],
    ['四个人', '4'],
    ['3', 'issue.choice'],
    ['not 4', 'issue.choice'],
    ['2 or 4', 'issue.severalChoices'],
    ['the third', '6'],
    ['第三个', '6'],
  ])('takes a number for a label where labels are numbers: %j is %s', (said, value) => {
    expect(read(choice(['2', '4', '6']), said)).toBe(value);
  });

  it('tells names apart that differ in their signs only', () => {
    const language = choice(['C', 'C++', 'C#']);
    expect(['c', 'c++', 'I like C#', 'C!'].map((said) => read(language, said))).toEqual([
      'C',
      'C++',
      'C#',
      'issue.severalChoices',
    ]);
  });

  it.each([
    [[]],
    [['a', 'a']],
    [['']],
    [[{ value: 'a', label: ' ' }]],
    [[{ value: 'a', synonyms: [''] }]],
  ])('refuses the options %j', (options) => {
    expect(() => choice(options as string[])).toThrow(
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
