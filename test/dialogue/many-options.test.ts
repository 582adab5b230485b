import { UsageError, choice, setupDialogue, text } from 'colloquy';
import { converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

interface Data {
  count: number;
  picked?: string;
  [slot: `slot${number}`]: string | undefined;
}

const words = setupDialogue({ types: {} as { context: Data } });
const names = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `city ${String.fromCharCode(65 + index)}`);

function picking(count: number, constant: boolean) {
  const dialogue = words.createDialogue({
    id: 'picking',
    context: { count },
    initial: 'pick',
    states: {
      pick: words.choose({
        question: 'Where?',
        options: constant ? names(count) : ({ context }) => names(context.count),
        assign: 'picked',
        target: 'end',
      }),
      end: words.done(({ context }) => `To ${context.picked}.`),
    },
  });
  return converse(dialogue);
}

describe.each([
  ['written down', true],
  ['by the context', false],
])('options %s', (_, constant) => {
  it.each([1, 2, 19, 20])('are choices, up to twenty: %d', async (count) => {
    const chat = picking(count, constant);
    await chat.say('hi');
    expect(chat.said).toMatchObject([{ type: 'choices', text: 'Where?' }]);
  });

  it.each([21, 26])('are a numbered text over twenty: %d', async (count) => {
    const chat = picking(count, constant);
    const [said = ''] = await chat.say('hi');
    expect(chat.said.map(({ type }) => type)).toEqual(['text']);
    expect(said.split('\n').slice(0, 3)).toEqual(['Where?', '1. city A', '2. city B']);
    expect(said.split('\n')).toHaveLength(count + 1);
  });

  it.each([
    ['21', 'city U'],
    ['city T', 'city T'],
    ['City B', 'city B'],
    ['1', 'city A'],
  ])('are chosen from a text as from choices: %s', async (said, picked) => {
    const chat = picking(21, constant);
    await chat.say('hi');
    expect(await chat.say(said)).toEqual([`To ${picked}.`]);
  });

  it('are said again to what is none of them', async () => {
    const chat = picking(21, constant);
    await chat.say('hi');
    const [said = ''] = await chat.say('somewhere');
    expect(said).toContain('Please choose one of these');
    expect(said).toContain('\n21. city U');
    expect((await chat.say('21'))[0]).toBe('To city U.');
  });
});

describe('a list of options that is written down', () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => `option-${index}`);

  it('has a maximum of 100', () => {
    expect(() => words.choose({ question: '?', options: many(100) })).not.toThrow();
    expect(() => words.choose({ question: '?', options: many(101) })).toThrow(UsageError);
    expect(() =>
      words.form({
        slots: { picked: { question: '?', options: many(101) } },
        target: 'end',
      }),
    ).toThrow(expect.objectContaining({ code: 'bad_option' }));
    expect(() => choice(many(101))).not.toThrow();
  });

  it('does not fail at any length where it comes from the context', async () => {
    const dialogue = words.createDialogue({
      id: 'picking',
      context: { count: 150 },
      initial: 'pick',
      states: {
        pick: words.choose({ question: '?', options: ({ context }) => many(context.count) }),
      },
    });
    expect((await converse(dialogue).say('hi'))[0]).toContain('150. option-149');
  });
});

describe('a form with more slots than there is room for', () => {
  const slots = Object.fromEntries(
    Array.from({ length: 21 }, (_, index) => [
      `slot${index}`,
      { label: `Slot ${String.fromCharCode(65 + index)}`, question: `${index}?`, parse: text() },
    ]),
  );
  const dialogue = words.createDialogue({
    id: 'long',
    context: { count: 0 },
    initial: 'form',
    states: { form: words.form({ slots, target: 'end' }), end: words.done('Done.') },
  });

  it('asks what to change with a numbered text', async () => {
    const chat = converse(dialogue);
    await chat.say('hi');
    for (let index = 0; index < 21; index += 1) await chat.say(`value ${index}`);
    const [said = ''] = await chat.say('no');
    expect(said.split('\n').slice(0, 2)).toEqual(['What should be changed?', '1. Slot A']);
    expect(await chat.say('21')).toEqual(['20?']);
    await chat.say('another');
    expect(await chat.say('yes')).toEqual(['Done.']);
  });

  it('offers over twenty options of one slot in the same way', async () => {
    const own = setupDialogue({ types: {} as { context: { city?: string } } });
    const chat = converse(
      own.createDialogue({
        id: 'cities',
        context: {},
        initial: 'form',
        states: {
          form: own.form({
            slots: { city: { question: 'Where?', options: names(25) } },
            confirm: false,
            target: 'end',
          }),
          end: own.done(({ context }) => `To ${context.city}.`),
        },
      }),
    );
    expect((await chat.say('hi'))[0]).toContain('25. city Y');
    expect((await chat.say('x'))[0]).toContain('\n25. city Y');
    expect(await chat.say('25')).toEqual(['To city Y.']);
  });
});
