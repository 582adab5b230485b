import {
  type FoundValues,
  type RecognizeAbout,
  type Recognizer,
  choice,
  commandIntents,
  createRunner,
  integer,
  setupDialogue,
  text,
} from 'colloquy';
import { converse, createManualClock } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { texts } from '../runner/world.ts';

interface Booking {
  name?: string;
  people?: number;
  room?: 'garden' | 'hall';
  dishes?: readonly string[];
}

/** A model that notes what it is asked about, and finds what a table has for the message. */
function createModel(table: Readonly<Record<string, unknown>>) {
  const asked: { readonly said: string; readonly about: RecognizeAbout }[] = [];
  const understand: Recognizer = async (message, about) => {
    const said = 'text' in message ? message.text : message.type;
    asked.push({ said, about });
    const values = table[said];
    return values === undefined ? [] : [{ values: values as FoundValues['values'] }];
  };
  return { understand, asked, said: () => asked.map(({ said }) => said) };
}

const { createDialogue, done, form } = setupDialogue({ types: {} as { context: Booking } });

const SLOTS = {
  people: { question: 'How many people?', parse: integer({ min: 1, max: 8 }), label: 'People' },
  room: { question: 'Which room?', options: ['garden', 'hall'] },
  name: { question: 'What name?', parse: text() },
} as const;

function booking(understand: Recognizer | undefined, more: object = {}) {
  return createDialogue({
    id: 'booking',
    context: {},
    initial: 'form',
    states: {
      form: form({ slots: SLOTS, understand, target: 'end', ...more }),
      end: done('Booked.'),
    },
  });
}

const ALL = 'a table in the hall for four, under Ann';

describe('a form that a model understands', () => {
  it('takes several values of one message, each by the parser of its slot', async () => {
    const model = createModel({ [ALL]: { people: 'four', room: 'hall', name: 'Ann' } });
    const chat = converse(booking(model.understand));
    await chat.say('hi');
    expect((await chat.say(ALL))[0]).toContain('People: 4');
    expect(chat.context).toEqual({ people: 4, room: 'hall', name: 'Ann' });
  });

  it.each([
    ['no text or number', { people: { $gt: 1 }, name: ['Ann'], room: null }],
    ['a value that its parser refuses', { people: '900', room: 'attic', name: ' ' }],
    ['a slot that there is not', { admin: 'true', __proto__: 'x', constructor: 'x' }],
  ])('drops %s, and asks again', async (_what, values) => {
    const model = createModel({ [ALL]: values });
    const chat = converse(booking(model.understand));
    await chat.say('hi');
    expect((await chat.say(ALL))[0]).toContain('number');
    expect(chat.context).toEqual({});
  });

  it('takes what holds of an answer that is partly wrong', async () => {
    const model = createModel({ [ALL]: { people: '900', room: 'hall', name: 'Ann' } });
    const chat = converse(booking(model.understand));
    await chat.say('hi');
    await chat.say(ALL);
    expect(chat.context).toEqual({ room: 'hall', name: 'Ann' });
  });

  it('takes a correction at the summary', async () => {
    const model = createModel({
      [ALL]: { people: 4, room: 'hall', name: 'Ann' },
      'rather the other room, and one more person': { people: '5', room: 'garden' },
    });
    const chat = converse(booking(model.understand));
    await chat.say('hi');
    await chat.say(ALL);
    const [summary] = await chat.say('rather the other room, and one more person');
    expect(summary).toContain('People: 5');
    expect(chat.context).toEqual({ people: 5, room: 'garden', name: 'Ann' });
  });

  it('sees the slots with what they are, what they take and what they have', async () => {
    const model = createModel({ 'five, I think': { people: 5 } });
    const chat = converse(booking(model.understand));
    await chat.say('hi');
    await chat.say('five, I think');
    await chat.say('the one outside');
    expect(model.asked[1]?.about.slots).toEqual([
      {
        key: 'people',
        label: 'People',
        question: 'How many people?',
        options: [],
        value: '5',
        isList: false,
      },
      {
        key: 'room',
        label: 'room',
        question: 'Which room?',
        options: [{ value: 'garden' }, { value: 'hall' }],
        value: undefined,
        isList: false,
      },
      {
        key: 'name',
        label: 'name',
        question: 'What name?',
        options: [],
        value: undefined,
        isList: false,
      },
    ]);
    expect(model.asked[1]?.about.question?.text).toContain('Which room?');
  });

  it('is not told of a slot that does not apply', async () => {
    const model = createModel({});
    const slots = { ...SLOTS, room: { ...SLOTS.room, when: () => false } };
    const chat = converse(booking(model.understand, { slots }));
    await chat.say('hi');
    await chat.say('many of us');
    expect(model.asked[0]?.about.slots.map(({ key }) => key)).toEqual(['people', 'name']);
  });

  it('adds to a list', async () => {
    const model = createModel({ 'soup and the fish': { dishes: ['soup', 'fish', 'stones'] } });
    const slots = {
      dishes: { question: 'What dishes?', list: true, parse: choice(['soup', 'fish', 'cake']) },
    } as const;
    const chat = converse(booking(model.understand, { slots }));
    await chat.say('hi');
    await chat.say('soup and the fish');
    expect(chat.context).toEqual({ dishes: ['soup', 'fish'] });
  });
});

