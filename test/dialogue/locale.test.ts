import {
  type WordsOptions,
  commandIntents,
  integer,
  keywords,
  localeOf,
  setupDialogue,
} from 'colloquy';
import { converse, explore, lintDialogue } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

const texts = {
  en: { people: 'How many?', colour: 'Colour?', red: 'Red', bye: 'Bye.', still: 'Hello?' },
  'zh-CN': { people: '几位？', colour: '颜色？', red: '红', bye: '再见。', still: '在吗？' },
};
const say =
  (key: keyof typeof texts.en) =>
  ({ context }: { readonly context: object }): string =>
    texts[localeOf(context, ['en', 'zh-CN'])][key];

interface Booking {
  locale?: string;
}

/** A sub-dialogue with texts of its own, in two languages. */
function asker(words: WordsOptions<Booking> = {}, context: Booking = {}) {
  const own = setupDialogue({ types: {} as { context: Booking & { people?: number } }, words });
  return own.createDialogue({
    id: 'asker',
    context,
    initial: 'people',
    states: {
      people: own.ask({
        question: say('people'),
        parse: integer(),
        assign: 'people',
        target: 'colour',
        timeout: { after: { hours: 1 }, say: say('still') },
      }),
      colour: own.choose({
        question: say('colour'),
        options: ({ context: own }) => [{ value: 'red', label: say('red')({ context: own }) }],
        target: 'end',
      }),
      end: own.done(say('bye')),
    },
  });
}

/** A dialogue with commands for the language, and for leaving the sub-dialogue and coming back. */
function around(inner: ReturnType<typeof asker>, start: Booking = { locale: 'zh-CN' }) {
  const { assign, commands, createDialogue, reply } = setupDialogue({
    types: {} as { context: Booking },
    actors: { inner },
    intents: {
      ...commandIntents,
      english: keywords('english'),
      chinese: keywords('中文'),
      away: keywords('away'),
      back: keywords('back'),
    },
  });
  return createDialogue({
    id: 'outer',
    context: start,
    initial: 'talk',
    on: commands({
      english: { say: 'English.', actions: assign({ locale: 'en' }) },
      chinese: { say: '中文。', actions: assign({ locale: 'zh-CN' }) },
      away: '.away',
      back: '.talk.last',
    }),
    states: {
      talk: {
        initial: 'inside',
        states: {
          inside: { invoke: { src: 'inner', onDone: '#outer.over' } },
          last: { type: 'history' },
        },
      },
      away: { on: { 'message.*': { actions: reply('Away.') } } },
      over: {},
    },
  });
}

describe('the text of a sub-dialogue', () => {
  it.each<[where: string, messages: readonly string[], replies: readonly string[]]>([
    ['is in the language of its parent', [], ['几位？']],
    ['changes with it in the middle of a question', ['english'], ['English.', 'How many?']],
    ['changes with it, and back', ['english', '中文'], ['中文。', '几位？']],
    ['has changed at the next question', ['english', '4'], ['Colour?\n1. Red']],
    ['changes in a list of options', ['4', 'english'], ['English.', 'Colour?\n1. Red']],
    ['has changed while it was paused', ['away', 'english', 'back'], ['How many?']],
    [
      'has changed while it was paused at a later question',
      ['4', 'away', 'english', 'back'],
      ['Colour?\n1. Red'],
    ],
    ['has changed at its end', ['4', 'english', '1'], ['Bye.']],
  ])('%s', async (_, messages, replies) => {
    const chat = converse(around(asker()));
    let said = await chat.say('hi');
    for (const message of messages) {
      // A crash in between changes nothing of it.
      await chat.crash();
      said = await chat.say(message);
    }
    expect(said).toEqual(replies);
  });

  it('has changed when a timer says it', async () => {
    const chat = converse(around(asker()));
    await chat.say('hi');
    await chat.say('english');
    expect(await chat.advance({ hours: 1 })).toEqual(['Hello?']);
  });

  it('is heard through a dialogue in between, which says nothing of a language', async () => {
    const middle = setupDialogue({ types: {} as { context: object }, actors: { inner: asker() } });
    const between = middle.createDialogue({
      id: 'between',
      context: {},
      initial: 'inside',
      states: { inside: { invoke: { src: 'inner', onDone: 'end' } }, end: middle.done() },
    }) as unknown as ReturnType<typeof asker>;
    const chat = converse(around(between));
    expect(await chat.say('hi')).toEqual(['几位？']);
    expect(await chat.say('english')).toEqual(['English.', 'How many?']);
  });

  it.each<[what: string, inner: ReturnType<typeof asker>]>([
    ['in its context', asker({}, { locale: 'zh-CN' })],
    ['in its words', asker({ locale: 'zh-CN' })],
    ['by a function', asker({ locale: () => 'zh-CN' })],
  ])('stays in a language of its own: %s', async (_, inner) => {
    const chat = converse(around(inner));
    await chat.say('hi');
    expect(await chat.say('english')).toEqual(['English.', '几位？']);
  });
});

it('a dialogue that changes its own language says the next text in it, in the same turn', async () => {
  const { assign, createDialogue, reply } = setupDialogue({ types: {} as { context: Booking } });
  const dialogue = createDialogue({
    id: 'own',
    context: {},
    on: {
      'message.*': { actions: [reply(say('bye')), assign({ locale: 'zh-CN' }), reply(say('bye'))] },
    },
  });
  expect(await converse(dialogue).say('hi')).toEqual(['Bye.', '再见。']);
});

describe('of the locales that a dialogue has', () => {
  it.each([
    ['zh-CN', 'zh-CN'],
    ['zh_CN', 'zh-CN'],
    ['zh-Hans-SG', 'zh-Hans'],
    ['zh-TW', 'zh-CN'],
    ['zh', 'zh-CN'],
    ['en-GB', 'en'],
    ['fr', 'en'],
    ['no language', 'en'],
  ])('%s is spoken as %s', (wanted, spoken) => {
    expect(localeOf({ locale: wanted }, ['en', 'zh-CN', 'zh-Hans'])).toBe(spoken);
  });

  it('none has to be named', () => {
    expect([
      localeOf({ locale: 'zh_tw' }),
      localeOf({}),
      localeOf({ locale: 'fr' }, [] as never),
    ]).toEqual(['zh-TW', 'en', 'fr']);
  });
});

it('lint and explore see such texts', async () => {
  const dialogue = around(asker());
  expect(lintDialogue(dialogue).filter(({ severity }) => severity === 'error')).toEqual([]);
  const { conversations } = await explore(dialogue, { budget: 300 });
  const all = conversations.map(({ transcript }) => transcript).join('\n');
  expect(all).toContain('< 几位？');
  expect(all).toContain('< How many?');
});
