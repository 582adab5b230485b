import { integer, setupDialogue, text } from 'colloquy';
import { fromPromise } from 'xstate';

// A dialogue is closed, also where one function in it ends TypeScript's own check of excess keys.
const { createDialogue, createStateConfig, done, reply } = setupDialogue({
  types: {} as { context: { n: number } },
});
createDialogue({
  id: 'closed',
  context: { n: 0 },
  initial: 'p',
  states: {
    p: {
      on: {
        // @ts-expect-error a type that no event has
        'mesage.image': 'seen',
        'message.text': [
          { guard: ({ event }) => event.text === 'end', target: 'end' },
          { actions: reply('Hm.') },
        ],
        'message.*': { actions: reply('Pardon?') },
      },
    },
    seen: {
      // @ts-expect-error no key of a state
      entri: reply('A picture!'),
      on: {
        // @ts-expect-error an event that is not declared
        'event.folow': 'p',
        'event.follow': 'p',
        'event.*': 'p',
        'intent.*': 'p',
        'xstate.done.actor.x': 'p',
        'message.*': {
          target: 'end',
          // @ts-expect-error no key of a transition
          actoins: reply('bye'),
        },
      },
    },
    end: done('Bye.'),
  },
});
createDialogue({
  id: 'closed',
  context: { n: 0 },
  on: {
    'message.text': [
      { guard: ({ event }) => event.text === 'end', actions: reply('Bye.') },
      // @ts-expect-error no key of a transition
      { actions: reply('Hm.'), renter: true },
    ],
  },
});
createStateConfig({
  on: {
    // @ts-expect-error a type that no event has
    'message.txt': { guard: ({ context }) => context.n > 0 },
  },
});

const words = setupDialogue({
  types: {} as { context: { list: string[]; sum: string; n?: number; s?: string } },
  actors: { look: fromPromise(async () => {}) },
});

// A function that assigns is no key, whether or not TypeScript types its parameters by the word.
words.ask({ question: '?', parse: integer(), assign: () => ({ list: [] }), target: 'x' });
const toSum = ({ value }: { value: number }): { sum: string } => ({ sum: String(value) });
words.ask({ question: '?', parse: integer(), assign: toSum, target: 'x' });
words.ask({ question: '?', parse: integer(), assign: ({ value }) => ({ n: value }) });
words.confirm({ question: '?', assign: () => ({ n: 1 }), yes: 'a', no: 'b' });
words.choose({ question: '?', options: ['a', 'b'], assign: () => ({ n: 1 }), target: 'x' });
const key = 'n' as 'n' | 's';
// @ts-expect-error a text does not fit each of the keys
words.ask({ question: '?', parse: text(), assign: key });
// @ts-expect-error it assigns what the context does not take
words.ask({ question: '?', parse: integer(), assign: () => ({ n: 'x' }) });

