import type { AnyStateMachine } from 'xstate';
import { anywhere, choice, commandIntents, setupDialogue, text } from 'colloquy';
import { type Chat, converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

interface Order {
  menu: readonly string[];
  dish?: string | null;
  cart?: string[];
  name?: string;
}

const words = setupDialogue({
  types: {} as { context: Order },
  intents: commandIntents,
  events: { sold: {} as { left: readonly string[] } },
});
const { choose, form, questions } = words;
type Options = readonly unknown[] | ((args: { context: Order }) => readonly unknown[]);

const ALL = ['tea', 'rice', 'cake'];
const LEFT = ['tea', 'cake'];
const QUESTION = 'Which?';
const NAME = { question: 'Name?', parse: text() };
const fromMenu = ({ context }: { context: Order }) => context.menu;

/** A dialogue with one state that offers dishes. */
function dialogueOf(state: object, version = '1'): AnyStateMachine {
  return words.createDialogue({
    id: 'lunch',
    version,
    context: { menu: ALL },
    initial: 'order',
    on: {
      'event.sold': {
        actions: words.assign({
          menu: ({ event }) => (event as unknown as { left: string[] }).left,
        }),
      },
      ...words.commands({ help: { say: 'Choose.' } }),
    },
    states: { order: state, human: words.done('A human.'), end: words.done('Done.') },
  } as never) as unknown as AnyStateMachine;
}

/** One answer that cannot be read leads to a human. */
const exits = { attempts: 1, otherwise: 'human', target: 'end' } as const;

/** What asks for a dish. */
const states: Readonly<Record<string, (options: Options) => object>> = {
  'a choice': (options) =>
    choose({ ...exits, question: QUESTION, options, assign: 'dish' } as never),
  'a slot': (options) =>
    form({ ...exits, slots: { dish: { question: QUESTION, options } }, confirm: false } as never),
  'a list': (options) => {
    const cart = { question: QUESTION, options, list: true, max: 1 };
    return form({ ...exits, slots: { cart }, confirm: false } as never);
  },
  'a questionnaire': (options) =>
    questions({ ...exits, questions: [{ key: 'dish', question: QUESTION, options }] } as never),
};

let stock = ALL;
const sold = (left: readonly string[]) => (chat: Chat) =>
  chat.event({ type: 'event.sold', left } as never);

/** Where the options come from, and how the rice goes. */
type Source = readonly [Options, (chat: Chat, state: (options: Options) => object) => unknown];
const sources: Readonly<Record<string, Source>> = {
  'in the context': [fromMenu, sold(LEFT)],
  'outside of it': [() => stock, () => (stock = LEFT)],
  'in the dialogue': [ALL, (chat, state) => chat.deploy(dialogueOf(state(LEFT), '2'))],
};

const ways: Readonly<Record<string, (chat: Chat) => Promise<unknown>>> = {
  'its name': (chat) => chat.say('rice'),
  'its name in a sentence': (chat) => chat.say('I’d like the rice, please'),
  'its number': (chat) => chat.say('2'),
  'its place': (chat) => chat.say('the second one'),
  'its button': (chat) => chat.choose('rice'),
  'an entry of a menu': (chat) => chat.send({ type: 'message.action', value: 'rice' }),
};

const table = Object.entries(states).flatMap(([state, make]) =>
  Object.entries(sources).flatMap(([source, { 0: options, 1: sell }]) =>
    Object.entries(ways).map(([way, choosing]) => ({
      ...{ state, source, way },
      ...{ make, options, sell, choosing },
    })),
  ),
);

const orderOf = (chat: Chat) => chat.context as unknown as Order;

/** A conversation that was asked the question, before the rice goes. */
async function asked(state: object): Promise<Chat> {
  stock = ALL;
  const chat = converse(dialogueOf(state)) as unknown as Chat;
  await chat.say('hi');
  return chat;
}

const AGAIN = 'Please choose one of these: tea or cake.\n1. tea\n2. cake';

describe('an option that is not offered any more', () => {
  it.each(table)(
    'is not taken by $state, but asked for again: $source, by $way',
    async ({ make, options, sell, choosing }) => {
      const chat = await asked(make(options));
      await sell(chat, make);
      await choosing(chat);
      expect(chat.replies).toEqual([AGAIN]);
      const { dish, cart } = orderOf(chat);
      expect([dish, cart]).toEqual([undefined, undefined]);
      // The one attempt is not used up.
      await chat.say('2');
      expect([chat.replies, Object.values(chat.context).flat().at(-1)]).toEqual([
        ['Done.'],
        'cake',
      ]);
    },
  );

  const one = (options: Options, more: object = {}) =>
    choose({ question: QUESTION, options, assign: 'dish', target: 'end', ...more } as never);

  it.each<[string, readonly unknown[], readonly unknown[], string]>([
    ['one that now has its name, too', ALL, ['tea', { value: 'x', synonyms: ['rice'] }], 'rice'],
    ['one at the place of its name', ['2', 'cake', 'tea'], ['cake', 'tea'], '2'],
    ['one that it is a part of', ALL, ['tea', 'rice and peas'], 'rice'],
  ])('is not taken for %s', async (_, before, left, said) => {
    const chat = await asked(one(() => stock));
    stock = before as string[];
    await chat.say('help');
    stock = left as string[];
    await chat.say(said);
    expect([chat.state, orderOf(chat).dish]).toEqual(['order.waiting', undefined]);
  });

  it.each<[string, readonly unknown[], string, string]>([
    ['has another value', ['tea', { value: 'r2', label: 'rice' }], 'rice', 'r2'],
    ['has a longer name', ['tea', 'rice noodles'], 'rice noodles', 'rice noodles'],
  ])('is no other one that is offered now and %s', async (_, left, said, dish) => {
    const chat = await asked(one(() => stock));
    stock = left as string[];
    await chat.say(said);
    expect(orderOf(chat).dish).toBe(dish);
  });

  it('starts the reminder again, and is answered by a retry of the dialogue’s own', async () => {
    const timeout = { after: { minutes: 10 }, say: 'Still there?' };
    const retry = ({ issue, attempt }: { issue: string; attempt: number }) => `${attempt} ${issue}`;
    const chat = await asked(one(fromMenu, { timeout, retry }));
    await sold(LEFT)(chat);
    await chat.advance({ minutes: 9 });
    await chat.say('rice');
    expect(chat.replies).toEqual([`1 ${AGAIN}`]);
    await chat.advance({ minutes: 9 });
    expect(chat.replies).toEqual([]);
    await chat.advance({ minutes: 1 });
    expect(chat.replies).toEqual(['Still there?']);
  });

  it.each(Object.entries(states))(
    'fails nothing in %s if there is none any more',
    async (_, make) => {
      for (const choosing of Object.values(ways)) {
        const chat = await asked(make(fromMenu));
        await sold([])(chat);
        await choosing(chat);
        expect([chat.replies, chat.errors]).toEqual([['Sorry, I didn’t understand that.'], []]);
        await sold(LEFT)(chat);
        await chat.say('cake');
        expect(chat.replies).toEqual(['Done.']);
      }
    },
  );

  it('skips no question that may be skipped', async () => {
    const question = { key: 'dish', question: QUESTION, options: fromMenu, required: false };
    const chat = await asked(questions({ questions: [question], target: 'end' } as never));
    await sold(LEFT)(chat);
    await chat.say('2');
    expect(chat.replies).toEqual([
      'Please choose one of these: tea, cake or Skip.\n1. tea\n2. cake\n3. Skip',
    ]);
  });
});

describe('a value of a form whose option is not offered any more', () => {
  const slots = (options: Options, more: object = {}) =>
    form({
      slots: { dish: { question: QUESTION, options, ...more }, name: NAME },
      target: 'end',
    } as never);
  const lists = (options: Options) =>
    form({
      slots: { cart: { question: QUESTION, options, list: true }, name: NAME },
      target: 'end',
    } as never);

  it.each(Object.entries(sources))(
    'is asked for again at the summary: %s',
    async (_, [options, sell]) => {
      const chat = await asked(slots(options));
      for (const said of ['rice', 'Ann']) await chat.say(said);
      await sell(chat, slots);
      expect(await chat.say('yes')).toEqual(['Which?\n1. tea\n2. cake']);
      expect(orderOf(chat).dish).toBeUndefined();
      for (const said of ['cake', 'yes']) await chat.say(said);
      expect(chat.replies).toEqual(['Done.']);
      expect(chat.context).toMatchObject({ dish: 'cake', name: 'Ann' });
    },
  );

  it.each(Object.entries(sources))(
    'is asked for again at the summary, in a list: %s',
    async (_, [options, sell]) => {
      const chat = await asked(lists(options));
      for (const said of ['rice', 'cake', 'done', 'Ann']) await chat.say(said);
      await sell(chat, lists);
      expect(await chat.say('yes')).toEqual(['Which?\n1. tea\n2. cake']);
      for (const said of ['cake', 'done', 'yes']) await chat.say(said);
      expect(chat.replies).toEqual(['Done.']);
      expect(chat.context).toMatchObject({ cart: ['cake'], name: 'Ann' });
    },
  );

  it('is asked for again before the summary, and not kept where it was found in a message', async () => {
    const chat = await asked(slots(fromMenu, { extract: anywhere(choice(ALL)) }));
    await sold(LEFT)(chat);
    await chat.say('rice, for my daughter');
    expect([chat.replies, orderOf(chat).dish]).toEqual([['Which?\n1. tea\n2. cake'], undefined]);
    await sold(ALL)(chat);
    expect((await chat.say('cake'))[0]).toBe('Name?');
  });
});

describe('an answer of a questionnaire whose option is not offered any more', () => {
  const survey = (answers?: string) => {
    const rows = [
      { key: 'city', question: 'City?', options: ['Oslo', 'Rome'] },
      {
        key: 'part',
        question: 'Part?',
        options: ({ context }: { context: Record<string, unknown> }) => {
          const given = (answers === undefined ? context : (context[answers] ?? {})) as object;
          return 'city' in given && given.city === 'Oslo' ? ['North', 'East'] : ['North', 'South'];
        },
      },
      { key: 'name', ...NAME },
    ];
    return questions({ questions: rows, target: 'end', ...(answers && { answers }) } as never);
  };

  it.each([undefined, 'answers'])(
    'is asked for again after a “back” (under %s)',
    async (answers) => {
      const chat = await asked(survey(answers));
      for (const said of ['Oslo', 'East', 'back', 'back']) await chat.say(said);
      expect(await chat.say('Rome')).toEqual(['Part?\n1. North\n2. South']);
      expect(await chat.say('North')).toEqual(['Name?']);
      for (const said of ['back', 'back']) await chat.say(said);
      expect(await chat.say('Oslo')).toEqual(['Name?']);
    },
  );
});
