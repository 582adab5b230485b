import { keywords, localeOf, setupDialogue, text } from 'colloquy';
import { converse, lintDialogue } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

interface Guest {
  readonly locale?: string;
  readonly name?: string;
  readonly heard?: string;
}

/** A text of the author's own, in the language that is spoken. */
const tell =
  (english: string, chinese: string) =>
  ({ context }: { readonly context: object }) =>
    localeOf(context).startsWith('zh') ? chinese : english;

const own = setupDialogue({ types: {} as { context: Guest; output: object } });
const asksName = own.createDialogue({
  id: 'asks-name',
  context: {},
  initial: 'name',
  states: {
    name: own.ask({
      question: tell('Your name?', '您贵姓？'),
      parse: text(),
      assign: 'name',
      retry: tell('In words, please.', '请用文字回答。'),
      target: 'thanks',
    }),
    thanks: own.done(tell('Thank you.', '谢谢。')),
  },
  output: {},
});

const between = setupDialogue({
  types: {} as { context: object; output: object },
  actors: { asksName },
});
const asksThrough = between.createDialogue({
  id: 'asks-through',
  context: {},
  initial: 'inside',
  states: { inside: { invoke: { src: 'asksName', onDone: 'end' } }, end: between.done() },
  output: {},
});

/** A dialogue in two languages around one that asks, and knows no language. */
function around(child: typeof asksName | typeof asksThrough, context: Guest = {}) {
  const outer = setupDialogue({
    types: {} as { context: Guest },
    actors: { child },
    intents: { chinese: keywords('中文'), english: keywords('English') },
  });
  return outer.createDialogue({
    id: 'outer',
    context,
    initial: 'inside',
    on: outer.commands({
      chinese: { actions: outer.assign({ locale: 'zh-CN' }) },
      english: { actions: outer.assign({ locale: 'en' }) },
    }),
    states: {
      inside: { invoke: { src: 'child', onDone: 'over' } },
      over: outer.done(tell('Goodbye.', '再见。')),
    },
  });
}

describe('localeOf()', () => {
  it.each([
    ['a sub-dialogue', asksName],
    ['a sub-dialogue of a sub-dialogue', asksThrough],
  ])('gives a text in %s the language of the dialogue around it', async (_, child) => {
    const chat = converse(around(child));
    expect(await chat.say('hi')).toEqual(['Your name?']);
    expect(await chat.say('中文')).toEqual(['您贵姓？']);
    expect(await chat.send({ type: 'message.image', url: 'https://a.example/b' })).toMatchObject({
      replies: [{ text: '请用文字回答。' }],
    });
    await chat.crash();
    expect(await chat.say('English')).toEqual(['Your name?']);
    await chat.say('中文');
    expect(await chat.say('王')).toEqual(['谢谢。', '再见。']);
  });

  it.each([
    ['the context', {}, { locale: 'zh-CN' }, 'zh-CN'],
    ['the options', { locale: 'fr' }, { locale: 'zh-CN' }, 'fr'],
    ['a function of the context', { locale: () => 'de' }, {}, 'de'],
    ['a platform, in its way of writing', {}, { locale: 'zh_CN' }, 'zh-CN'],
    ['nothing', {}, {}, 'en'],
    ['what is no locale', {}, { locale: '?' }, 'en'],
  ])('is the one of %s, in replies, guards and assigns', async (_, words, context, expected) => {
    const speaks = setupDialogue({ types: {} as { context: Guest }, words });
    const dialogue = speaks.createDialogue({
      id: 'speaks',
      context,
      on: {
        'message.*': {
          guard: ({ context: now }) => localeOf(now) === expected,
          actions: [
            speaks.assign({ heard: ({ context: now }) => localeOf(now) }),
            speaks.reply(({ context: now }) => localeOf(now)),
          ],
        },
      },
    });
    const chat = converse(dialogue);
    expect(await chat.say('hi')).toEqual([expected]);
    chat.expectContext({ heard: expected });
  });

  it('sees the language that the action before it has chosen', async () => {
    const speaks = setupDialogue({ types: {} as { context: Guest } });
    const dialogue = speaks.createDialogue({
      id: 'speaks',
      context: {},
      on: {
        'message.*': {
          actions: [speaks.assign({ locale: 'zh-CN' }), speaks.reply(tell('Hello.', '你好。'))],
        },
      },
    });
    expect(await converse(dialogue).say('你好')).toEqual(['你好。']);
  });

  it('translates the options and labels of a form', async () => {
    const words = setupDialogue({ types: {} as { context: Guest & { size?: string } } });
    const dialogue = words.createDialogue({
      id: 'sizes',
      context: { locale: 'zh-CN' },
      initial: 'form',
      states: {
        form: words.form({
          slots: {
            size: {
              label: tell('Size', '大小'),
              question: tell('Which size?', '要多大的？'),
              options: (args) => [{ value: 'large', label: tell('Large', '大的')(args) }],
            },
          },
          target: 'end',
        }),
        end: words.done(),
      },
    });
    const chat = converse(dialogue);
    expect(await chat.say('hi')).toEqual(['要多大的？\n1. 大的']);
    expect(await chat.say('大的')).toEqual([expect.stringContaining('大小：大的')]);
  });

  it('is the language of the context where no dialogue speaks, as in an action', async () => {
    expect(localeOf({})).toBe('en');
    expect(localeOf({ locale: 'zh_CN' })).toBe('zh-CN');
    const acted: string[] = [];
    const speaks = setupDialogue({
      types: {} as { context: Guest },
      actions: { note: ({ context }) => void acted.push(localeOf(context)) },
    });
    const dialogue = speaks.createDialogue({
      id: 'speaks',
      context: { locale: 'zh-CN' },
      entry: 'note',
    });
    await converse(dialogue).say('hi');
    expect(acted).toEqual(['zh-CN']);
  });

  it('is the language that lint looks at, when it looks for texts in another script', () => {
    const words = setupDialogue({ types: {} as { context: Guest } });
    const dialogue = words.createDialogue({
      id: 'mixed',
      context: {},
      initial: 'hello',
      states: {
        hello: { entry: words.reply(tell('Hello.', '你好。')), on: { 'message.*': 'end' } },
        end: words.done(tell('Goodbye, friend.', 'Goodbye, friend.')),
      },
    });
    const found = lintDialogue(dialogue, { rules: { 'foreign-text': { locales: ['zh'] } } });
    expect(found.map(({ rule, path }) => `${rule} at ${path}`)).toEqual(['foreign-text at end']);
  });
});
