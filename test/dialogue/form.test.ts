import { commandIntents, pattern, setupDialogue, formatReply } from 'colloquy';
import { converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { integer } from '../../src/dialogue/parsers/integer.ts';
import { text } from '../../src/dialogue/parsers/text.ts';
import { within } from '../../src/dialogue/parsers/within.ts';
import { createWorld } from '../runner/world.ts';

interface Data {
  people?: number;
  day?: string;
  name?: string;
  smoking?: boolean;
  hour?: number;
  address?: { street: string };
}

const addressSetup = setupDialogue({
  types: {} as {
    context: { street?: string; of: string };
    input: { of: string };
    output: { street: string };
  },
});
const address = addressSetup.createDialogue({
  id: 'address',
  context: ({ input }) => ({ of: input.of }),
  initial: 'street',
  states: {
    street: addressSetup.ask({
      question: ({ context }) => `Which street, ${context.of}?`,
      parse: text(),
      assign: 'street',
      target: 'done',
    }),
    done: { type: 'final' },
  },
  output: ({ context }) => ({ street: context.street ?? '' }),
});

const words = setupDialogue({
  types: {} as { context: Data },
  actors: { address },
  intents: { ...commandIntents, book: pattern(/^book(?: for (?<people>\S+))?/iu) },
});
const people = within(/(\S+) people/iu, integer({ min: 1, max: 10 }));

function booking(more: object = {}, slots: object = {}) {
  return words.createDialogue({
    id: 'booking',
    context: {},
    initial: 'open',
    states: {
      open: { on: { 'intent.book': 'form', 'message.text': 'form' } },
      form: words.form({
        slots: {
          people: {
            question: 'How many?',
            parse: integer({ min: 1, max: 10 }),
            extract: people,
            label: 'People',
          },
          day: {
            question: 'Which day?',
            options: ['friday', 'saturday'],
            extract: within(/(friday|saturday)/iu, (message) =>
              message.type === 'message.text'
                ? { value: message.text.toLowerCase() }
                : { issue: '' },
            ),
            label: 'Day',
          },
          name: { question: 'Your name?', parse: text(), label: 'Name' },
          ...slots,
        },
        target: 'booked',
        otherwise: 'human',
        ...more,
      }),
      booked: words.done('Booked.'),
      human: words.done('A human takes over.'),
    },
  });
}

async function filled(more: object = {}) {
  const chat = converse(booking(more));
  await chat.say('hi');
  await chat.say('4');
  await chat.say('friday');
  return { chat, said: await chat.say('Ann') };
}

describe('a form', () => {
  it('asks for one slot after the other, shows the summary and continues when the user confirms it', async () => {
    const chat = converse(booking());
    expect(await chat.say('hi')).toEqual(['How many?']);
    expect(await chat.say('four')).toEqual(['Which day?\n1. friday\n2. saturday']);
    expect(await chat.say('2')).toEqual(['Your name?']);
    const [summary] = await chat.say('Ann');
    expect(summary).toContain('People: 4\nDay: saturday\nName: Ann\n');
    expect(await chat.say('yes')).toEqual(['Booked.']);
    expect(chat.context).toEqual({ people: 4, day: 'saturday', name: 'Ann' });
  });

  it('takes several slots from one message, and the first message too', async () => {
    const chat = converse(booking());
    expect(await chat.say('saturday for 4 people')).toEqual(['Your name?']);
    const other = converse(booking());
    await other.say('hi');
    expect(await other.say('4 people on friday')).toEqual(['Your name?']);
  });

  it('takes what an intent found', async () => {
    const chat = converse(booking());
    expect(await chat.say('book for 4')).toEqual(['Which day?\n1. friday\n2. saturday']);
    expect(chat.context as Data).toMatchObject({ people: 4 });
  });

  it('takes a correction while it asks for something else, and asks that again', async () => {
    const chat = converse(booking());
    await chat.say('hi');
    await chat.say('4');
    await chat.say('friday');
    expect(await chat.say('no, five people')).toEqual(['Your name?']);
    expect(chat.context).toEqual({ people: 5, day: 'friday' });
  });

  it('reads nothing for a slot out of words that name another, unless its own extract does', async () => {
    const chat = converse(
      booking(
        {},
        { hour: { question: '?', parse: integer(), extract: within(/at (\d+)/u, integer()) } },
      ),
    );
    await chat.say('hi');
    expect(await chat.say('friday at 7')).toEqual(['How many?']);
    expect(chat.context).toEqual({ day: 'friday', hour: 7 });
  });

  it('takes nothing for a name that says again what is known', async () => {
    const chat = converse(booking());
    await chat.say('4 people on friday');
    expect(await chat.say('4 people, please')).toEqual(['Your name?']);
    expect(chat.context).toEqual({ people: 4, day: 'friday' });
  });

  it('takes a correction of the summary, and shows it again', async () => {
    const { chat } = await filled();
    const [summary] = await chat.say('no, six people');
    expect(summary).toContain('People: 6\n');
    expect(await chat.say('yes')).toEqual(['Booked.']);
  });

  it('asks what to change after a plain no', async () => {
    const { chat } = await filled();
    const [question] = await chat.say('no');
    expect(question).toMatch(/\n1\. People\n2\. Day\n3\. Name$/);
    expect(await chat.say('day')).toEqual(['Which day?\n1. friday\n2. saturday']);
    const [summary] = await chat.say('saturday');
    expect(summary).toContain('Day: saturday\n');
  });

  it('goes back, slot by slot', async () => {
    const { chat } = await filled();
    expect(await chat.say('back')).toEqual(['Your name?']);
    expect(await chat.say('back')).toEqual(['Which day?\n1. friday\n2. saturday']);
    expect(await chat.say('back')).toEqual(['How many?']);
    const [summary] = await chat.say('7');
    expect(summary).toContain('People: 7\nDay: friday\nName: Ann\n');
  });

  it('says the issue, and leaves after too many of them', async () => {
    const chat = converse(booking({ attempts: 2 }));
    await chat.say('hi');
    expect(await chat.say('eleven')).toHaveLength(1);
    expect(await chat.say('many')).toEqual(['A human takes over.']);
  });

  it('starts with empty slots, unless it is to keep what is known', async () => {
    const greet = async (dialogue: ReturnType<typeof booking>): Promise<string[]> => {
      const { store, runner } = createWorld(dialogue);
      await store.update('ann', (context) => void context.set('people', 3));
      return (await runner.handle('ann', 'hi')).replies.map(formatReply);
    };
    expect(await greet(booking())).toEqual(['How many?']);
    expect(await greet(booking({ keep: true }))).toEqual(['Which day?\n1. friday\n2. saturday']);
  });

  it('leaves out what does not apply', async () => {
    const chat = converse(
      booking(
        {},
        {
          smoking: {
            question: 'Smoking?',
            parse: () => ({ value: true }),
            when: ({ context }: { context: Data }) => (context.people ?? 0) > 5,
          },
        },
      ),
    );
    await chat.say('2 people on friday');
    const [summary] = await chat.say('Ann');
    expect(summary).not.toContain('smoking');
    expect(await chat.say('no, 6 people')).toEqual(['Smoking?']);
  });

  it('goes without a summary, or with one of your own', async () => {
    const { said } = await filled({ confirm: false });
    expect(said).toEqual(['Booked.']);
    const own = await filled({ confirm: ({ context }: { context: Data }) => `${context.name}?` });
    expect(own.said).toEqual(['Ann?\n1. Yes\n2. No']);
  });

  it('keeps to the order it is given', async () => {
    const chat = converse(booking({ order: ['name', 'people', 'day'] }));
    expect(await chat.say('hi')).toEqual(['Your name?']);
  });

  it('has a slot filled by a sub-dialogue, which gets its input and gives its output', async () => {
    const delivery = words.createDialogue({
      id: 'delivery',
      context: {},
      initial: 'form',
      states: {
        form: words.form({
          slots: {
            name: { question: 'Name?', parse: text() },
            address: {
              dialogue: 'address',
              input: ({ context }) => ({ of: context.name ?? '' }),
              format: ({ street }) => street,
            },
          },
          target: 'done',
        }),
        done: words.done('Thanks.'),
      },
    });
    const chat = converse(delivery);
    await chat.say('hi');
    expect(await chat.say('Ann')).toEqual(['Which street, Ann?']);
    const [summary] = await chat.say('Main Street');
    expect(summary).toContain('address: Main Street');
    await chat.say('yes');
    expect(chat.context).toEqual({ name: 'Ann', address: { street: 'Main Street' } });
  });

  it('reminds of an open question', async () => {
    const chat = converse(booking({ timeout: { after: { minutes: 10 }, say: 'Hello?' } }));
    await chat.say('hi');
    expect(await chat.advance({ minutes: 10 })).toEqual(['Hello?']);
  });

  it('leaves after a silence', async () => {
    const chat = converse(booking({ timeout: { after: { minutes: 10 }, target: 'human' } }));
    await chat.say('hi');
    expect(await chat.advance({ minutes: 10 })).toEqual(['A human takes over.']);
  });

  it.each([
    ['without slots', { slots: {} }],
    ['with an order that names no slot', { order: ['people', 'day', 'nmae'] }],
    ['with an order that leaves a slot out', { order: ['people', 'day'] }],
    ['with an order that names a slot twice', { order: ['people', 'day', 'name', 'name'] }],
    [
      'with a slot that is asked in two ways',
      { slots: { name: { question: '?', parse: text(), options: ['a'] } } },
    ],
    ['with a slot without a question', { slots: { name: { parse: text() } } }],
    ['with a slot that is not filled', { slots: { name: { question: '?' } } }],
    [
      'with a slot named like a state of the form',
      { slots: { next: { question: '?', parse: text() } } },
    ],
  ])('is refused %s', (_, more) => {
    expect(() => booking(more)).toThrow(expect.objectContaining({ code: 'bad_form' }));
  });
});
