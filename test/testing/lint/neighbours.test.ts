import { type AnyStateMachine, assign, enqueueActions, fromPromise, raise } from 'xstate';
import { describe, expect, it } from 'vitest';
import { commandIntents, hear, integer, keywords, setupDialogue, text } from 'colloquy';
import { type LintRule, converse, lintDialogue } from 'colloquy/testing';

const child = setupDialogue({}).createDialogue({
  id: 'child',
  context: {},
  initial: 'a',
  states: { a: { on: { 'message.*': 'b' } }, b: { type: 'final' } },
});
const words = setupDialogue({
  types: {} as { context: Record<string, unknown> },
  intents: { ...commandIntents, person: keywords('person') },
  events: { paid: {} as { readonly sum: number } },
  actors: { price: fromPromise(async () => 9), child: child as never },
  actions: { custom: () => {} },
});
const { ask, choose, commands, confirm, done, form, reply } = words;

const make = (config: object): AnyStateMachine =>
  words.createDialogue({ id: 'made', context: {}, ...config } as never) as never;

/** A rule, what is special about the dialogue, its states beside `home` and `over`, and the paths that are found. */
type Row = [what: string, states: object, found: readonly string[], root?: object];

function paths(rule: LintRule, states: object, root: object = {}): string[] {
  const dialogue = make({
    initial: 'home',
    ...root,
    states: {
      home: { on: { 'message.*': { target: 'at', actions: reply('Well?') } } },
      over: done('Bye.'),
      ...states,
    },
  });
  return lintDialogue(dialogue)
    .filter((finding) => finding.rule === rule)
    .map(({ path }) => path);
}

const pardon = { 'message.*': { actions: reply('Pardon?') } };
const cancel = { on: commands({ cancel: { target: '.over', say: 'Never mind.' } } as never) };

describe('endless-loop', () => {
  const back = { always: 'at' };
  const never = (): boolean => false;

  it.each<Row>([
    ['two states', { at: { always: 'b' }, b: back }, ['at']],
    ['one state, in which XState rests', { at: { always: { target: 'at', reenter: true } } }, []],
    [
      'a loop that is reached from beside it',
      { at: { always: 'b' }, b: { always: 'c' }, c: { always: 'b' } },
      ['b'],
    ],
    [
      'a loop through the first state of a group',
      { at: { initial: 'x', states: { x: { always: '#made.b' } } }, b: back },
      ['at.x'],
    ],
    [
      'the way from a group into itself, in which XState rests',
      { at: { always: '.x', initial: 'x', states: { x: {} } } },
      [],
    ],
    [
      'the way from a group into itself, with a change each time',
      { at: { always: '.x', initial: 'x', states: { x: { entry: assign({ n: 1 }) } } } },
      ['at'],
    ],
    [
      'the way from a group into itself, with a reply each time',
      { at: { always: '.x', initial: 'x', states: { x: { entry: reply('x') } } } },
      [],
    ],
    ['an action without a target', { at: { always: { actions: assign({ n: 1 }) } } }, ['at']],
    [
      'a guard on the way',
      { at: { always: 'b' }, b: { always: { guard: never, target: 'at' } } },
      [],
    ],
    [
      'a guard before the way back',
      { at: { always: [{ guard: never, target: 'over' }, { target: 'b' }] }, b: back },
      [],
    ],
    ['a chain with an end', { at: { always: 'b' }, b: { always: 'over' } }, []],
    ['a way back that waits', { at: { always: 'b' }, b: { on: { 'message.*': 'at' } } }, []],
    ['a way back after a while', { at: { always: 'b' }, b: { after: { 0: 'at' } } }, []],
    [
      'an action with a guard and without a target',
      {
        at: {
          always: {
            guard: ({ context }: { context: { n?: number } }) => context.n !== 1,
            actions: assign({ n: 1 }),
          },
        },
      },
      [],
    ],
  ])('%s', (_, states, found) => {
    expect(paths('endless-loop', states)).toEqual(found);
  });

  it.each<[string, object, string]>([
    ['two states', { at: { always: 'b' }, b: back }, 'failed'],
    ['one state', { at: { always: { target: 'at', reenter: true } } }, 'silent'],
    ['a group', { at: { always: '.x', initial: 'x', states: { x: {} } } }, 'silent'],
    [
      'a group that changes something',
      { at: { always: '.x', initial: 'x', states: { x: { entry: assign({ n: 1 }) } } } },
      'failed',
    ],
    ['an action', { at: { always: { actions: assign({ n: 1 }) } } }, 'failed'],
  ])('is what a turn does: %s', async (_, states, outcome) => {
    const dialogue = make({
      initial: 'home',
      states: { home: { on: { 'message.*': 'at' } }, over: done(), ...states },
    });
    const chat = converse(dialogue);
    expect((await chat.send('hi')).outcome).toBe(outcome);
  });
});

