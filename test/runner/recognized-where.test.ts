import type { AnyStateMachine } from 'xstate';
import { describe, expect, it } from 'vitest';
import {
  type Candidate,
  type Message,
  type RecognizeAbout,
  type Recognizer,
  choice,
  createContextStore,
  createRunner,
  integer,
  keywords,
  now,
  setupDialogue,
  text,
} from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { converse } from 'colloquy/testing';
import { texts } from './world.ts';

/** A model that notes what it is asked, and always finds `order`. */
function createModel(...found: Candidate[]) {
  const asked: { readonly said: string; readonly about: RecognizeAbout }[] = [];
  const recognize: Recognizer = async (message: Message, about) => {
    asked.push({ said: message.type === 'message.text' ? message.text : message.type, about });
    return found;
  };
  return { asked, recognize, said: () => asked.map(({ said }) => said) };
}

const intents = { order: {}, 'pay.card': {}, cancel: {} } as const;

describe('a model that recognises intents', () => {
  const words = setupDialogue({
    types: {} as { context: { name?: string } },
    intents,
  });
  const waiter = words.createDialogue({
    id: 'waiter',
    context: {},
    initial: 'name',
    states: {
      name: words.ask({ question: 'Your name?', parse: text(), assign: 'name', target: 'open' }),
      open: {
        entry: words.reply(({ context }) => `Hello, ${context.name}.`),
        on: {
          'intent.order': { actions: words.reply('At once.') },
          'message.*': { actions: words.reply('Pardon?') },
        },
      },
    },
  });

  it('is not called for an answer where no state takes an intent', async () => {
    const model = createModel({ intent: 'order' });
    const chat = converse(waiter, { recognize: model.recognize });
    await chat.say('hi');
    expect(await chat.say('Ann')).toEqual(['Hello, Ann.']);
    expect(model.said()).toEqual([]);
    expect(await chat.say('soup, please')).toEqual(['At once.']);
    expect(model.said()).toEqual(['soup, please']);
  });

  it('does not make the runner wait where it is not called', async () => {
    const runner = createRunner(waiter, {
      recognize: () => new Promise(() => {}),
      recognizeMs: 1_000_000,
    });
    await runner.handle('ann', 'hi');
    expect(texts((await runner.handle('ann', 'Ann')).replies)).toEqual(['Hello, Ann.']);
    await runner.stop();
  });

  it('is called after all if another process has led the dialogue to a state that takes one', async () => {
    const disk = createDisk();
    const model = createModel({ intent: 'order' });
    const open = () => {
      const store = createContextStore({ persister: memory(disk) });
      return { store, runner: createRunner(waiter, { store, recognize: model.recognize }) };
    };
    const [one, two] = [open(), open()];
    await one.runner.handle('ann', 'hi');
    await two.runner.handle('ann', 'Ann');
    const { replies } = await one.runner.handle('ann', 'soup, please');
    expect(texts(replies)).toEqual(['At once.']);
    expect(model.said()).toEqual(['soup, please']);
    for (const { runner, store } of [one, two]) {
      await runner.stop();
      await store.close();
    }
  });
});

