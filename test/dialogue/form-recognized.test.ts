import {
  type Candidate,
  commandIntents,
  createRunner,
  integer,
  pattern,
  setupDialogue,
  text,
} from 'colloquy';
import { converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

interface Report {
  problem?: string;
  since?: number;
  room?: 'kitchen' | 'bath';
}

/** What a model makes of each message. */
const MODEL: Readonly<Record<string, readonly Candidate[]>> = {
  'a lot of smoke for 4 days': [
    { intent: 'report', values: { problem: 'smoke', since: 4 } },
    { intent: 'other', score: 0.2, values: { since: 9 } },
  ],
  冒烟四天了: [{ intent: 'report', values: { problem: '冒烟', since: '四' } }],
  'for 4 days': [{ intent: 'report', values: { since: '4' } }],
  'the boiler leaks': [{ intent: 'report', values: { since: 4 } }],
  'make it five days': [{ intent: 'report', values: { since: 5 } }],
  'some days': [{ intent: 'report', values: { since: 'some', colour: 'red' } }],
  'cancel the 4 days': [{ intent: 'cancel', values: { since: 4 } }],
  'the second': [{ intent: 'report', values: { room: 'kitchen' } }],
  kitchen: [{ intent: 'report', values: { room: 'bath', since: 4 } }],
  yes: [{ intent: 'report', values: { since: 4, problem: 'smoke' } }],
};

const words = setupDialogue({
  types: {} as { context: Report },
  intents: { ...commandIntents, report: {}, other: {} },
  recognize: (message) => ('text' in message ? (MODEL[message.text] ?? []) : []),
});

const SLOTS = {
  problem: { question: 'What is it?', parse: text() },
  since: { question: 'For how many days?', parse: integer() },
} as const;

function reporting(on: object = {}, slots: object = SLOTS, more: object = {}) {
  return converse(
    words.createDialogue({
      id: 'reporting',
      context: {},
      initial: 'form',
      on: words.commands({ cancel: '.cancelled' }),
      states: {
        form: words.form({ slots, on, target: 'end', ...more }),
        end: words.done('Thanks.'),
        taken: words.done('Taken.'),
        cancelled: words.done('Cancelled.'),
      },
    }),
  );
}

describe('the values of an intent that no state takes', () => {
  it.each([
    ['a lot of smoke for 4 days', { problem: 'smoke', since: 4 }],
    ['冒烟四天了', { problem: '冒烟', since: 4 }],
  ])(
    'fill the slots, and the open question does not get the sentence: %s',
    async (said, context) => {
      const chat = reporting();
      await chat.say('hi');
      expect((await chat.say(said))[0]).toContain('Is that right?');
      expect(chat.context).toEqual(context);
    },
  );

  it('fill another slot while a free text is asked for, which is asked for again', async () => {
    const chat = reporting();
    await chat.say('hi');
    expect(await chat.say('for 4 days')).toEqual(['What is it?']);
    expect(chat.context).toEqual({ since: 4 });
    // The model says again what is known.
    expect((await chat.say('the boiler leaks'))[0]).toContain(
      'problem: the boiler leaks\nsince: 4',
    );
  });

  it('correct a slot, also at the summary', async () => {
    const chat = reporting();
    for (const said of ['hi', 'a lot of smoke for 4 days']) await chat.say(said);
    expect((await chat.say('make it five days'))[0]).toContain('since: 5');
    const fixed = reporting({}, SLOTS, { correct: false });
    for (const said of ['hi', 'a lot of smoke for 4 days']) await fixed.say(said);
    await fixed.say('make it five days');
    expect(fixed.context).toEqual({ problem: 'smoke', since: 4 });
  });

  it('are none if they say what is known, so that a yes stays a yes', async () => {
    const chat = reporting();
    for (const said of ['hi', 'a lot of smoke for 4 days']) await chat.say(said);
    expect(await chat.say('yes')).toEqual(['Thanks.']);
  });

  it('are none if the parser of the slot does not take them, or no slot has the name', async () => {
    const chat = reporting();
    await chat.say('hi');
    await chat.say('some days');
    expect(chat.context).toEqual({ problem: 'some days' });
  });

  it('are none if they are numbers, and no list was shown', async () => {
    const size = { question: 'Which size?', options: ['small', 'medium', 'large'] };
    const own = setupDialogue({
      types: {} as { context: { size?: string } },
      intents: { order: pattern(/^order (?<size>\S+)/iu) },
    });
    const dialogue = own.createDialogue({
      id: 'ordering',
      context: {},
      initial: 'idle',
      states: {
        idle: { on: { 'intent.order': 'form' } },
        form: own.form({ slots: { size }, target: 'end' }),
        end: own.done('Thanks.'),
      },
    });
    const chat = converse(dialogue);
    expect((await chat.say('order 2'))[0]).toContain('Which size?');
    expect(chat.context).toEqual({});
    const named = converse(dialogue);
    expect((await named.say('order medium'))[0]).toContain('size: medium');
  });

  it('are left to a state that takes the intent, and to a command', async () => {
    const chat = reporting({ 'intent.report': 'taken' });
    await chat.say('hi');
    expect(await chat.say('a lot of smoke for 4 days')).toEqual(['Taken.']);
    const other = reporting();
    await other.say('hi');
    expect(await other.say('cancel the 4 days')).toEqual(['Cancelled.']);
    expect(other.context).toEqual({});
  });

  it('give way to an option, and to an answer that the question understands whole', async () => {
    const room = { question: 'Which room?', options: ['kitchen', 'bath'] };
    const chat = reporting({}, { room, ...SLOTS });
    await chat.say('hi');
    expect(await chat.say('kitchen')).toEqual(['What is it?']);
    expect(chat.context).toEqual({ room: 'kitchen' });
    const other = reporting({}, { room, ...SLOTS });
    await other.say('hi');
    await other.say('the second');
    expect(other.context).toEqual({ room: 'bath' });
  });
});

describe('an intent that the program passes itself', () => {
  const opening = words.createDialogue({
    id: 'opening',
    context: {},
    initial: 'idle',
    states: {
      idle: { on: { 'intent.report': 'form' } },
      form: words.form({ slots: SLOTS, target: 'end' }),
      end: words.done('Thanks.'),
    },
  });

  it.each([
    ['without values', { type: 'intent.report' }, {}],
    ['with values', { type: 'intent.report', values: { since: 4 } }, { since: 4 }],
    ['with words', { type: 'intent.report', text: 'four days', values: {} }, {}],
  ] as const)('leads to a form: %s', async (_name, intent, context) => {
    const chat = converse(opening);
    await chat.send(intent as never);
    expect(chat.replies).toEqual(['What is it?']);
    expect(chat.context).toEqual(context);
  });

  it.each([
    ['a text that is none', { text: 4 }],
    ['values that are no object', { values: 'soup' }],
    ['values in a list', { values: ['soup'] }],
    ['a score that is no number', { score: 'high' }],
    ['a score of NaN', { score: Number.NaN }],
    ['a message that is none', { message: 'hi' }],
  ])('is refused with %s', async (_name, fields) => {
    const runner = createRunner(opening);
    await expect(
      runner.handle('ann', { type: 'intent.report', ...fields } as never),
    ).rejects.toMatchObject({ code: 'bad_message' });
  });
});