describe('service-without-timeout', () => {
  const price = { src: 'price', onDone: 'over', onError: 'over' };

  it.each<Row>([
    ['nothing but its end', { at: { invoke: price } }, ['at']],
    ['a message that is answered', { at: { invoke: price, on: pardon } }, ['at']],
    ['an `after`', { at: { invoke: price, after: { 9000: 'over' } } }, []],
    [
      'an `after` around it',
      {
        at: {
          initial: 'x',
          states: { x: { invoke: { ...price, onDone: '#made.over', onError: '#made.over' } } },
          after: { 9000: 'over' },
        },
      },
      [],
    ],
    ['a message that leads out', { at: { invoke: price, on: { 'message.*': 'over' } } }, []],
    ['a command around it', { at: { invoke: price } }, [], cancel],
    ['an event from outside', { at: { invoke: price, on: { 'event.paid': 'over' } } }, []],
    [
      'another service beside it',
      { at: { type: 'parallel', states: { x: { invoke: { src: 'price' } }, y: {} } } },
      [],
    ],
    [
      'a sub-dialogue, in which the user talks',
      { at: { invoke: { src: 'child', onDone: 'over' } } },
      [],
    ],
  ])('%s', (_, states, found, root) => {
    expect(paths('service-without-timeout', states, root)).toEqual(found);
  });
});

describe('left-by-commands', () => {
  it.each<Row>([
    ['a fallback only', { at: { on: pardon } }, ['at'], cancel],
    [
      'a way back to itself',
      { at: { on: { 'message.*': { target: 'at', actions: reply('Hm?') } } } },
      ['at'],
      cancel,
    ],
    [
      'a guarded way out',
      {
        at: {
          on: { 'message.*': [{ guard: hear('x'), target: 'over' }, ...[pardon['message.*']]] },
        },
      },
      [],
      cancel,
    ],
    ['a way out after a while', { at: { on: pardon, after: { 9000: 'over' } } }, [], cancel],
    [
      'a way out without an event',
      { at: { on: pardon, always: { guard: () => false, target: 'over' } } },
      [],
      cancel,
    ],
    ['a command of the state', { at: { on: { ...pardon, 'intent.cancel': 'over' } } }, [], cancel],
    ['an event from outside', { at: { on: { ...pardon, 'event.paid': 'over' } } }, [], cancel],
    [
      'an event from outside, around it',
      { at: { on: pardon } },
      [],
      { on: { ...cancel.on, 'event.paid': '.over' } },
    ],
    [
      'a command that leads elsewhere',
      { at: { on: pardon }, there: { on: { 'message.*': 'over' } } },
      [],
      { on: { ...cancel.on, ...commands({ person: '.there' } as never) } },
    ],
    [
      'the state around it ends',
      { at: { initial: 'x', states: { x: { on: pardon } }, after: { 9000: 'over' } } },
      [],
      cancel,
    ],
    [
      'a question',
      { at: ask({ question: '?', parse: text(), assign: 'n', target: 'over' }) },
      [],
      cancel,
    ],
    [
      'a service',
      { at: { invoke: { src: 'price', onDone: 'over', onError: 'over' }, on: pardon } },
      [],
      cancel,
    ],
    ['a region', { at: { type: 'parallel', states: { x: { on: pardon }, y: {} } } }, [], cancel],
  ])('%s', (_, states, found, root) => {
    expect(paths('left-by-commands', states, root)).toEqual(found);
  });

  it('leaves the first state alone, which is left by nothing else in many dialogues', () => {
    expect(paths('left-by-commands', { home: { on: pardon }, at: done() }, cancel)).toEqual([]);
  });
});

