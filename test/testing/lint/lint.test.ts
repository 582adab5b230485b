import { type AnyStateMachine, assign, fromPromise, setup } from 'xstate';
import { describe, expect, it } from 'vitest';
import { commandIntents, hear, integer, setupDialogue, text } from 'colloquy';
import {
  type LintOptions,
  type LintRule,
  converse,
  formatFindings,
  lintDialogue,
} from 'colloquy/testing';

const words = setupDialogue({
  types: {} as { context: Record<string, unknown> },
  intents: { ...commandIntents },
  actors: { lookUp: fromPromise(async () => 'sunny') },
});
const { reply } = words;

/** The paths at which one rule finds something. */
function paths(rule: LintRule, dialogue: AnyStateMachine, options: LintOptions = {}): string[] {
  return lintDialogue(dialogue, options)
    .filter((finding) => finding.rule === rule)
    .map(({ path }) => path);
}

const wait = { on: { 'message.*': { actions: reply('I wait.') } } } as const;
const make = (config: object): AnyStateMachine =>
  words.createDialogue({ id: 'made', context: {}, ...config } as never) as never;

describe('unreachable-state', () => {
  it('tells the outermost of nested states, and a region is entered with its parallel state', () => {
    const dialogue = make({
      initial: 'both',
      states: {
        both: {
          type: 'parallel',
          states: { left: { initial: 'a', states: { a: wait } }, right: wait },
        },
        island: { initial: 'a', states: { a: { on: { 'message.*': 'b' } }, b: wait } },
      },
    });
    expect(paths('unreachable-state', dialogue)).toEqual(['island']);
  });

  it('knows that what is never done leads nowhere', () => {
    const never = make({
      initial: 'inner',
      states: {
        inner: { initial: 'a', states: { a: wait, end: { type: 'final' } }, onDone: 'after' },
        after: wait,
      },
    });
    expect(paths('unreachable-state', never)).toEqual(['inner.end', 'after']);
  });

  it('follows a history state to its default', () => {
    const dialogue = make({
      initial: 'a',
      states: {
        a: { on: { 'message.*': 'group.back' } },
        group: {
          initial: 'first',
          states: {
            first: { on: { 'message.*': 'second' } },
            second: wait,
            third: wait,
            back: { type: 'history', target: 'third' },
          },
        },
      },
    });
    expect(paths('unreachable-state', dialogue)).toEqual(['group.first', 'group.second']);
  });
});

describe('no-way-out', () => {
  it('counts a way back to the beginning as a way out, so a dialogue may run forever', () => {
    const dialogue = make({
      initial: 'open',
      states: { open: { on: { 'message.*': 'shut' } }, shut: { on: { 'message.*': 'open' } } },
    });
    expect(paths('no-way-out', dialogue)).toEqual([]);
    expect(paths('no-way-out', make({ initial: 'open', states: { open: wait } }))).toEqual([]);
  });

  it('tells one state of a trap of several, and a state that takes nothing', () => {
    const trap = make({
      initial: 'open',
      states: {
        open: { on: { 'message.text': 'one', 'message.*': 'deaf' } },
        one: { on: { 'message.*': 'two' } },
        two: { on: { 'message.*': 'one' } },
        deaf: {},
      },
    });
    expect(paths('no-way-out', trap)).toEqual(['one', 'deaf']);
  });

  it('lets a command or a delay of the dialogue around lead out', () => {
    const inner = make({ initial: 'a', states: { a: { on: { 'message.*': 'b' } }, b: wait } });
    const around = (on: object): AnyStateMachine =>
      setupDialogue({
        types: {} as { context: {} },
        actors: { inner: inner as never },
        intents: { ...commandIntents },
      }).createDialogue({
        id: 'outer',
        context: {},
        initial: 'in',
        states: { in: { invoke: { src: 'inner' }, ...on }, out: { type: 'final' } },
      } as never) as never;
    expect(paths('no-way-out', around({ on: { 'intent.cancel': 'out' } }))).toEqual([]);
    expect(paths('no-way-out', around({ after: { 1000: 'out' } }))).toEqual([]);
    expect(paths('no-way-out', inner)).toEqual(['b']);
  });
});