describe('where intents are taken', () => {
  const inner = setupDialogue({ types: {} as { context: object }, intents });
  const childOf = (on: object) =>
    inner.createDialogue({
      id: 'child',
      context: {},
      initial: 'asks',
      on,
      states: { asks: inner.ask({ question: 'Which?', parse: text() } as never) },
    } as never) as unknown as AnyStateMachine;
  const words = setupDialogue({
    types: {} as { context: { n?: number } },
    intents,
    actors: {
      deaf: childOf({}),
      hears: childOf({ 'intent.cancel': { actions: inner.reply('No.') } }),
      forbids: childOf({ 'intent.*': {}, 'intent.cancel': { actions: inner.reply('No.') } }),
    },
  });
  const taking = (...types: string[]) => ({
    on: Object.fromEntries(types.map((type) => [type, { actions: words.reply(type) }])),
  });
  const elsewhere = { elsewhere: taking('intent.*') };
  const asks = words.ask({ question: 'Which?', parse: text() } as never) as unknown as object;

  it.each<[where: string, config: object, takes: readonly string[]]>([
    [
      'the state itself',
      { initial: 'a', states: { a: { ...asks, ...taking('intent.order') }, ...elsewhere } },
      ['order'],
    ],
    [
      'a state around it',
      {
        initial: 'a',
        states: {
          a: { initial: 'b', states: { b: asks }, ...taking('intent.pay.card') },
          ...elsewhere,
        },
      },
      ['pay.card'],
    ],
    [
      'the root',
      { initial: 'a', states: { a: asks }, ...taking('intent.order', 'intent.cancel') },
      ['order', 'cancel'],
    ],
    [
      'a state that takes any',
      { initial: 'a', states: { a: asks }, ...taking('intent.*') },
      ['order', 'pay.card', 'cancel'],
    ],
    [
      'a state that takes a kind of them',
      { initial: 'a', states: { a: asks }, ...taking('intent.pay.*') },
      ['pay.card'],
    ],
    [
      'a state that takes the name of the kind only',
      { initial: 'a', states: { a: asks }, ...taking('intent.cancel', 'intent.cancel.*') },
      ['cancel'],
    ],
    [
      'another region',
      {
        type: 'parallel',
        states: { a: { initial: 'b', states: { b: asks } }, c: taking('intent.order') },
      },
      ['order'],
    ],
    [
      'a sub-dialogue',
      { initial: 'a', states: { a: { invoke: { src: 'hears' } }, ...elsewhere } },
      ['cancel'],
    ],
    [
      'a state around a sub-dialogue',
      { initial: 'a', states: { a: { invoke: { src: 'deaf' }, ...taking('intent.order') } } },
      ['order'],
    ],
    [
      'a form, which takes the values of an intent of the dialogue, and no command that it does not name',
      {
        initial: 'a',
        states: {
          a: words.form({
            slots: { n: { question: 'How many?', parse: integer() } },
            target: 'elsewhere',
          } as never),
          ...elsewhere,
        },
      },
      ['order', 'pay.card'],
    ],
    [
      'a form that names a command',
      {
        initial: 'a',
        states: {
          a: words.form({
            slots: { n: { question: 'How many?', parse: integer() } },
            target: 'elsewhere',
            on: { 'intent.cancel': 'a' },
          } as never),
          ...elsewhere,
        },
      },
      ['order', 'pay.card', 'cancel'],
    ],
    [
      'not a state around a sub-dialogue that forbids all others',
      {
        initial: 'a',
        states: { a: { invoke: { src: 'forbids' }, ...taking('intent.order') } },
        ...taking('intent.pay.card'),
      },
      ['cancel'],
    ],
    [
      'a state around one of two sub-dialogues, if the other takes it',
      { invoke: [{ src: 'forbids' }, { src: 'hears' }], ...taking('intent.cancel') },
      ['cancel'],
    ],
    [
      'not a state around two regions of which one forbids it',
      {
        type: 'parallel',
        states: { a: { on: { 'intent.order': {} } }, b: { initial: 'c', states: { c: asks } } },
        ...taking('intent.order', 'intent.cancel'),
      },
      ['cancel'],
    ],
    [
      'not a state that forbids it to those around it',
      {
        initial: 'a',
        states: { a: { ...asks, on: { 'intent.order': undefined } }, ...elsewhere },
        ...taking('intent.order', 'intent.cancel'),
      },
      ['cancel'],
    ],
    [
      'not a state that forbids all',
      {
        initial: 'a',
        states: { a: { ...asks, on: { 'intent.*': undefined } }, ...elsewhere },
        ...taking('intent.order', 'intent.cancel'),
      },
      [],
    ],
    [
      'a state that forbids all others',
      {
        initial: 'a',
        states: {
          a: { ...asks, on: { 'intent.*': {}, ...taking('intent.order').on } },
          ...elsewhere,
        },
        ...taking('intent.pay.card', 'intent.cancel'),
      },
      ['order'],
    ],
    [
      'a state around one that forbids it under a condition',
      {
        initial: 'a',
        states: { a: { ...asks, on: { 'intent.order': { guard: () => true } } }, ...elsewhere },
        ...taking('intent.order'),
      },
      ['order'],
    ],
    [
      'another region than the one that forbids it',
      {
        type: 'parallel',
        states: {
          a: { on: { 'intent.order': undefined } },
          c: taking('intent.order'),
        },
      },
      ['order'],
    ],
    ['nowhere', { initial: 'a', states: { a: asks, ...elsewhere } }, []],
    [
      'nowhere around a sub-dialogue',
      { initial: 'a', states: { a: { invoke: { src: 'deaf' } }, ...elsewhere } },
      [],
    ],
  ])('is %s', async (_where, config, takes) => {
    const dialogue = words.createDialogue({
      id: 'd',
      context: {},
      ...config,
    } as never) as unknown as AnyStateMachine;
    const model = createModel();
    const named: string[] = [];
    const recognizers = Object.fromEntries(
      Object.keys(intents).map((name) => [name, () => void named.push(name)]),
    );
    const chat = converse(dialogue, { recognize: model.recognize, recognizers });
    await chat.say('hi');
    model.asked.length = 0;
    named.length = 0;
    await chat.send('something');
    expect(model.asked.map(({ about }) => about.takes)).toEqual(takes.length === 0 ? [] : [takes]);
    expect(named).toEqual(takes);
  });
});