describe('unused-answer', () => {
  const end = { target: 'over', otherwise: 'over' } as const;

  it.each<Row>([
    ['a question', { at: ask({ question: '?', parse: integer(), ...end }) }, ['at']],
    ['a choice', { at: choose({ question: '?', options: ['a', 'b'], ...end }) }, ['at']],
    [
      'a list with one target',
      { at: ask({ question: '?', parse: integer(), ...end, target: [{ target: 'over' }] }) },
      ['at'],
    ],
    [
      'a question of a sub-state',
      {
        at: {
          initial: 'q',
          states: {
            q: ask({ question: '?', parse: integer(), target: 'z' } as never),
            z: { type: 'final' },
          },
          onDone: 'over',
        },
      },
      ['at.q'],
    ],
    [
      'an `assign` by key',
      { at: ask({ question: '?', parse: integer(), assign: 'n', ...end }) },
      [],
    ],
    [
      'an `assign` by function',
      {
        at: ask({ question: '?', parse: integer(), assign: ({ value }) => ({ n: value }), ...end }),
      },
      [],
    ],
    [
      'a target for each option',
      {
        at: choose({
          question: '?',
          options: ['a', 'b'],
          target: { a: 'over', b: 'home' },
          otherwise: 'over',
        }),
      },
      [],
    ],
    [
      'a guard',
      {
        at: ask({
          question: '?',
          parse: integer(),
          otherwise: 'over',
          target: [{ guard: ({ value }) => value > 1, target: 'over' }, { target: 'home' }],
        }),
      },
      [],
    ],
    [
      'actions',
      {
        at: ask({
          question: '?',
          parse: integer(),
          otherwise: 'over',
          target: [{ target: 'over', actions: reply('Yes.') }],
        }),
      },
      [],
    ],
    [
      'one option, a button to go on',
      { at: choose({ question: '?', options: ['Go on'], ...end }) },
      [],
    ],
    [
      'a confirmation',
      { at: confirm({ question: '?', yes: 'over', no: 'home', otherwise: 'over' }) },
      [],
    ],
  ])('%s', (_, states, found) => {
    expect(paths('unused-answer', states)).toEqual(found);
  });
});