describe('no-fallback', () => {
  it('finds a fallback around a state, and in the region beside it', () => {
    const deaf = { on: { 'message.text': { guard: hear('x'), target: 'heard' } } };
    const around = make({
      initial: 'deaf',
      states: { deaf, heard: {} },
      ...wait,
    });
    expect(paths('no-fallback', around)).toEqual([]);
    const beside = make({
      type: 'parallel',
      states: {
        one: { initial: 'deaf', states: { deaf, heard: {} } },
        two: { initial: 'a', states: { a: wait } },
      },
    });
    expect(paths('no-fallback', beside)).toEqual([]);
  });

  it('wants one without a guard', () => {
    const guarded = make({
      initial: 'a',
      states: { a: { on: { 'message.*': { guard: hear('x'), target: 'b' } } }, b: words.done() },
    });
    expect(paths('no-fallback', guarded)).toEqual(['a']);
  });
});

describe('service-without-error', () => {
  it('wants a branch without a guard, and finds one around the state', () => {
    const invoking = (onError: object, around: object = {}): AnyStateMachine =>
      make({
        ...around,
        initial: 'looking',
        states: {
          looking: { invoke: { id: 'it', src: 'lookUp', onDone: 'told', ...onError }, ...wait },
          told: words.done(),
        },
      });
    const guarded = { onError: { guard: () => true, target: 'told' } };
    expect(paths('service-without-error', invoking(guarded))).toEqual(['looking']);
    expect(paths('service-without-error', invoking({ onError: 'told' }))).toEqual([]);
    const around = { on: { 'xstate.error.actor.it': '.told' } };
    expect(paths('service-without-error', invoking({}, around))).toEqual([]);
  });
});

describe('unlimited-question', () => {
  const asking = (more: object, on: object = {}): AnyStateMachine =>
    make({
      initial: 'name',
      on,
      states: {
        name: words.ask({ question: 'Name?', parse: text(), target: 'over', ...more } as never),
        over: words.done(),
      },
    });

  it('accepts a command that leads away, unless an option says otherwise', () => {
    const commanded = asking({}, words.commands({ cancel: '.over', help: {} }));
    expect(paths('unlimited-question', commanded)).toEqual([]);
    const rules = { 'unlimited-question': { commands: false } };
    expect(paths('unlimited-question', commanded, { rules })).toEqual(['name']);
    expect(paths('unlimited-question', asking({}, words.commands({ help: {} })))).toEqual(['name']);
  });

  it('knows the limits of questions and of forms', () => {
    expect(paths('unlimited-question', asking({ attempts: 1, otherwise: 'over' }))).toEqual([]);
    const form = (more: object): AnyStateMachine =>
      make({
        initial: 'form',
        states: {
          form: words.form({
            slots: { name: { question: 'Name?', parse: text() } },
            confirm: false,
            target: 'over',
            ...more,
          } as never),
          over: words.done(),
        },
      });
    // “back” leads nowhere from the first slot.
    expect(paths('unlimited-question', form({}))).toEqual(['form.name']);
    expect(paths('unlimited-question', form({ otherwise: 'over' }))).toEqual([]);
  });
});

