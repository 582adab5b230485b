import { keywords, type WordsOptions, integer, setupDialogue, text } from 'colloquy';
import { converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { assign, createMachine, setup } from 'xstate';
import { dateTime } from '../../src/dialogue/parsers/date.ts';

/** Wednesday, 18 November 2026, ten in the morning in Shanghai. */
const NOW = Date.UTC(2026, 10, 18, 2);

interface Booking {
  locale?: string;
  timeZone?: string;
  people?: number;
  at?: Date;
}

/** A dialogue that asks for a number and a time. */
function asker(words: WordsOptions<Booking> = {}, context: Booking = {}) {
  const own = setupDialogue({
    types: {} as { context: Booking; output: { people?: number; at?: Date } },
    words,
  });
  return own.createDialogue({
    id: 'asker',
    context,
    initial: 'people',
    states: {
      people: own.ask({
        question: 'How many?',
        parse: integer({ min: 1, max: 9 }),
        assign: 'people',
        target: 'at',
      }),
      at: own.ask({ question: 'When?', parse: dateTime(), assign: 'at', target: 'end' }),
      end: own.done(),
    },
    output: ({ context: { people, at } }) => ({
      ...(people !== undefined && { people }),
      ...(at !== undefined && { at }),
    }),
  });
}

/** A dialogue that does nothing but invoke another. */
function around(
  inner: ReturnType<typeof asker>,
  words: WordsOptions<Booking> | undefined,
  context: Booking,
) {
  const outer = setupDialogue({
    types: {} as { context: Booking; output: { people?: number; at?: Date } },
    actors: { inner },
    ...(words !== undefined && { words }),
  });
  return outer.createDialogue({
    id: 'outer',
    context,
    initial: 'open',
    states: {
      open: { on: { 'message.*': 'inside' } },
      inside: {
        invoke: {
          src: 'inner',
          onDone: { target: 'end', actions: outer.assign(({ event }) => event.output) },
        },
      },
      end: outer.done(),
    },
    output: ({ context: given }) => given,
  });
}

const SHANGHAI = { locale: 'zh-CN', timeZone: 'Asia/Shanghai' };

describe('a sub-dialogue', () => {
  it.each([
    ['by the parent’s context', undefined, SHANGHAI],
    ['by the parent’s options', SHANGHAI, {}],
    [
      'by functions of the parent’s context',
      { locale: () => 'zh-CN', timeZone: () => 'Asia/Shanghai' },
      {},
    ],
  ])('speaks the language and lives in the zone of its parent: %s', async (_, words, context) => {
    const chat = converse(around(asker(), words, context), { now: NOW });
    await chat.say('hi');
    expect(await chat.say('99')).toEqual(['请填 1 到 9 之间的数。']);
    await chat.say('4');
    await chat.say('tomorrow at 3pm');
    expect(chat.context).toMatchObject({ people: 4, at: new Date(Date.UTC(2026, 10, 19, 7)) });
  });

  it('hears what the dialogue around its parent says', async () => {
    // It has the output of the dialogue that it invokes.
    const middle = around(asker(), undefined, {}) as unknown as ReturnType<typeof asker>;
    const chat = converse(around(middle, undefined, SHANGHAI), { now: NOW });
    await chat.say('hi');
    await chat.say('again');
    expect(await chat.say('many')).toEqual(['请回复一个整数。']);
    await chat.say('4');
    await chat.say('明天下午三点');
    expect(chat.context).toMatchObject({ at: new Date(Date.UTC(2026, 10, 19, 7)) });
  });

  it.each([
    ['its own options', asker({ locale: 'en', timeZone: 'Europe/Berlin' })],
    ['its own context', asker({}, { locale: 'en', timeZone: 'Europe/Berlin' })],
    ['its own functions', asker({ locale: () => 'en', timeZone: () => 'Europe/Berlin' }, SHANGHAI)],
  ])('goes by %s before its parent', async (_, inner) => {
    const chat = converse(around(inner, undefined, SHANGHAI), { now: NOW });
    await chat.say('hi');
    expect(await chat.say('99')).toEqual(['It should be between 1 and 9.']);
    await chat.say('4');
    await chat.say('tomorrow at 3pm');
    expect(chat.context).toMatchObject({ at: new Date(Date.UTC(2026, 10, 19, 14)) });
  });

  it('may say the one and hear the other', async () => {
    const inner = asker({}, { timeZone: 'Europe/Berlin' });
    const chat = converse(around(inner, undefined, SHANGHAI), { now: NOW });
    await chat.say('hi');
    expect(await chat.say('99')).toEqual(['请填 1 到 9 之间的数。']);
    await chat.say('4');
    await chat.say('tomorrow at 3pm');
    expect(chat.context).toMatchObject({ at: new Date(Date.UTC(2026, 10, 19, 14)) });
  });

  it('hears what changes in its parent while it runs, after a crash too', async () => {
    const inner = asker();
    const outer = setupDialogue({ types: {} as { context: Booking }, actors: { inner } });
    const dialogue = outer.createDialogue({
      id: 'outer',
      context: {},
      initial: 'inside',
      on: { 'event.scan': { actions: outer.assign({ locale: 'zh-CN' }) } },
      states: { inside: { invoke: { src: 'inner' } } },
    });
    const chat = converse(dialogue, { now: NOW });
    await chat.say('hi');
    expect(await chat.say('99')).toEqual(['It should be between 1 and 9.']);
    await chat.send({ type: 'event.scan' });
    expect(await chat.say('99')).toEqual(['请填 1 到 9 之间的数。']);
    await chat.crash();
    expect(await chat.say('99')).toEqual(['请填 1 到 9 之间的数。']);
  });

  describe('whose parent changes the language by a command', () => {
    const own = setupDialogue({ types: {} as { context: { sure?: boolean } } });
    const sure = (locale: object) =>
      own.createDialogue({
        id: 'sure',
        context: locale,
        initial: 'sure',
        states: {
          sure: own.confirm({ question: '?', assign: 'sure', yes: 'end', no: 'end' }),
          end: own.done(),
        },
      });
    const speaking = (inner: ReturnType<typeof sure>) => {
      const outer = setupDialogue({
        types: {} as { context: Booking },
        actors: { inner },
        intents: { english: keywords('english'), away: keywords('away'), back: keywords('back') },
      });
      const english = outer.assign({ locale: 'en' });
      return outer.createDialogue({
        id: 'outer',
        context: SHANGHAI,
        initial: 'talk',
        on: outer.commands({
          english: { say: 'English.', actions: english },
          away: '.away',
          back: '.talk.last',
        }),
        states: {
          talk: {
            initial: 'inside',
            states: {
              inside: { invoke: { src: 'inner' } },
              last: { type: 'history' },
            },
          },
          away: {},
        },
      });
    };

    it.each([
      ['in the middle of its question', {}, ['english'], ['English.', '?\n1. Yes\n2. No']],
      ['while it is paused', {}, ['away', 'english', 'back'], ['?\n1. Yes\n2. No']],
      [
        'and that has its own language',
        { locale: 'zh' },
        ['english'],
        ['English.', '?\n1. 是\n2. 否'],
      ],
    ])('asks again in it: %s', async (_, locale, messages, replies) => {
      const chat = converse(speaking(sure(locale)));
      expect(await chat.say('hi')).toEqual(['?\n1. 是\n2. 否']);
      for (const message of messages.slice(0, -1)) await chat.say(message);
      expect(await chat.say(messages.at(-1) as string)).toEqual(replies);
    });
  });

  it('hears a parent that is a plain machine', async () => {
    const plain = setup({ types: {} as { context: Booking }, actors: { inner: asker() } });
    const dialogue = plain.createMachine({
      id: 'plain',
      context: SHANGHAI,
      initial: 'inside',
      states: { inside: { invoke: { src: 'inner' } } },
    });
    const chat = converse(dialogue, { now: NOW });
    await chat.say('hi');
    expect(await chat.say('99')).toEqual(['请填 1 到 9 之间的数。']);
  });

  it('says its first question in the language of its parent', async () => {
    const own = setupDialogue({ types: {} as { context: { sure?: boolean } } });
    const inner = own.createDialogue({
      id: 'inner',
      context: {},
      initial: 'sure',
      states: {
        sure: own.confirm({ question: '?', assign: 'sure', yes: 'end', no: 'end' }),
        end: own.done(),
      },
    });
    const outer = setupDialogue({ types: {} as { context: Booking }, actors: { inner } });
    const dialogue = outer.createDialogue({
      id: 'outer',
      context: SHANGHAI,
      invoke: { src: 'inner' },
    });
    expect(await converse(dialogue).say('hi')).toEqual(['?\n1. 是\n2. 否']);
  });

  it('keeps its language to itself: the next user’s dialogue speaks its own', async () => {
    const chat = converse(around(asker(), undefined, SHANGHAI), { now: NOW });
    await chat.say('hi');
    await chat.say('99');
    const other = converse(asker());
    await other.say('hi');
    expect(await other.say('99')).toEqual(['It should be between 1 and 9.']);
  });
});

describe('a time zone that does not exist', () => {
  const zones = ['Asia/Beijing', 'GMT+8', '+08:00', 'CST', 'UTC+8', 'China', 'BST', 8];

  it.each(zones)('fails the turn that needs it, and is an error event: %s', async (timeZone) => {
    const chat = converse(asker({}, { timeZone } as Booking), {
      now: NOW,
      onError: () => 'Something is wrong here.',
    });
    await chat.say('hi');
    expect(await chat.say('4')).toEqual(['When?']);
    expect(await chat.say('tomorrow at 3pm')).toEqual(['Something is wrong here.']);
    expect(chat.errors).toEqual([
      expect.objectContaining({ name: 'StepError', code: 'bad_time_zone' }),
    ]);
    expect(chat.context).toEqual({ timeZone, people: 4 });
  });

  it('is one of a sub-dialogue where its parent has it', async () => {
    const chat = converse(around(asker(), undefined, { timeZone: 'Asia/Beijing' }), {
      onError: () => 'Something is wrong here.',
    });
    await chat.say('hi');
    await chat.say('4');
    expect(await chat.say('tomorrow at 3pm')).toEqual(['Something is wrong here.']);
  });

  it('does not matter to who reads and says no times, in a form either', async () => {
    const words = setupDialogue({
      types: {} as { context: Booking & { name?: string } },
    });
    const dialogue = words.createDialogue({
      id: 'form',
      context: { timeZone: 'Asia/Beijing' },
      initial: 'form',
      states: {
        form: words.form({
          slots: {
            people: { question: 'How many?', parse: integer(), extract: integer() },
            name: { question: 'Name?', parse: text() },
          },
          target: 'end',
        }),
        end: words.done('Done.'),
      },
    });
    const chat = converse(dialogue);
    await chat.say('hi');
    await chat.say('4');
    await chat.say('Ann');
    expect(await chat.say('yes')).toEqual(['Done.']);
  });

  it('can be translated by the dialogue', async () => {
    const dialogue = asker(
      { timeZone: ({ timeZone }) => (timeZone === 'GMT+8' ? 'Asia/Shanghai' : timeZone) },
      { timeZone: 'GMT+8' },
    );
    const chat = converse(dialogue, { now: NOW });
    await chat.say('hi');
    await chat.say('4');
    await chat.say('tomorrow at 3pm');
    expect(chat.context).toMatchObject({ at: new Date(Date.UTC(2026, 10, 19, 7)) });
  });
});

describe('a fault in a guard', () => {
  it('of our own keeps its code on the way through XState', async () => {
    const words = setupDialogue({ types: {} as { context: { name?: string } } });
    const dialogue = words.createDialogue({
      id: 'slow',
      context: {},
      initial: 'name',
      states: {
        name: words.ask({
          question: 'Name?',
          parse: {
            '~standard': { version: 1, vendor: 'test', validate: async () => ({ value: 'x' }) },
          },
          assign: 'name',
        }),
      },
    });
    const chat = converse(dialogue, { onError: () => 'Sorry.' });
    await chat.say('hi');
    await chat.say('Ann');
    expect(chat.errors).toEqual([expect.objectContaining({ code: 'async_schema' })]);
  });

  it('of another kind is not taken for one of ours that was there before', async () => {
    const machine = createMachine({
      id: 'broken',
      context: { n: 0 },
      on: {
        'message.text': {
          guard: () => {
            throw new Error('a bug');
          },
          actions: assign({ n: 1 }),
        },
      },
    });
    const chat = converse(machine, { onError: () => 'Sorry.' });
    await chat.say('hi');
    expect(chat.errors).toEqual([expect.objectContaining({ code: 'step_failed' })]);
  });
});