describe('silent-branch', () => {
  const spoken = { target: 'over', actions: reply('Good.') };
  const way = (silent: unknown): object => ({
    on: { 'message.text': silent, 'message.*': spoken },
  });
  const quiet = { on: { 'message.*': 'home' } };

  it.each<Row>([
    ['leads to a state that says nothing', { at: way('b'), b: quiet }, ['at']],
    ['only assigns', { at: way({ target: 'b', actions: assign({ n: 1 }) }), b: quiet }, ['at']],
    [
      'enters a group that says nothing',
      { at: way('b'), b: { initial: 'x', states: { x: {} }, on: { 'message.*': 'home' } } },
      ['at'],
    ],
    ['leads to a state that speaks', { at: way('b'), b: { entry: reply('b'), ...quiet } }, []],
    [
      'leads to a group that speaks',
      { at: way('b'), b: { entry: reply('b'), initial: 'x', states: { x: {} }, ...quiet } },
      [],
    ],
    [
      'leads to a question',
      { at: way('b'), b: ask({ question: '?', parse: text(), assign: 'n', target: 'over' }) },
      [],
    ],
    [
      'leads to a service',
      { at: way('b'), b: { invoke: { src: 'price', onDone: 'over', onError: 'over' } } },
      [],
    ],
    [
      'leads to a sub-dialogue',
      { at: way('b'), b: { invoke: { src: 'child', onDone: 'over' } } },
      [],
    ],
    [
      'enters its own state again, which speaks',
      {
        at: {
          entry: reply('Well?'),
          on: { 'message.text': { target: 'at', reenter: true }, 'message.*': spoken },
        },
      },
      [],
    ],
    [
      'enters its own state again, which says nothing',
      { at: { on: { 'message.text': { target: 'at', reenter: true }, 'message.*': spoken } } },
      ['at'],
    ],
    [
      'asks its own question again',
      {
        at: ask({
          question: 'More?',
          parse: text(),
          assign: 'n',
          target: [{ guard: ({ context }) => context.n === 1, target: 'at' }, spoken],
        }),
      },
      [],
    ],
    ['leads on at once', { at: way('b'), b: { always: 'over' } }, []],
    ['leads on after a while', { at: way('b'), b: { after: { 100: 'over' }, ...quiet } }, []],
    [
      'runs an action of which nothing is known',
      { at: way({ target: 'b', actions: 'custom' }), b: quiet },
      [],
    ],
    [
      'says it among conditions',
      {
        at: way({
          target: 'b',
          actions: enqueueActions(({ enqueue }) => enqueue(reply('x') as never)),
        }),
        b: quiet,
      },
      [],
    ],
    [
      'raises an event',
      {
        at: way({ target: 'b', actions: raise({ type: 'event.paid', sum: 1 } as never) }),
        b: quiet,
      },
      [],
    ],
    [
      'leaves a state that says goodbye',
      { at: { exit: reply('Good.'), ...way('b') }, b: quiet },
      [],
    ],
    [
      'leaves a group that says goodbye',
      {
        at: {
          exit: reply('Good.'),
          initial: 'x',
          states: {
            x: {
              on: {
                'message.text': '#made.b',
                'message.*': { target: '#made.over', actions: reply('Good.') },
              },
            },
          },
        },
        b: quiet,
      },
      [],
    ],
    ['stays where it is', { at: way({ actions: assign({ n: 1 }) }), b: quiet }, []],
    [
      'enters its state again, which speaks',
      { at: { entry: reply('a'), ...way({ target: 'at', reenter: true }) } },
      [],
    ],
    [
      'enters its state again, which says nothing',
      { at: way({ target: 'at', reenter: true }) },
      ['at'],
    ],
    ['leads to its state without entering it', { at: { entry: reply('a'), ...way('at') } }, ['at']],
    [
      'enters the group around it again, which speaks',
      {
        at: {
          entry: reply('a'),
          initial: 'x',
          states: {
            x: {
              on: {
                'message.text': '#made.at',
                'message.*': { target: '#made.over', actions: reply('Good.') },
              },
            },
          },
        },
      },
      [],
    ],
    [
      'leads within its state',
      { at: { entry: reply('a'), initial: 'x', states: { x: {}, y: {} }, ...way('.y') } },
      ['at'],
    ],
    [
      'leads within its state, which it enters again',
      {
        at: {
          entry: reply('a'),
          initial: 'x',
          states: { x: {}, y: {} },
          ...way({ target: '.y', reenter: true }),
        },
      },
      [],
    ],
    [
      'asks the same question again',
      {
        at: ask({
          question: '?',
          parse: text(),
          assign: 'n',
          target: 'at',
          on: { 'message.image': spoken },
        }),
      },
      [],
    ],
    [
      'asks for one more value of a list, in a form that replies to “back”',
      {
        at: form({
          slots: { list: { question: '?', options: ['a', 'b'], list: true } },
          target: 'over',
        } as never) as object,
      },
      [],
    ],
    [
      'is one of several that all say nothing',
      { at: { on: { 'message.text': 'b', 'message.*': 'home' } }, b: quiet },
      [],
    ],
    [
      'is an event that no person said',
      { at: { on: { 'event.paid': 'b', 'message.*': spoken } }, b: quiet },
      [],
    ],
    [
      'ends a part that goes on',
      {
        at: {
          initial: 'x',
          states: {
            x: {
              on: {
                'message.text': 'z',
                'message.*': { target: 'z', actions: reply('Good.') },
              },
            },
            z: { type: 'final' },
          },
          onDone: 'over',
        },
      },
      [],
    ],
  ])('%s', (_, states, found) => {
    expect(paths('silent-branch', states)).toEqual(found);
  });
});