describe('missing-translation', () => {
  const speaking = (wordsOptions: object): AnyStateMachine => {
    const { ask, choose, commands, confirm, createDialogue, done, form } = setupDialogue({
      types: {} as { context: { name?: string } },
      intents: { ...commandIntents },
      words: wordsOptions,
    });
    return createDialogue({
      id: 'speaking',
      context: {},
      initial: 'sure',
      on: commands({ help: {}, cancel: '.over' }),
      states: {
        sure: confirm({
          question: 'Ja?',
          yes: 'color',
          no: 'age',
          timeout: { after: { minutes: 1 } },
        }),
        color: choose({
          question: 'Farbe?',
          options: ['rot', 'blau'],
          target: 'age',
          retry: 'Na?',
        }),
        age: ask({ question: 'Alter?', parse: integer({ min: 1, max: 99 }), target: 'form' }),
        form: form({
          slots: { name: { question: 'Name?', parse: text({ minLength: 2 }) } },
          target: 'over',
        }),
        over: done(),
      },
    });
  };

  it('is content with the library’s own languages, and with a translate that knows all', () => {
    const locales = { rules: { 'missing-translation': { locales: ['zh-TW', 'en-GB'] } } };
    expect(paths('missing-translation', speaking({}), locales)).toEqual([]);
    const translated = speaking({ locale: 'de', translate: () => 'Ja.' });
    expect(paths('missing-translation', translated)).toEqual([]);
  });

  it('names what the dialogue says, in the locales that users are said to have', () => {
    const missing = (prompts: object): string[] =>
      lintDialogue(speaking({ prompts: { de: prompts } }), {
        rules: { 'missing-translation': { locales: ['de'] } },
      })
        .filter(({ rule }) => rule === 'missing-translation')
        .map(({ message }) => message);
    expect(missing({})).toEqual([
      "In 'de' this is said in English: issue.text, issue.tooShort, issue.integer, issue.between, issue.severalNumbers and 10 more.",
    ]);
    const known = {
      'issue.text': '',
      'issue.tooShort': '',
      'issue.integer': '',
      'issue.between': '',
      'issue.severalNumbers': '',
      'issue.choice': '',
      'issue.confirm': '',
      'form.line': '',
      'form.confirm': '',
      'form.change': '',
    };
    // The choice says nothing here: it has its own words.
    expect(missing(known)).toEqual([
      "In 'de' this is said in English: command.help, answer.yes, answer.no, form.first, ask.reminder.",
    ]);
  });

  it('names what a list of a form says', () => {
    const said = [
      'issue.choice',
      'issue.confirm',
      'issue.listMin',
      'answer.yes',
      'answer.no',
    ].concat(['form.line', 'form.confirm', 'form.change']);
    const de = Object.fromEntries(said.map((key) => [key, '']));
    const own = setupDialogue({
      types: {} as { context: { cart?: string[] } },
      words: { prompts: { de } },
    });
    const slots = { cart: { question: 'Was?', options: ['Tee'], list: true } } as const;
    const dialogue = own.createDialogue({
      id: 'cart',
      context: {},
      initial: 'form',
      states: { form: own.form({ slots, target: 'end' }), end: own.done('Danke.') },
    });
    const locales = { 'missing-translation': { locales: ['de'] } };
    const found = lintDialogue(dialogue, { rules: locales }).find(
      ({ rule }) => rule === 'missing-translation',
    );
    expect(found?.message).toContain('choice.number, list.more, list.all');
  });
});

describe('context-not-plain and shared-context', () => {
  it('look at the context that comes of the input, and at the input', () => {
    const dialogue = make({
      context: ({ input }: { input: { user: unknown } }) => ({ user: input.user }),
      initial: 'a',
      states: { a: wait },
    });
    const input = { user: { name: 'Ann' } };
    expect(lintDialogue(dialogue, { input })).toEqual([]);
    expect(paths('context-not-plain', dialogue, { input: { user: new URL('http://x') } })).toEqual([
      '',
      '',
    ]);
  });

  it('take what is frozen, or copied, and not what an assign shares', () => {
    const frozen = Object.freeze({ items: Object.freeze([]) });
    const context = { initial: 'a', states: { a: wait } };
    expect(paths('shared-context', make({ ...context, context: () => ({ frozen }) }))).toEqual([]);
    expect(paths('shared-context', make({ ...context, context: { cart: [] } }))).toEqual([]);
    const shared = make({
      initial: 'a',
      states: { a: { on: { 'message.*': { actions: assign({ cart: [], made: () => [] }) } } } },
    });
    expect(paths('shared-context', shared)).toEqual(['a']);
  });
});

describe('reply-over-limits', () => {
  it('measures questions, what is made of the first context, and kinds', () => {
    const dialogue = make({
      initial: 'name',
      states: {
        name: words.ask({
          question: () => 'Long?'.repeat(10),
          parse: text(),
          target: 'photo',
          otherwise: 'photo',
        }),
        photo: words.done({ type: 'image', url: 'https://x/y.png' }),
      },
    });
    const limits = { text: { max: 20, unit: 'bytes' }, kinds: ['text'] } as const;
    expect(paths('reply-over-limits', dialogue, { channels: [{ name: 'sms', limits }] })).toEqual([
      'name',
      'photo',
    ]);
    expect(paths('reply-over-limits', dialogue, { channels: [{ name: 'any' }] })).toEqual([]);
  });
});