describe('an intent that a state forbids to those around it', () => {
  const words = setupDialogue({
    types: {} as { context: object },
    intents: { cancel: keywords('cancel'), order: keywords('order') },
  });
  const heard = { 'message.*': { actions: words.reply('heard') } };

  it.each<[how: string, forbidding: object]>([
    ['by undefined', { 'intent.*': undefined }],
    ['by an empty transition', { 'intent.cancel': {} }],
    [
      'beside one that it takes',
      { 'intent.*': {}, 'intent.order': { actions: words.reply('one') } },
    ],
  ])('is no command there, and its words are a message: %s', async (_how, forbidding) => {
    const dialogue = words.createDialogue({
      id: 'relay',
      context: {},
      initial: 'talks',
      on: { 'intent.cancel': { actions: words.reply('cancelled') } },
      states: { talks: { on: { ...forbidding, ...heard } } },
    } as never) as unknown as AnyStateMachine;
    const chat = converse(dialogue);
    expect(await chat.say('cancel')).toEqual(['heard']);
    expect(await chat.say('order')).toEqual(['intent.order' in forbidding ? 'one' : 'heard']);
    const { outcome } = await chat.send({ type: 'intent.cancel' } as never);
    expect(outcome).toBe('unhandled');
  });
});

describe('an intent that a sub-dialogue forbids', () => {
  const inner = setupDialogue({ types: {} as { context: object } });
  const relay = inner.createDialogue({
    id: 'relay',
    context: {},
    on: { 'intent.*': {}, 'message.*': { actions: inner.reply('heard') } },
  } as never) as unknown as AnyStateMachine;
  const words = setupDialogue({
    types: {} as { context: object },
    intents: { cancel: keywords('cancel') },
    actors: { relay },
  });

  it.each<[where: string, config: object]>([
    ['one sub-dialogue', { invoke: { src: 'relay' } }],
    ['a region', { type: 'parallel', states: { a: { invoke: { src: 'relay' } }, b: {} } }],
  ])('is no command around it, and its words are a message: %s', async (_where, config) => {
    const dialogue = words.createDialogue({
      id: 'around',
      context: {},
      on: { 'intent.cancel': { actions: words.reply('cancelled') } },
      ...config,
    } as never) as unknown as AnyStateMachine;
    const chat = converse(dialogue);
    expect(await chat.say('hi')).toEqual(['heard']);
    expect(await chat.say('cancel')).toEqual(['heard']);
  });
});