// A choice has ways with guards, too, and each of them leads somewhere.
const guarded = words.choose({
  question: '?',
  options: ['a', 'b'],
  target: [
    { guard: ({ context, value }) => context.n === 0 && value === 'a', target: 'x' },
    { target: 'y' },
  ],
  otherwise: 'z',
});
const dynamic = words.choose({
  question: '?',
  options: ({ context }) => context.list,
  target: [{ guard: ({ context }) => context.n === 0, target: 'x' }, { target: 'y' }],
});
const staying = words.choose({
  question: '?',
  options: ['a', 'b'],
  target: [
    { guard: ({ value }) => value === 'a', target: 'x' },
    { actions: words.reply('Noted.') },
  ],
});
const byValue = words.choose({ question: '?', options: ['a', 'b'], target: { a: 'x', b: 'y' } });
const acting = words.choose({
  question: '?',
  options: ['a', 'b'],
  target: { a: 'x', b: { target: 'y', actions: words.clear('n') } },
});
const ways: ('x' | 'y' | 'z')[] = [
  guarded.on['message.*'].target,
  dynamic.on['message.*'].target,
  staying.on['message.*'].target,
  byValue.on['message.*'].target,
  acting.on['message.*'].target,
];
// In a dialogue, too, where TypeScript knows what is expected of a state.
words.createDialogue({
  id: 'ways',
  context: { list: [], sum: '' },
  initial: 'byValue',
  states: {
    byValue: words.choose({
      question: '?',
      options: ['a', 'b'],
      target: { a: 'guarded', b: { target: 'guarded', actions: words.clear('n') } },
    }),
    guarded: words.choose({
      question: '?',
      options: ['a', 'b'],
      target: [
        {
          guard: ({ value }) => value === 'a',
          target: 'sure',
          actions: [words.clear('n'), words.reply('?')],
        },
        { target: 'sure' },
      ],
    }),
    sure: words.confirm({
      question: '?',
      yes: 'end',
      no: { target: 'end', actions: [words.clear('n'), words.reply('?')] },
    }),
    end: words.done(),
  },
});
// In a dialogue, the target of each word exists.
words.createDialogue({
  id: 'nowhere',
  context: { list: [], sum: '' },
  initial: 'end',
  states: {
    end: words.done(),
    // @ts-expect-error there is no state 'no' to go to
    s0: words.choose({ question: '?', options: ['a', 'b'], target: 'no' }),
    // @ts-expect-error there is no state 'no' to go to
    s1: words.choose({ question: '?', options: ['a', 'b'], target: { a: 'end', b: 'no' } }),
    // @ts-expect-error there is no state 'no' to go to
    s2: words.choose({
      question: '?',
      options: ['a', 'b'],
      target: { a: 'end', b: { target: 'no', actions: words.clear('n') } },
    }),
    // @ts-expect-error there is no state 'no' to go to
    s3: words.choose({
      question: '?',
      options: ['a', 'b'],
      target: [{ guard: ({ value }) => value === 'a', target: 'no' }, { target: 'end' }],
    }),
    // @ts-expect-error there is no state 'no' to go to
    s4: words.choose({ question: '?', options: ['a', 'b'], target: 'end', otherwise: 'no' }),
    // @ts-expect-error there is no state 'no' to go to
    s5: words.choose({
      question: '?',
      options: ['a', 'b'],
      target: 'end',
      timeout: { after: { hours: 1 }, target: 'no' },
    }),
    // @ts-expect-error there is no state 'no' to go to
    s6: words.ask({ question: '?', parse: text(), target: 'no' }),
    // @ts-expect-error there is no state 'no' to go to
    s7: words.ask({
      question: '?',
      parse: text(),
      target: [{ target: 'no', actions: words.clear('n') }],
    }),
    // @ts-expect-error there is no state 'no' to go to
    s8: words.confirm({
      question: '?',
      yes: 'end',
      no: { target: 'no', actions: words.clear('n') },
    }),
    // @ts-expect-error there is no state 'no' to go to
    s9: words.form({ slots: { s: { question: '?', parse: text() } }, target: 'no' }),
    // @ts-expect-error there is no state 'no' to go to
    s10: words.questions({ questions: [{ key: 's', question: '?', parse: text() }], target: 'no' }),
    // @ts-expect-error there is no state 'no' to go to
    s11: words.service({ src: 'look', done: 'no', failed: 'end' }),
    // @ts-expect-error there is no state 'no' to go to
    s12: words.service({
      src: 'look',
      done: 'end',
      failed: [{ guard: () => true, target: 'no' }, { target: 'end' }],
    }),
  },
});
words.choose({
  question: '?',
  options: ['a', 'b'],
  // @ts-expect-error what is no key of a way
  target: { a: 'x', b: { target: 'y', action: words.clear('n') } },
});
void ways;
words.choose({
  question: '?',
  options: ['a', 'b'],
  // @ts-expect-error a value that is no option
  target: [{ guard: ({ value }) => value === 'c', target: 'x' }],
});

/** A state from a function keeps its types, whatever the function says that it returns. */
export function stateOf(next: string): [string, object] {
  const state = createStateConfig({
    on: {
      'message.text': {
        guard: ({ event }) => event.text === 'go',
        target: next,
        actions: reply(({ event }) => event.text),
      },
    },
  });
  return [next, state];
}

export const stateFor = (next: string): [string, object] => [
  next,
  createStateConfig({
    on: { 'message.text': { guard: ({ event }) => event.text === 'go', target: next } },
  }),
];
// A state knows its context, whatever type is expected of it.
export function made(): [string, object][] {
  const guarded = { guard: ({ context }: { context: { n?: number } }) => context.n === 1 };
  return [
    ['a', words.createStateConfig({ on: { 'message.text': { ...guarded, target: 'end' } } })],
    [
      'b',
      words.createStateConfig({
        on: { 'message.text': { guard: ({ context }) => context.n === 1, target: 'end' } },
      }),
    ],
  ];
}

// States that a program makes of data stand in a state of their own.
const generated = Object.fromEntries(
  ['q1', 'q2'].map((id, at, all) => [
    id,
    words.ask({ question: id, parse: text(), target: all[at + 1] ?? '#generated.end' }),
  ]),
);
words.createDialogue({
  id: 'generated',
  context: { list: [], sum: '' },
  initial: 'all',
  states: { all: { initial: 'q1', states: generated }, end: words.done() },
});