describe('shadowed-transition', () => {
  it('finds what an earlier one, an always, or all states below go before', () => {
    const dialogue = make({
      initial: 'a',
      on: { 'message.image': { actions: reply('A picture!') }, 'intent.help': '.b' },
      states: {
        a: { on: { 'message.*': ['b', 'c'] } },
        b: { always: 'c', on: { 'message.*': 'a' } },
        c: { on: { 'message.text': 'a', 'message.*': 'a' } },
      },
    });
    expect(paths('shadowed-transition', dialogue)).toEqual(['', 'a', 'b']);
  });

  it('lets guards and other kinds of messages through', () => {
    const dialogue = make({
      initial: 'a',
      on: { 'message.image': { actions: reply('A picture!') } },
      states: {
        a: { on: { 'message.*': [{ guard: hear('x'), target: 'b' }, 'b'] } },
        b: { on: { 'message.text': 'a' } },
      },
    });
    expect(paths('shadowed-transition', dialogue)).toEqual([]);
  });

  it('finds an answer behind one that has no guard', () => {
    const dialogue = make({
      initial: 'name',
      states: {
        name: words.ask({
          question: 'Name?',
          parse: text(),
          target: [{ target: 'over' }, { guard: ({ value }) => value === 'x', target: 'over' }],
          otherwise: 'over',
        }),
        over: words.done(),
      },
    });
    expect(paths('shadowed-transition', dialogue)).toEqual(['name']);
  });
});

describe('option-like-command', () => {
  const offering = (
    options: readonly (string | { value: string; label: string })[],
    on: object = {},
  ) =>
    make({
      initial: 'which',
      on: { 'intent.cancel': '.over', 'intent.help': { actions: reply('Help!') } },
      states: {
        which: words.choose({
          question: 'Which?',
          options,
          target: 'over',
          otherwise: 'over',
          on,
        } as never),
        over: words.done(),
      },
    });

  it.each<[string, readonly (string | { value: string; label: string })[]]>([
    ['a value', [{ value: 'cancel', label: 'An order' }]],
    ['a label', [{ value: 'a', label: 'Help' }]],
    ['a label with a mark behind it', [{ value: 'a', label: 'Stop!' }]],
    ['the first word of a label', [{ value: 'a', label: 'Cancel an order' }]],
    ['a label in Chinese', [{ value: 'a', label: '取消订单' }]],
    ['the second option', ['tea', 'quit']],
    ['several words', [{ value: 'a', label: 'Never mind' }]],
    ['another case', ['EXIT']],
  ])('finds %s that is a command', (_what, options) => {
    expect(paths('option-like-command', offering(options))).toEqual(['which']);
  });

  it.each<[string, readonly (string | { value: string; label: string })[]]>([
    ['other words', ['tea', 'coffee']],
    ['a word behind the first', [{ value: 'a', label: 'My bus stop' }]],
    ['a longer word', ['cancellation', 'helpful']],
    ['a command that is heard nowhere here', ['back', 'restart']],
  ])('lets %s through', (_what, options) => {
    expect(paths('option-like-command', offering(options))).toEqual([]);
  });

  it('leaves alone what the question takes itself', () => {
    const dialogue = offering(['cancel'], { 'intent.cancel': 'over' });
    expect(paths('option-like-command', dialogue)).toEqual([]);
  });

  it.each<[string, object, string[]]>([
    ['where the command leads', { cancel: 'over', keep: 'asking' }, []],
    [
      'there with actions',
      { cancel: { target: 'over', actions: reply('Well.') }, keep: 'asking' },
      [],
    ],
    ['elsewhere', { cancel: 'asking', keep: 'over' }, ['asking.which']],
  ])('asks whether the option leads %s', (_, target, found) => {
    const choosing = words.choose({
      question: 'Which?',
      options: ['cancel', 'keep'],
      target: 'over',
      ...({ target } as object),
      otherwise: 'over',
    });
    const dialogue = make({
      initial: 'asking',
      on: { 'intent.cancel': '.gone' },
      states: {
        asking: {
          initial: 'which',
          on: { 'intent.cancel': '.over' },
          states: { which: choosing, asking: { always: 'over' }, over: words.done() },
          onDone: 'gone',
        },
        gone: words.done(),
      },
    });
    expect(paths('option-like-command', dialogue)).toEqual(found);
  });

  it('looks at the yes and no of a confirmation, and at choices that are made by hand', () => {
    const dialogue = make({
      initial: 'sure',
      on: { 'intent.cancel': '.over' },
      states: {
        sure: words.confirm({ question: 'Sure?', yes: 'how', no: 'how', otherwise: 'over' }),
        how: words.ask({
          question: { type: 'choices', text: 'How?', options: [{ value: 'stop' }] },
          parse: text(),
          target: 'over',
          otherwise: 'over',
        }),
        over: words.done(),
      },
    });
    expect(paths('option-like-command', dialogue)).toEqual(['how']);
  });
});

