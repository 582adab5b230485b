import { fromPromise, raise, sendParent, setup } from 'xstate';
import { describe, expect, it } from 'vitest';
import { createRunner, integer, keywords, setupDialogue, text } from 'colloquy';
import { converse } from 'colloquy/testing';

/** The same calls as plain JavaScript makes them: no type stands in the way. */
type Untyped = Readonly<Record<string, (...args: unknown[]) => never>>;

const untyped = (config: object = {}): Untyped =>
  setupDialogue({ types: {} as { context: object }, ...config } as never) as unknown as Untyped;
const words = untyped({ actors: { price: fromPromise(async () => 1) } });

const inState = (state: object, more: object = {}): unknown =>
  words['createDialogue']?.({
    id: 'd',
    context: {},
    initial: 'a',
    states: { a: state, b: {} },
    ...more,
  });
const on = (type: string, transition: unknown = 'b'): unknown =>
  inState({ on: { [type]: transition } });

describe('a dialogue is closed: createDialogue() refuses, with the place and the nearest name,', () => {
  it.each<[string, () => unknown, RegExp]>([
    [
      'a key of a state',
      () => inState({ entri: [] }),
      /'d\.a': 'entri' is not a key of a state; did you mean 'entry'\?$/,
    ],
    [
      'a key of a state with an id',
      () => inState({ id: 'x', onn: {} }),
      /state 'x': 'onn' .* 'on'\?$/,
    ],
    [
      'a key near to none',
      () => inState({ colour: 1 }),
      /'colour' is not a key of a state; expected one of initial, type,/,
    ],
    ['a key of the root', () => inState({}, { contxt: {} }), /'d': 'contxt' .* 'context'\?$/],
    [
      '`context` in a state that is no root',
      () => inState({ context: {} }),
      /'context' is not a key of a state/,
    ],
    [
      'a key of a transition',
      () => on('message.text', { tarket: 'b' }),
      /'tarket' is not a key of a transition, as under `on\['message\.text'\]`; did you mean 'target'\?/,
    ],
    [
      'a key of one of several transitions',
      () => on('message.*', ['b', { actoins: [] }]),
      /did you mean 'actions'\?/,
    ],
    [
      'a key of an `always`',
      () => inState({ always: { gaurd: () => true } }),
      /under `always`; did you mean 'guard'\?/,
    ],
    [
      'a key of an `after`',
      () => inState({ after: { 10: { tagret: 'b' } } }),
      /under `after\['10'\]`/,
    ],
    ['a key of an `onDone`', () => inState({ onDone: { tagret: 'b' } }), /under `onDone`/],
    [
      'a key of an `initial`',
      () => inState({ initial: { target: 'c', action: [] }, states: { c: {} } }),
      /under `initial`; did you mean 'actions'\?/,
    ],
    [
      'a key of an `invoke`',
      () => inState({ invoke: { src: 'price', onDon: 'b' } }),
      /'onDon' is not a key of an `invoke`; did you mean 'onDone'\?/,
    ],
    [
      'a key of a transition of one of several invokes',
      () => inState({ invoke: [{ src: 'price', onError: { taget: 'b' } }] }),
      /under `invoke\.onError`/,
    ],
    [
      'a service that is not provided',
      () => inState({ invoke: { src: 'pirce' } }),
      /actor 'pirce' is not provided; did you mean 'price'\? Provide/,
    ],
    [
      'a type of a state',
      () => inState({ type: 'finl' }),
      /'finl' is not the `type` of a state; did you mean 'final'\?/,
    ],
    ['a type that is no string', () => inState({ type: 3 }), /the `type` of a state is a string/],
    [
      'a history',
      () => inState({ type: 'history', history: 'deeep' }),
      /'deeep' is not a `history`; did you mean 'deep'\?/,
    ],
    [
      'a state that is no object',
      () => inState({}, { states: { a: null } }),
      /'d\.a': a state is an object, and null came/,
    ],
    [
      'an action in the place of a transition',
      () => on('message.text', words['reply']?.('x')),
      /a transition is a target, .* and a function came under `on\['message\.text'\]`/,
    ],
    ['an `on` that is a list', () => inState({ on: [] }), /`on` is an object, and a list came/],
    [
      'a state with states and no `initial`',
      () => inState({}, { initial: undefined }),
      /'d': it has no `initial`. Name the state in which it begins, as in initial: 'a'\.$/,
    ],
    [
      'a target that does not exist',
      () => on('message.text', 'nope'),
      /does not exist on 'd'\. Name a sibling by its key/,
    ],
  ])('%s', (_what, make, message) => {
    expect(make).toThrow(
      expect.objectContaining({
        name: 'UsageError',
        code: 'bad_dialogue',
        message: expect.stringMatching(message) as string,
      }) as Error,
    );
  });

  it.each([
    [
      'mesage.image',
      /no event has the type 'mesage\.image'; did you mean 'message\.image'\? A dialogue takes/,
    ],
    ['message.txt', /did you mean 'message\.text'\?/],
    ['message.telepathy', /'message\.telepathy'\. A dialogue takes/],
    ['message', /'message'/],
    ['event.folow', /did you mean 'event\.follow'\?/],
    ['event.paid', /'event\.paid'.*under `events` in setupDialogue/],
    ['foo', /'foo'/],
    ['mesage.*', /did you mean 'message\.\*'\?/],
  ])('the type of an event: %s', (type, message) => {
    expect(() => on(type)).toThrow(message);
  });

  it('an intent or an event near to a declared one', () => {
    const declared = untyped({ intents: { menu: keywords('menu') }, events: { 'order.paid': {} } });
    const made = (type: string) => (): unknown =>
      declared['createDialogue']?.({ id: 'd', context: {}, on: { [type]: {} } });
    expect(made('intent.mneu')).toThrow(
      /no intent is declared for 'intent\.mneu'; did you mean 'intent\.menu'\? Declare/,
    );
    expect(made('event.order.piad')).toThrow(/did you mean 'event\.order\.paid'\?/);
    for (const type of [
      'intent.menu',
      'event.order.paid',
      'event.order.*',
      'event.*',
      'intent.*',
      'intent.back',
    ]) {
      expect(made(type)).not.toThrow();
    }
  });
});