describe('a model of a form is not asked', () => {
  it.each(['4', 'four', '四'])('where the question takes all of an answer: %s', async (said) => {
    const model = createModel({});
    const chat = converse(booking(model.understand));
    await chat.say('hi');
    await chat.say(said);
    expect(chat.context).toEqual({ people: 4 });
    expect(model.said()).toEqual([]);
  });

  it('for a button', async () => {
    const model = createModel({});
    const chat = converse(booking(model.understand));
    await chat.say('hi');
    await chat.say('4');
    await chat.choose('hall');
    expect(chat.context).toEqual({ people: 4, room: 'hall' });
    expect(model.said()).toEqual([]);
  });

  it('for a yes or no at the summary', async () => {
    const model = createModel({ [ALL]: { people: 4, room: 'hall', name: 'Ann' } });
    const chat = converse(booking(model.understand));
    await chat.say('hi');
    await chat.say(ALL);
    expect(await chat.say('好的')).toEqual(['Booked.']);
    expect(model.said()).toEqual([ALL]);
  });

  it.each(['cancel', '取消', 'back'])('for a command: %s', async (said) => {
    const model = createModel({});
    const words = setupDialogue({ types: {} as { context: Booking }, intents: commandIntents });
    const chat = converse(
      words.createDialogue({
        id: 'commanded',
        context: {},
        initial: 'form',
        on: words.commands({ cancel: '.left', back: '.left' }),
        states: {
          form: words.form({ slots: SLOTS, understand: model.understand, target: 'left' }),
          left: words.done('Another time.'),
        },
      }),
    );
    await chat.say('hi');
    expect(await chat.say(said)).toEqual(['Another time.']);
    expect(model.said()).toEqual([]);
  });

  it('while a sub-dialogue fills a slot: what is said there is no answer to the form', async () => {
    const model = createModel({});
    const inner = setupDialogue({ types: {} as { context: { room?: string }; output: string } });
    const room = inner.createDialogue({
      id: 'room',
      context: {},
      initial: 'which',
      states: {
        which: inner.ask({
          question: 'Which room?',
          parse: text(),
          assign: 'room',
          target: 'known',
        }),
        known: inner.done(),
      },
      output: ({ context }) => context.room ?? '',
    });
    const outer = setupDialogue({
      types: {} as { context: { room?: string; name?: string } },
      actors: { room },
    });
    const chat = converse(
      outer.createDialogue({
        id: 'outer',
        context: {},
        initial: 'form',
        states: {
          form: outer.form({
            slots: { room: { dialogue: 'room' }, name: { question: 'Name?', parse: text() } },
            understand: model.understand,
            target: 'left',
          }),
          left: outer.done('Booked.'),
        },
      }),
    );
    await chat.say('hi');
    await chat.say('the one with the view');
    expect(model.said()).toEqual([]);
    await chat.say('Ann');
    expect(model.said()).toEqual(['Ann']);
  });

  it('outside of the form', async () => {
    const model = createModel({});
    const {
      ask,
      createDialogue: create,
      done: end,
      form: fill,
    } = setupDialogue({
      types: {} as { context: Booking & { city?: string } },
    });
    const chat = converse(
      create({
        id: 'city',
        context: {},
        initial: 'city',
        states: {
          city: ask({ question: 'Where?', parse: text(), assign: 'city', target: 'form' }),
          form: fill({ slots: SLOTS, understand: model.understand, target: 'end' }),
          end: end('Booked.'),
        },
      }),
    );
    await chat.say('hi');
    await chat.say('Bergen');
    expect(model.said()).toEqual([]);
  });

  it('twice, if it is the one of the dialogue as well', async () => {
    const model = createModel({ [ALL]: { people: 4, room: 'hall', name: 'Ann' } });
    const words = setupDialogue({
      types: {} as { context: Booking },
      intents: { menu: {} },
      recognize: model.understand,
    });
    const chat = converse(
      words.createDialogue({
        id: 'both',
        context: {},
        initial: 'form',
        on: { 'intent.menu': { actions: words.reply('The menu.') } },
        states: {
          form: words.form({ slots: SLOTS, understand: model.understand, target: 'end' }),
          end: words.done('Booked.'),
        },
      }),
    );
    await chat.say('hi');
    await chat.say(ALL);
    expect(model.said()).toEqual([ALL]);
    expect(chat.context).toEqual({ people: 4, room: 'hall', name: 'Ann' });
  });
});