describe('lintDialogue', () => {
  it('lints a machine of XState’s own setup', () => {
    const plain = setup({}).createMachine({ id: 'plain', initial: 'a', states: { a: {} } });
    expect(lintDialogue(plain).map(({ rule }) => rule)).toEqual(['no-way-out', 'no-fallback']);
  });

  it('refuses a rule that does not exist', () => {
    const dialogue = make({ initial: 'a', states: { a: wait } });
    expect(() => lintDialogue(dialogue, { rules: { typo: false } as never })).toThrow(
      "There is no lint rule 'typo'.",
    );
  });

  it('is formatted for reading', () => {
    const dialogue = make({ initial: 'a', states: { a: wait, b: words.done() } });
    expect(formatFindings(lintDialogue(dialogue))).toBe(
      [
        'warning unreachable-state (made: b)',
        "  Nothing leads to the state 'b'.",
        '  Name it as the target of a transition, or delete it.',
      ].join('\n'),
    );
  });
});

describe('many-options', () => {
  const names = (count: number) => Array.from({ length: count }, (_, index) => `n${index}`);
  const end = { type: 'final' } as const;

  it.each([
    ['choose with 20', words.choose({ question: '?', options: names(20), target: 'end' }), []],
    ['choose with 21', words.choose({ question: '?', options: names(21), target: 'end' }), ['q']],
    [
      'choose by the context',
      words.choose({ question: '?', options: () => names(40), target: 'end' }),
      ['q'],
    ],
    [
      'choose that needs a conversation',
      words.choose({ question: '?', options: ({ context }) => context['x'] as string[] }),
      [],
    ],
    [
      'a slot',
      words.form({ slots: { x: { question: '?', options: names(21) } }, target: 'end' }),
      ['q.x'],
    ],
    [
      'a form of 21 slots',
      words.form({
        slots: Object.fromEntries(names(21).map((n) => [n, { question: '?', parse: text() }])),
        target: 'end',
      }),
      ['q.correct'],
    ],
    [
      'a form of 20 slots',
      words.form({
        slots: Object.fromEntries(names(20).map((n) => [n, { question: '?', parse: text() }])),
        target: 'end',
      }),
      [],
    ],
  ])('counts the options of %s', (_, q, found) => {
    const dialogue = make({ initial: 'q', states: { q, end } });
    expect(paths('many-options', dialogue)).toEqual(found);
  });
});

describe('parallel-questions', () => {
  const question = words.ask({ question: '?', parse: text() });
  const child = setupDialogue({}).createDialogue({ id: 'child', ...wait } as never);
  const own = setupDialogue({ actors: { child } });

  it.each([
    ['two that ask', { a: question, b: question }, ['']],
    [
      'two that ask further down',
      { a: { initial: 'x', states: { x: question } }, b: question },
      [''],
    ],
    ['one that asks', { a: question, b: wait }, []],
    ['a question and a sub-dialogue', { a: question, b: { invoke: { src: 'child' } } }, ['']],
    ['none that asks', { a: wait, b: wait }, []],
  ])('finds regions: %s', (_, states, found) => {
    const dialogue = own.createDialogue({ id: 'made', type: 'parallel', states } as never);
    expect(paths('parallel-questions', dialogue as never)).toEqual(found);
  });

  it('does not mind questions one after the other', () => {
    const dialogue = make({ initial: 'a', states: { a: question, b: question } });
    expect(paths('parallel-questions', dialogue)).toEqual([]);
  });
});

