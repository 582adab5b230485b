import { integer, setupDialogue, text } from 'colloquy';

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
const ways: ('x' | 'y' | 'z')[] = [
  guarded.on['message.*'].target,
  dynamic.on['message.*'].target,
  staying.on['message.*'].target,
  byValue.on['message.*'].target,
];
void ways;
words.choose({
  question: '?',
  options: ['a', 'b'],
  // @ts-expect-error a value that is no option
  target: [{ guard: ({ value }) => value === 'c', target: 'x' }],
});