describe('what XState knows is not refused:', () => {
  it('every key of a state, a transition and an invoke', () => {
    const guarded = {
      target: 'b',
      actions: [],
      guard: () => true,
      reenter: true,
      description: 'x',
      meta: {},
    };
    const made = inState(
      {
        id: 'x',
        description: 'x',
        meta: {},
        tags: ['t'],
        order: 1,
        entry: [],
        exit: [],
        always: { guard: () => false, target: '#x.c' },
        initial: { target: 'c', actions: [] },
        on: {
          'message.text': guarded,
          'message.*': [guarded, 'b', undefined],
          'xstate.done.actor.p': 'b',
        },
        after: { 10: guarded },
        onDone: guarded,
        invoke: {
          id: 'p',
          src: 'price',
          systemId: 's',
          input: {},
          onDone: guarded,
          onError: ['b'],
        },
        states: {
          c: {},
          d: { type: 'final', output: 1 },
          h: { type: 'history', history: 'deep', target: 'c' },
        },
      },
      { version: '1', output: {}, types: {} },
    );
    expect(made).toBeDefined();
  });

  it('an event that the dialogue raises itself', () => {
    expect(inState({ entry: raise({ type: 'next' }), on: { next: 'b' } })).toBeDefined();
  });
});

describe('a machine of XState alone', () => {
  const plain =
    (config: object, actors: object = {}) =>
    (): unknown =>
      createRunner(
        setup({ actors } as never).createMachine({
          id: 'm',
          initial: 'a',
          ...config,
        } as never) as never,
      );

  it('is checked by the runner in the same words', () => {
    expect(plain({ states: { a: { entri: [] } } })).toThrow(/'m\.a': 'entri'.*'entry'/);
    expect(plain({ states: { a: { on: { 'mesage.text': 'a' } } } })).toThrow(/'message\.text'/);
    expect(plain({ states: { a: { on: { 'message.txt': 'a' } } } })).toThrow(/'message\.text'/);
  });

  it('declares an event by naming it, and may take what another machine sends', () => {
    expect(plain({ states: { a: { on: { 'event.paid': 'a' } } } })).not.toThrow();
    const c = setup({}).createMachine({ entry: sendParent({ type: 'pong' }) });
    expect(
      plain({ invoke: { src: 'c' }, states: { a: { on: { pong: 'a' } } } }, { c }),
    ).not.toThrow();
    const computed = raise(() => ({ type: 'next' }));
    expect(plain({ states: { a: { entry: computed, on: { next: 'a' } } } })).not.toThrow();
  });
});