describe('restarted-region', () => {
  const two = { initial: 'x', states: { x: { on: { 'message.*': 'y' } }, y: wait } };
  const timed = { after: { 1000: { actions: reply('late') } }, ...wait };
  const both = (a: object, b: object, on: object = {}) => ({
    type: 'parallel',
    states: { a, b },
    on,
  });
  const scan = (target: unknown) => ({ 'event.scan': { target } });

  it.each([
    ['the parallel state itself', both(two, two, scan('.a.y')), ['']],
    [
      'a state around it',
      { initial: 'p', on: scan('.p.a.y'), states: { p: both(two, two) } },
      [''],
    ],
    ['one that has a timer', both(two, timed, scan('.a.y')), ['']],
    ['into a region that is a state alone', both(wait, two, scan('.a')), ['']],
    ['beside a region that does nothing else', both(two, wait, scan('.a.y')), []],
    ['into both at once', both(two, two, scan(['.a.y', '.b.x'])), []],
    ['within one region', both({ ...two, on: scan('.y') }, two), []],
    [
      'from beside it',
      { initial: 'o', states: { o: { on: scan('#made.p.a.y') }, p: both(two, two) } },
      [],
    ],
  ])('finds transitions of %s', (_, config, found) => {
    expect(paths('restarted-region', make(config))).toEqual(found);
  });

  it('does not mind commands, which leave the other regions as they are', () => {
    const on = setupDialogue({ intents: commandIntents }).commands({ cancel: '.a.y' });
    expect(paths('restarted-region', make(both(two, two, on)))).toEqual([]);
  });

  it('is what XState does', async () => {
    const chat = converse(make(both(two, two, scan('.a.y'))));
    await chat.say('hi');
    expect(chat.state).toBe('a.y, b.y');
    await chat.send({ type: 'event.scan' });
    expect(chat.state).toBe('a.y, b.x');
  });
});

describe('parallel-answers', () => {
  const question = words.ask({ question: '?', parse: text() });
  const says = (event: string, more: object = {}) => ({
    on: { [event]: { actions: reply('Yes.'), ...more } },
  });

  it.each<[string, object, object, string[]]>([
    ['the same message', says('message.image'), says('message.image'), ['']],
    ['one message and all', says('message.image'), says('message.*'), ['']],
    ['an intent', says('intent.help'), says('intent.help'), ['']],
    ['a question and a message', question, says('message.text'), ['']],
    ['further down', { initial: 'x', states: { x: says('message.*') } }, says('message.*'), ['']],
    ['two questions, which another rule finds', question, question, []],
    ['another message', says('message.image'), says('message.voice'), []],
    ['an intent beside a message', says('intent.help'), says('message.*'), []],
    ['one with a guard', says('message.*', { guard: () => true }), says('message.*'), []],
    ['one that says nothing', { on: { 'message.*': {} } }, says('message.*'), []],
    [
      'delays, which are no messages',
      { after: { 9: { actions: reply('a') } } },
      { after: { 9: { actions: reply('b') } } },
      [],
    ],
  ])('finds regions that answer %s', (_, a, b, found) => {
    expect(paths('parallel-answers', make({ type: 'parallel', states: { a, b } }))).toEqual(found);
  });
});

describe('parallel-never-done', () => {
  const ends = { initial: 'x', states: { x: { on: { 'message.*': 'y' } }, y: { type: 'final' } } };
  const never = { initial: 'x', states: { x: { on: { 'message.*': 'x' } }, y: { type: 'final' } } };

  it.each<[string, object, string[]]>([
    ['with a region without a final state', { states: { a: ends, b: wait }, onDone: 'end' }, ['p']],
    ['whose final state is never reached', { states: { a: ends, b: never }, onDone: 'end' }, ['p']],
    [
      'with a region whose regions do not end',
      { states: { a: ends, b: { type: 'parallel', states: { c: ends, d: wait } } }, onDone: 'end' },
      ['p'],
    ],
    ['whose regions all end', { states: { a: ends, b: ends }, onDone: 'end' }, []],
    ['without an `onDone`', { states: { a: ends, b: wait } }, []],
  ])('finds a parallel state %s', (_, p, found) => {
    const dialogue = make({
      initial: 'p',
      states: { p: { type: 'parallel', ...p }, end: words.done() },
    });
    expect(paths('parallel-never-done', dialogue)).toEqual(found);
  });
});