describe('a model of a form that does not answer', () => {
  it.each([
    ['that throws', async () => Promise.reject(new Error('no network')), 'recognizer_failed'],
    ['that answers with nonsense', async () => ['soup'] as never, 'recognizer_failed'],
    ['that is too late', () => new Promise<never>(() => {}), 'recognizer_timeout'],
  ] as const)('%s leaves the message to the parsers', async (_what, understand, code) => {
    const clock = createManualClock();
    const runner = createRunner(booking(understand as Recognizer), { clock, recognizeMs: 1000 });
    const codes: unknown[] = [];
    runner.on('error', ({ error }) => codes.push((error as { code?: unknown }).code));
    await runner.handle('ann', 'hi');
    const answered = runner.handle('ann', 'quite a few of us');
    await clock.advance(1000);
    expect(texts((await answered).replies)[0]).toContain('number');
    expect(codes).toEqual([code]);
    await runner.stop();
  });
});

describe('`recognize` of a runner', () => {
  it('stands in for the model of a form', async () => {
    const model = createModel({});
    const chat = converse(booking(model.understand), {
      recognize: () => [{ values: { people: 2, name: 'Bo' } }],
    });
    await chat.say('hi');
    await chat.say('two of us, for Bo');
    expect(chat.context).toEqual({ people: 2, name: 'Bo' });
    expect(model.said()).toEqual([]);
  });
});

it('a form in a sub-dialogue has its model, and its own slots', async () => {
  const model = createModel({ [ALL]: { people: 4, room: 'hall', name: 'Ann' } });
  const parent = setupDialogue({
    types: {} as { context: { got?: unknown } },
    actors: { booking: booking(model.understand) },
  });
  const dialogue = parent.createDialogue({
    id: 'parent',
    context: {},
    initial: 'asking',
    states: {
      asking: { invoke: { src: 'booking', onDone: 'end' } },
      end: parent.done('Thank you.'),
    },
  });
  const runner = createRunner(dialogue);
  await runner.handle('ann', 'hi');
  expect(texts((await runner.handle('ann', ALL)).replies)[0]).toContain('People: 4');
  expect(model.asked[0]?.about.slots.map(({ key }) => key)).toEqual(['people', 'room', 'name']);
  await runner.stop();
});

it('`understand` that is no function is refused', () => {
  expect(() => booking('gpt' as never)).toThrow(expect.objectContaining({ code: 'bad_form' }));
});