const VALUES = [undefined, null, 'x', 42, [], () => 1];

describe('a word refuses, in its own words,', () => {
  it.each([
    'ask',
    'choose',
    'confirm',
    'form',
    'commands',
    'createDialogue',
    'assign',
    'emit',
    'reply',
  ])('%s() of what is no object', (word) => {
    for (const value of VALUES) {
      // A function says or assigns something, and a string is a reply.
      const isFine =
        (word === 'reply' && value === 'x') ||
        (['assign', 'emit', 'reply'].includes(word) && typeof value === 'function');
      if (isFine) continue;
      const refused = expect.objectContaining({ code: expect.stringMatching(/^bad_/) as string });
      expect(() => words[word]?.(value), `${word}(${String(value)})`).toThrow(refused as Error);
    }
  });

  it('setupDialogue() of what is no object', () => {
    for (const value of VALUES) {
      expect(() => setupDialogue(value as never)).toThrow(
        /setupDialogue\(\) takes an object of options; it got/,
      );
    }
  });

  const slot = { question: '?', parse: integer() };
  it.each<[string, string, object, RegExp]>([
    [
      'bad_ask',
      'ask',
      { question: '?', parse: integer(), asign: 'a' },
      /^ask\(\): 'asign' is not an option; did you mean 'assign'\?$/,
    ],
    [
      'bad_ask',
      'ask',
      { question: '?', parse: integer(), timeout: { after: 1, targt: 'a' } },
      /'timeout\.targt' .*'timeout\.target'/,
    ],
    [
      'bad_ask',
      'ask',
      { question: '?', parse: integer(), timeout: [{ after: 1, sy: 'a' }] },
      /'timeout\.sy'/,
    ],
    [
      'bad_ask',
      'ask',
      { question: '?', parse: integer(), target: [{ gaurd: () => true, target: 'b' }] },
      /'target\.gaurd'/,
    ],
    ['bad_ask', 'choose', { question: '?', options: ['a'], asign: 'a' }, /choose\(\): 'asign'/],
    ['bad_ask', 'choose', { question: '?', options: ['a'], target: [{ traget: 'a' }] }, /'traget'/],
    [
      'bad_ask',
      'choose',
      { question: '?', options: ['a'], target: { a: { target: 'b', action: [] } } },
      /choose\(\): 'target\.a\.action' .*'target\.a\.actions'/,
    ],
    [
      'bad_ask',
      'choose',
      { question: '?', options: ['a'], target: { a: 1 } },
      /choose\(\): 'target\.a' is a state, or an object with a `target`; it got a number/,
    ],
    [
      'bad_ask',
      'choose',
      { question: '?', options: ['a'], target: { a: { actions: [] } } },
      /choose\(\): 'target\.a' has no `target`/,
    ],
    [
      'bad_ask',
      'confirm',
      { question: '?', yes: 'a', no: { target: 'b', action: [] } },
      /confirm\(\): 'no\.action' .*'no\.actions'/,
    ],
    ['bad_form', 'form', { slots: { a: slot }, taget: 'b' }, /form\(\): 'taget'/],
    [
      'bad_form',
      'form',
      { slots: { a: { ...slot, extrct: text() } }, target: 'b' },
      /'slots\.a\.extrct' .*'slots\.a\.extract'/,
    ],
    ['bad_option', 'commands', { help: { sya: 'x' } }, /commands\(\): 'help\.sya' .*'help\.say'/],
    [
      'bad_ask',
      'ask',
      { question: '?', parse: async () => ({ value: 1 }) },
      /'parse' is an async function\. A step cannot wait/,
    ],
    [
      'bad_ask',
      'ask',
      { question: '?', parse: integer(), target: [{ guard: async () => true, target: 'b' }] },
      /'target\.guard' is an async/,
    ],
    ['bad_ask', 'choose', { question: '?', options: async () => ['a'] }, /'options' is an async/],
    [
      'bad_form',
      'form',
      { slots: { a: { ...slot, when: async () => true } }, target: 'b' },
      /'slots\.a\.when' is an async/,
    ],
    ['bad_option', 'assign', { a: async () => 1 }, /assign\(\) got an async function/],
    ['bad_option', 'assign', async () => ({}), /assign\(\) got an async function/],
    ['bad_reply', 'reply', async () => 'x', /reply\(\) got an async function/],
  ])('%s from %s(%j)', (code, word, given, message) => {
    expect(() => words[word]?.(given)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error,
    );
  });

  it('an unknown key of setupDialogue(), and of its words', () => {
    expect(() => untyped({ actorss: {} })).toThrow(/setupDialogue\(\): 'actorss' .*'actors'/);
    expect(() => untyped({ words: { local: 'en' } })).toThrow(/'words\.local' .*'words\.locale'/);
  });

  it('events that it cannot declare', () => {
    expect(() => untyped({ events: { 'event.paid': {} } })).toThrow(/Leave out the 'event\.'/);
    expect(() => untyped({ events: { payment: {} } })).toThrow(/is an event of the library/);
    expect(() => untyped({ events: { paid: 'x' } })).toThrow(/'paid' is declared by an object/);
  });
});

