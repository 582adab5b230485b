import {
  type AskState,
  type OptionsFor,
  UsageError,
  choice,
  integer,
  schema,
  setupDialogue,
  text,
  within,
} from 'colloquy';
import { converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

interface Data {
  seats?: number;
  people?: number;
  dish?: 'soup' | 'rice';
  size?: string;
  note?: string;
}

const words = setupDialogue({ types: {} as { context: Data } });

function asking(state: AskState<string>, context: Data = { seats: 4 }) {
  const dialogue = words.createDialogue({
    id: 'asking',
    context,
    initial: 'people',
    states: { people: state, end: words.done(({ context: { people } }) => `${people}.`) },
  });
  return converse(dialogue);
}

describe('a question whose parser depends on the context', () => {
  it('is read by what `parseFor` gives', async () => {
    const chat = asking(
      words.ask({
        question: 'How many?',
        parseFor: ({ context }) => integer({ min: 1, max: context.seats ?? 2 }),
        assign: 'people',
        target: 'end',
      }),
    );
    await chat.say('hi');
    expect(await chat.say('five')).toEqual(['It should be between 1 and 4.']);
    expect(await chat.say('four')).toEqual(['4.']);
  });

  it('may give a schema', async () => {
    const chat = asking(
      words.ask({
        question: 'How many?',
        parseFor: ({ context }) => z.coerce.number().max(context.seats ?? 2, 'Too many.'),
        assign: 'people',
        target: 'end',
      }),
    );
    await chat.say('hi');
    expect(await chat.say('5')).toEqual(['Too many.']);
    expect(await chat.say('3')).toEqual(['3.']);
  });

  it('shows the context to a parser of one’s own, as it is at that moment', async () => {
    const chat = asking(
      words.ask({
        question: 'How many?',
        parse: (message, { context, locale }) => {
          const parsed = integer()(message, { locale, timeZone: 'UTC', now: 0 });
          if ('issue' in parsed) return parsed;
          const seats = context.seats ?? 2;
          return parsed.value > seats ? { issue: `Only ${seats}.` } : parsed;
        },
        assign: 'people',
        on: { 'event.scan': { actions: words.assign({ seats: 9 }) } },
        target: 'end',
      }),
    );
    await chat.say('hi');
    expect(await chat.say('8')).toEqual(['Only 4.']);
    await chat.send({ type: 'event.scan' });
    expect(await chat.say('8')).toEqual(['8.']);
  });

  it.each([
    ['neither', {}],
    ['both', { parse: text(), parseFor: () => text() }],
  ])('needs one of the two, not %s', (_, given) => {
    expect(() => words.ask({ question: '?', ...given } as never)).toThrow(
      expect.objectContaining({ name: 'UsageError', code: 'bad_ask' }),
    );
    expect(() =>
      words.form({ slots: { note: { question: '?', ...given } }, target: 'x' } as never),
    ).toThrow(UsageError);
  });

  it('says what to do where a function of the context stands where a parser should', async () => {
    const wrong = (() => integer()) as never;
    const chat = converse(
      words.createDialogue({
        id: 'wrong',
        context: {},
        initial: 'people',
        states: { people: words.ask({ question: '?', parse: wrong }) },
      }),
      { onError: () => 'Sorry.' },
    );
    await chat.say('hi');
    await chat.say('4');
    expect(chat.errors).toEqual([
      expect.objectContaining({
        code: 'bad_parser',
        message: expect.stringContaining('`parseFor: ({ context }) => …`') as unknown,
      }),
    ]);
  });

  it('fails the turn, and changes nothing, where what it gives is no parser', async () => {
    const chat = asking(
      words.ask({ question: '?', parseFor: (() => 'integer') as never, target: 'end' }),
    );
    await chat.say('hi');
    expect(await chat.send('4')).toMatchObject({
      outcome: 'failed',
      error: { code: 'step_failed', cause: { code: 'bad_parser' } },
    });
    expect(chat.context).toEqual({ seats: 4 });
  });
});

const SIZES: Readonly<Record<'soup' | 'rice', readonly string[]>> = {
  soup: ['cup', 'bowl'],
  rice: ['plate', 'bowl', 'pot'],
};
const sizes = ({ context: { dish = 'soup' } }: { readonly context: Data }) => SIZES[dish];
const offered: OptionsFor<Data, string> = sizes;

function ordering(more: object = {}) {
  const dialogue = words.createDialogue({
    id: 'ordering',
    context: { seats: 4 },
    initial: 'form',
    states: {
      form: words.form({
        slots: {
          dish: {
            question: 'Which dish?',
            options: ['soup', 'rice'],
            extract: within(/(soup|rice)/u, choice(['soup', 'rice'])),
          },
          size: {
            question: ({ context }) => `Which size of ${context.dish}?`,
            options: offered,
            extract: (message, { context }) =>
              within(/in an? (\w+)/u, choice(sizes({ context })))(message, {
                locale: 'en',
                timeZone: 'UTC',
                now: 0,
              }),
          },
          people: {
            question: 'For how many?',
            parseFor: ({ context }) => integer({ min: 1, max: context.seats ?? 1 }),
          },
          note: {
            question: 'Anything else?',
            parse: (message, { context }) =>
              'text' in message && message.text.length <= (context.people ?? 0) * 10
                ? { value: message.text }
                : { issue: `At most ${(context.people ?? 0) * 10} letters.` },
          },
        },
        target: 'end',
        ...more,
      }),
      end: words.done(({ context: { dish, size, people } }) => `${people} × ${dish}, ${size}.`),
    },
  });
  return converse(dialogue);
}

describe('a form whose slots depend on the context', () => {
  it('offers and reads the options of the moment', async () => {
    const chat = ordering();
    await chat.say('hi');
    expect(await chat.say('rice')).toEqual(['Which size of rice?\n1. plate\n2. bowl\n3. pot']);
    expect((await chat.say('cup'))[0]).toContain('Please choose one of these: plate, bowl or pot.');
    expect(await chat.say('3')).toEqual(['For how many?']);
    expect(await chat.say('5')).toEqual(['It should be between 1 and 4.']);
    expect(await chat.say('1')).toEqual(['Anything else?']);
    expect(await chat.say('no onions, please')).toEqual(['At most 10 letters.']);
    const [summary] = await chat.say('no onions');
    expect(summary).toContain('dish: rice\nsize: pot\npeople: 1\nnote: no onions');
    expect(await chat.say('yes')).toEqual(['1 × rice, pot.']);
  });

  it('asks again for a choice that is none any more, and keeps one that still is', async () => {
    const chat = ordering();
    for (const said of ['hi', 'rice', 'pot', '2', 'nothing']) await chat.say(said);
    expect(await chat.say('soup, please')).toEqual(['Which size of soup?\n1. cup\n2. bowl']);
    const [summary] = await chat.say('bowl');
    expect(summary).toContain('dish: soup\nsize: bowl');
    expect((await chat.say('rice'))[0]).toContain('dish: rice\nsize: bowl');
  });

  it('shows the context to what finds a value in any message', async () => {
    const chat = ordering();
    await chat.say('hi');
    await chat.say('rice');
    expect(await chat.say('in a pot')).toEqual(['For how many?']);
    expect(await chat.say('in a cup')).toEqual(['Please answer with a whole number.']);
    expect(chat.context).toMatchObject({ size: 'pot' });
  });

  it('takes what an intent found only where it is an option then', async () => {
    const own = setupDialogue({ types: {} as { context: Data }, intents: { order: {} } });
    const dialogue = own.createDialogue({
      id: 'own',
      context: {},
      initial: 'open',
      states: {
        open: { on: { 'intent.order': 'form' } },
        form: own.form({
          slots: { size: { question: 'Which size?', options: sizes } },
          confirm: false,
          target: 'end',
        }),
        end: own.done('Ordered.'),
      },
    });
    const order = (size: string) => ({
      type: 'intent.order' as const,
      text: '',
      score: 1,
      values: { size },
      message: { type: 'message.text', text: size },
    });
    expect(await converse(dialogue).say(order('cup'))).toEqual(['Ordered.']);
    expect((await converse(dialogue).say(order('pot')))[0]).toContain('Which size?');
  });
});

describe('a schema that is a function', () => {
  it('is a schema, and no function of the context', async () => {
    const arkish = Object.assign(() => 'called', {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: (value: unknown) => ({ value: Number(value) }),
      },
    });
    const chat = asking(
      words.ask({ question: '?', parse: arkish, assign: 'people', target: 'end' }),
    );
    await chat.say('hi');
    expect(await chat.say('7')).toEqual(['7.']);
    const other = asking(
      words.ask({ question: '?', parseFor: () => schema(arkish), assign: 'people', target: 'end' }),
    );
    await other.say('hi');
    expect(await other.say('7')).toEqual(['7.']);
  });
});