describe('a recognizer knows', () => {
  const inner = setupDialogue({ types: {} as { context: { size?: string } } });
  const size = inner.createDialogue({
    id: 'size',
    context: {},
    initial: 'which',
    states: {
      which: inner.choose({
        question: 'Which size?',
        options: [{ value: 's', label: 'small' }, 'large'],
        assign: 'size',
        target: 'end',
      }),
      end: inner.done('Good.'),
    },
  });
  const words = setupDialogue({
    types: {} as { context: { name?: string; people?: number; day?: Date } },
    intents: {
      order: keywords('order'),
      'pay.card': keywords('card'),
      cancel: keywords('form'),
    },
    actors: { size },
  });
  const dialogue = words.createDialogue({
    id: 'tells',
    context: {},
    initial: 'hears',
    on: { 'intent.order': '.name', 'intent.cancel': '.form', 'intent.pay.card': '.size' },
    states: {
      hears: { on: { 'message.text': { actions: words.assign({ day: () => new Date(0) }) } } },
      name: words.ask({
        question: ({ context }) => `Your name, ${context.name ?? 'stranger'}, at ${now()}?`,
        parse: text(),
        assign: 'name',
        target: 'people',
      }),
      people: words.ask({
        question: { type: 'image', url: 'https://x.org/table.png' },
        parseFor: ({ context }) => choice([context.name ?? '']),
        target: 'hears',
      }),
      form: words.form({
        slots: { people: { question: 'How many?', parse: integer() } },
        target: 'hears',
      }),
      size: { invoke: { src: 'size', onDone: 'hears' } },
    },
  } as never) as unknown as AnyStateMachine;

  async function toldAfter(...said: string[]) {
    const model = createModel();
    const chat = converse(dialogue, { recognize: model.recognize, openid: 'ann', now: 5000 });
    for (const message of said) await chat.send(message);
    expect(chat.errors).toEqual([]);
    const last = model.asked.at(-1)?.about;
    if (last === undefined) throw new Error('The model was not asked.');
    return last;
  }

  it('the user, all intents, and those that may be taken', async () => {
    const { openid, intents: names, takes } = await toldAfter('hi');
    expect([openid, names, takes]).toEqual([
      'ann',
      // A form names `back` by itself.
      ['order', 'pay.card', 'cancel', 'back'],
      ['order', 'pay.card', 'cancel'],
    ]);
  });

  it.each<
    [what: string, said: Parameters<typeof toldAfter>, question: object | undefined, value: unknown]
  >([
    ['that none is open', ['hi'], undefined, 'hears'],
    [
      'its text, at the time of the message',
      ['hi', 'order', 'Bob or so'],
      { text: 'Your name, stranger, at 5000?', options: [] },
      { name: 'waiting' },
    ],
    [
      'that it is a picture',
      ['hi', 'order', 'Bob', 'x'],
      { text: '[image] https://x.org/table.png', options: [] },
      { people: 'waiting' },
    ],
    [
      'the slot of a form',
      ['hi', 'form', 'x'],
      { text: 'How many?', options: [] },
      { form: { people: 'waiting' } },
    ],
    [
      'the options, in a sub-dialogue',
      ['hi', 'card', 'x'],
      { text: 'Which size?', options: [{ value: 's', label: 'small' }, { value: 'large' }] },
      'size',
    ],
  ])(
    'of the open question %s, and where the dialogue stands',
    async (_what, said, question, value) => {
      const about = await toldAfter(...said);
      expect(about.question).toEqual(question);
      expect(about.dialogue).toMatchObject({ status: 'active', value });
    },
  );

  it('nothing of a question that throws when it is asked again', async () => {
    let asked = 0;
    const asks = words.ask({
      question() {
        asked += 1;
        if (asked > 1) throw new Error('broken');
        return 'Which?';
      },
      parse: text(),
      target: 'end',
    });
    const once = words.createDialogue({
      id: 'once',
      context: {},
      initial: 'asks',
      states: { asks, end: words.done('End.') },
      on: { 'intent.order': '.asks' },
    });
    const model = createModel();
    const chat = converse(once, { recognize: model.recognize });
    for (const said of ['hi', 'x']) await chat.say(said);
    expect(model.asked[0]?.about.question).toEqual({ text: '', options: [] });
    chat.expectReplies('End.');
  });

  it('where a sub-dialogue stands, as `inspect` shows it', async () => {
    const { dialogue: standing } = await toldAfter('hi', 'card', 'x');
    expect(standing.children).toEqual({
      '0.tells.size': {
        src: 'size',
        context: {},
        status: 'active',
        value: { which: 'waiting' },
        children: {},
      },
    });
  });

  it('the context, which it cannot change', async () => {
    const { context } = await toldAfter('hi', 'again');
    expect(context).toEqual({ day: new Date(0) });
    expect(Object.isFrozen(context)).toBe(true);
    const changing: Recognizer = (_message, about) => {
      (about.context['day'] as Date | undefined)?.setTime(7);
      return [];
    };
    const chat = converse(dialogue, { recognize: changing });
    for (const said of ['hi', 'again']) await chat.send(said);
    expect(chat.context).toEqual({ day: new Date(0) });
  });

  it('all of it later, too, when the conversation has moved on', async () => {
    const model = createModel();
    const chat = converse(dialogue, { recognize: model.recognize });
    for (const message of ['hi', 'order', 'Ann', 'x']) await chat.send(message);
    const third = model.asked[2];
    expect(third?.about.dialogue.value).toEqual({ name: 'waiting' });
    expect(third?.about.context).not.toHaveProperty('name');
  });
});

it('a keyword is not compared where its intent is not taken, and commands are heard where they are', async () => {
  let compared = 0;
  const own = keywords('stop');
  const words = setupDialogue({
    types: {} as { context: object },
    intents: {
      stop: (message, about) => {
        compared += 1;
        return own(message, about);
      },
    },
  });
  const dialogue = words.createDialogue({
    id: 'd',
    context: {},
    initial: 'a',
    states: {
      a: words.ask({ question: 'a?', parse: text(), target: 'b' }),
      b: {
        ...words.ask({ question: 'b?', parse: text(), target: 'end' }),
        on: { 'intent.stop': 'end' },
      } as never,
      end: words.done('End.'),
    },
  });
  const chat = converse(dialogue);
  await chat.say('hi');
  expect(await chat.say('stop')).toEqual(['b?']);
  expect(compared).toBe(0);
  expect(await chat.say('stop')).toEqual(['End.']);
  expect(compared).toBe(1);
});