describe('what returns a promise', () => {
  it('is refused where it is an async guard', () => {
    expect(() => on('message.text', { guard: async () => true, target: 'b' })).toThrow(
      /a guard is an async function/,
    );
    const named = untyped({ guards: { slow: async () => true } });
    const config = { id: 'd', context: {}, on: { 'message.text': { guard: 'slow' } } };
    expect(() => named['createDialogue']?.(config)).toThrow(/guard 'slow' is an async function/);
  });

  const later = (): unknown => Promise.reject(new Error('unhandled'));
  it.each<[string, object]>([
    ['a guard', { a: { on: { 'message.text': { guard: later, target: 'b' } } }, b: {} }],
    [
      'a guard of an answer',
      {
        a:
          words['ask']?.({
            question: '?',
            parse: text(),
            target: [{ guard: later, target: 'b' }],
          }) ?? {},
        b: {},
      },
    ],
    ['a parser', { a: words['ask']?.({ question: '?', parse: later, target: 'b' }) ?? {}, b: {} }],
    [
      'an extract',
      {
        a:
          words['form']?.({
            slots: { x: { question: '?', parse: text(), extract: later } },
            target: 'b',
          }) ?? {},
        b: {},
      },
    ],
    [
      'a `when`',
      {
        a:
          words['form']?.({
            slots: { x: { question: '?', parse: text(), when: later } },
            target: 'b',
          }) ?? {},
        b: {},
      },
    ],
  ])('fails the turn where it is %s', async (_what, states) => {
    const chat = converse(
      words['createDialogue']?.({ id: 'd', context: {}, initial: 'a', states }) as never,
    );
    await expect(
      (async () => {
        await chat.say('x');
        await chat.say('y');
      })(),
    ).rejects.toThrow(/returned a promise\. A step cannot wait/);
    await chat.close();
  });
});