describe('foreign-text', () => {
  const said = (locale: string, ...texts: string[]): string[] => {
    const spoken = setupDialogue({ words: { locale } });
    const dialogue = spoken.createDialogue({
      id: 'made',
      initial: 's0',
      states: Object.fromEntries(
        texts.map((each, index) => [
          `s${index}`,
          { entry: spoken.reply(each), on: { 'message.*': `s${(index + 1) % texts.length}` } },
        ]),
      ),
    } as never) as unknown as AnyStateMachine;
    return lintDialogue(dialogue)
      .filter(({ rule }) => rule === 'foreign-text')
      .map(({ path }) => path);
  };

  it.each<[string, string, string, boolean]>([
    ['an English text', 'zh-CN', 'Thank you for your visit.', true],
    ['a Russian text', 'zh', 'Спасибо', true],
    ['a Chinese text', 'en', '谢谢光临', true],
    ['a Greek text', 'de', 'Ευχαριστώ', true],
    ['a text of its own', 'zh', '谢谢光临', false],
    ['a name in a text', 'zh', '连接 Wi-Fi：Colloquy-Guest-Network', false],
    ['a short word', 'zh', 'Wi-Fi', false],
    ['a number', 'zh', '12:30', false],
    ['a picture', 'zh', '👍', false],
    ['an address of the web', 'zh', 'https://example.com/orders/overview', false],
    ['an address of mail', 'zh', 'orders@restaurant.example', false],
    ['a text in a language with accents', 'fr', 'Ça va très bien, merci', false],
    ['Japanese in kana alone', 'ja', 'ありがとう', false],
  ])('%s in %s', (_, locale, other, isFound) => {
    const own = {
      zh: '您好',
      'zh-CN': '您好',
      en: 'Hello',
      de: 'Hallo',
      fr: 'Bonjour',
      ja: '今日は',
    };
    const found = said(locale, own[locale as keyof typeof own], other);
    expect(found).toEqual(isFound ? ['s1'] : []);
  });

  it('does not count in a dialogue that does not speak the language', () => {
    expect(said('zh', 'Good morning to you', 'Thank you for your visit.')).toEqual([]);
  });
});

describe('unapproved-effect', () => {
  const asking = {
    initial: 's',
    states: { s: words.confirm({ question: 'Sure?', yes: '#made.paying', no: '#made.s0' }) },
  };
  it.each<[string, object, string[]]>([
    ['an intent that leads to the service', { 'intent.refund': 'paying' }, ['s0']],
    ['an intent that leads to a question before it', { 'intent.refund': 'asking' }, []],
    ['a message that leads to the service', { 'message.text': 'paying' }, []],
  ])('%s', (_, on, found) => {
    const made = setupDialogue({
      actors: { pay: fromPromise(async () => 1), look: fromPromise(async () => 1) },
      intents: { refund: keywords('refund') },
    }).createDialogue({
      id: 'made',
      initial: 's0',
      states: {
        s0: { on },
        asking,
        paying: {
          initial: 'now',
          states: { now: { invoke: { src: 'pay', onDone: '#made.s0', onError: '#made.s0' } } },
        },
      },
    } as never) as unknown as AnyStateMachine;
    const findings = (effects: readonly string[]): string[] =>
      lintDialogue(made, { rules: { 'unapproved-effect': { effects } } })
        .filter(({ rule }) => rule === 'unapproved-effect')
        .map(({ path }) => path);
    expect(findings(['pay'])).toEqual(found);
    expect(findings(['look'])).toEqual([]);
  });
});
