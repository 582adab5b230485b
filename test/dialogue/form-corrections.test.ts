import { anywhere, choice, confirm, integer, setupDialogue, text } from 'colloquy';
import { converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

interface Order {
  size?: 'small' | 'large';
  people?: number;
  age?: number;
  name?: string;
  vip?: boolean;
}

const words = setupDialogue({ types: {} as { context: Order } });

const OPTIONS = [
  { value: 'small', label: 'Small', synonyms: ['小的', '小份'] },
  { value: 'large', label: 'Large', synonyms: ['大的', '大份'] },
] as const;

const SIZE = { question: 'Size?', options: OPTIONS };
const FOUND_SIZE = { ...SIZE, extract: choice(OPTIONS) };
const PEOPLE = { question: 'How many?', parse: integer({ min: 1, max: 10 }) };
const AGE = { question: 'How old?', parse: integer({ min: 1, max: 120 }) };
const NAME = { question: 'Name?', parse: text() };

/** A form at its summary. */
async function atSummary(slots: object, answers: readonly string[], more: object = {}) {
  const chat = converse(
    words.createDialogue({
      id: 'order',
      context: {},
      initial: 'form',
      states: { form: words.form({ slots, target: 'end', ...more }), end: words.done('Done.') },
    }),
  );
  for (const said of ['hi', ...answers]) await chat.say(said);
  expect(chat.state).toContain('confirm');
  return chat;
}

const SAID_LARGE = [
  'no, large',
  'No, large!',
  'nope, large please',
  'no, no, large',
  'wrong, large',
  'no, sorry, make it large',
  'no，large',
  '不，大的',
  '不是，大份',
  '不对，大的',
  '不对，我要大的',
  '错了，改成大份',
];

describe('a “no” with the right value at the summary', () => {
  it.each(SAID_LARGE)('corrects a choice that has no extract: %s', async (said) => {
    const chat = await atSummary({ size: SIZE, people: PEOPLE }, ['small', '4']);
    expect((await chat.say(said))[0]).toContain('size: Large\npeople: 4');
  });

  it.each(SAID_LARGE)('corrects a choice that is its own extract: %s', async (said) => {
    const chat = await atSummary({ size: FOUND_SIZE, name: NAME }, ['small', 'Ann']);
    expect((await chat.say(said))[0]).toContain('size: Large\nname: Ann');
  });

  it.each(['no, 7 people', 'no, seven', '不，7个人', '不对，七位'])(
    'corrects the only slot whose parser takes it: %s',
    async (said) => {
      const chat = await atSummary({ size: SIZE, people: PEOPLE, name: NAME }, ['1', '4', 'Ann']);
      expect((await chat.say(said))[0]).toContain('size: Small\npeople: 7\nname: Ann');
    },
  );

  it.each(['no, 7', 'no, 7 people', '不，7'])(
    'asks which one if several slots take it: %s',
    async (said) => {
      const chat = await atSummary({ people: PEOPLE, age: AGE }, ['4', '40']);
      expect((await chat.say(said))[0]).toContain('What should be changed?');
      expect(chat.context).toEqual({ people: 4, age: 40 });
      expect((await chat.say('no, 50'))[0]).toContain('age: 50');
    },
  );

  it.each(['no, Ann', 'no, let me think', '不，等一下', 'no, something else'])(
    'is no text for a slot that takes any: %s',
    async (said) => {
      const chat = await atSummary({ people: PEOPLE, name: NAME }, ['4', 'Bob']);
      expect((await chat.say(said))[0]).toContain('What should be changed?');
      expect(chat.context).toEqual({ people: 4, name: 'Bob' });
    },
  );

  it.each([
    'no, not large',
    'no, large or small',
    'no, large?',
    'no, 2',
    'large, no',
    '不，不要大的',
  ])('is no value if it says anything more: %s', async (said) => {
    const chat = await atSummary({ size: FOUND_SIZE }, ['small']);
    await chat.say(said);
    expect(chat.context).toEqual({ size: 'small' });
  });

  it('is a plain no if only courtesy follows', async () => {
    const chat = await atSummary({ size: SIZE, vip: { question: 'VIP?', parse: confirm() } }, [
      'small',
      'yes',
    ]);
    expect((await chat.say('no, thanks'))[0]).toContain('What should be changed?');
    expect(chat.context).toEqual({ size: 'small', vip: true });
  });

  it('also follows the question what to change', async () => {
    const chat = await atSummary({ size: SIZE, people: PEOPLE }, ['small', '4']);
    await chat.say('no');
    expect((await chat.say('no, large'))[0]).toContain('size: Large');
  });

  it('gives nothing to a slot that does not apply, or where nothing may be changed', async () => {
    const when = ({ context }: { context: Order }) => context.size === 'large';
    const chat = await atSummary({ size: SIZE, people: { ...PEOPLE, when } }, ['small']);
    expect((await chat.say('no, 7'))[0]).toContain('Please answer yes or no.');
    const fixed = await atSummary({ size: SIZE }, ['small'], { correct: false });
    await fixed.say('no, large');
    expect(fixed.context).toEqual({ size: 'small' });
  });
});

describe('a slot with an extract', () => {
  it.each(['no, large', '不，大的'])(
    'is corrected while another is asked for: %s',
    async (said) => {
      const chat = converse(
        words.createDialogue({
          id: 'order',
          context: {},
          initial: 'form',
          states: {
            form: words.form({ slots: { size: FOUND_SIZE, name: NAME }, target: 'end' }),
            end: words.done('Done.'),
          },
        }),
      );
      for (const each of ['hi', 'small']) await chat.say(each);
      expect(await chat.say(said)).toEqual(['Name?']);
      expect(chat.context).toEqual({ size: 'large' });
    },
  );

  it.each(['2', 'second', '第二个'])(
    'is not corrected by a place in a list that was not shown: %s',
    async (said) => {
      const chat = converse(
        words.createDialogue({
          id: 'order',
          context: {},
          initial: 'form',
          states: {
            form: words.form({
              slots: {
                size: { ...FOUND_SIZE, extract: anywhere(choice(OPTIONS)) },
                people: PEOPLE,
              },
              target: 'end',
            }),
            end: words.done('Done.'),
          },
        }),
      );
      for (const each of ['hi', '1', said]) await chat.say(each);
      expect(chat.context).toMatchObject({ size: 'small' });
    },
  );
});

describe('an answer that a question understands whole', () => {
  const found = { ...PEOPLE, extract: anywhere(integer()) };

  it('corrects no other slot', async () => {
    const chat = await atSummary({ people: found, age: AGE }, ['4', '30']);
    expect(chat.context).toEqual({ people: 4, age: 30 });
    const other = await atSummary({ people: found, size: SIZE }, ['4', '1']);
    expect(other.context).toEqual({ people: 4, size: 'small' });
  });

  it.each(['1', 'yes'])('is the option of the summary: %s', async (said) => {
    const chat = await atSummary({ people: found, size: SIZE }, ['4', 'small']);
    expect(await chat.say(said)).toEqual(['Done.']);
    expect(chat.context).toEqual({ people: 4, size: 'small' });
  });

  it('is the slot that is to be changed', async () => {
    const chat = await atSummary({ people: found, size: SIZE }, ['4', 'small']);
    expect((await chat.say('2'))[0]).toContain('What should be changed?');
    expect((await chat.say('2'))[0]).toContain('Size?');
    expect(chat.context).toEqual({ people: 4, size: 'small' });
  });

  it('leaves what says more to the other slots', async () => {
    const chat = await atSummary({ people: found, size: SIZE }, ['4', 'small']);
    await chat.say('we are 6');
    expect(chat.context).toEqual({ people: 6, size: 'small' });
  });
});
