import {
  choice,
  commandIntents,
  hear,
  integer,
  keywords,
  pattern,
  setupDialogue,
  text,
  until,
  within,
} from 'colloquy';
import * as v from 'valibot';
import { expectTypeOf } from 'vitest';
import { fromPromise } from 'xstate';
import { z } from 'zod';

interface Data {
  name?: string;
  age?: number;
  colour?: 'red' | 'blue';
  sure?: boolean;
  address?: { street: string };
}

const addressSetup = setupDialogue({
  types: {} as {
    context: { street?: string };
    input: { city: string };
    output: { street: string };
  },
});
const address = addressSetup.createDialogue({
  id: 'address',
  context: {},
  initial: 'street',
  states: {
    street: addressSetup.ask({
      question: 'Street?',
      parse: text(),
      assign: 'street',
      target: 'done',
    }),
    done: { type: 'final' },
  },
  output: ({ context }) => ({ street: context.street ?? '' }),
});

const words = setupDialogue({
  types: {} as { context: Data; tags: 'open' },
  actors: { address, lookUp: fromPromise(async () => 42) },
  intents: { ...commandIntents, order: pattern(/order (?<dish>.+)/iu), hours: keywords('hours') },
});

// An answer goes where the context takes it.
words.ask({ question: '?', parse: integer(), assign: 'age', target: 'next' });
words.ask({ question: '?', parse: z.coerce.number(), assign: 'age' });
words.ask({ question: '?', parse: v.pipe(v.string(), v.email()), assign: 'name' });
words.ask({ question: '?', parse: choice(['red', 'blue']), assign: 'colour' });
words.ask({
  question: ({ context }) => `${context.name}?`,
  parse: (message) => (message.type === 'message.text' ? { value: message.text } : { issue: '?' }),
  assign: ({ value, event, context }) => {
    expectTypeOf(value).toEqualTypeOf<string>();
    expectTypeOf(event.receivedAt).toEqualTypeOf<number | undefined>();
    return { name: `${context.name} ${value}` };
  },
  retry: ({ issue, attempt }) => `${attempt.toFixed()}: ${issue.trim()}`,
});
words.ask({
  question: '?',
  parse: integer(),
  target: [{ guard: ({ value }) => value.toFixed() === '1', target: 'one' }, { target: 'many' }],
});
// @ts-expect-error a number is no name
words.ask({ question: '?', parse: integer(), assign: 'name' });
// @ts-expect-error nor what a schema makes of a text
words.ask({ question: '?', parse: z.coerce.number(), assign: 'name' });
// @ts-expect-error green is not among the colours
words.ask({ question: '?', parse: choice(['red', 'green']), assign: 'colour' });
// @ts-expect-error there is no such key
words.ask({ question: '?', parse: integer(), assign: 'agee' });
// @ts-expect-error a question is said
words.ask({ question: 42, parse: integer() });
// @ts-expect-error a parser gives a value or an issue
words.ask({ question: '?', parse: () => 42 });
// @ts-expect-error a unit of time is one of a closed set
words.ask({ question: '?', parse: integer(), timeout: { after: { fortnights: 1 } } });
// @ts-expect-error what is not an option of a question
words.ask({ question: '?', parse: integer(), atempts: 3 });

words.choose({
  question: '?',
  options: ['red', { value: 'blue', label: 'Blue' }],
  assign: 'colour',
  target: { red: 'a', blue: 'b' },
});
// @ts-expect-error each value leads somewhere
words.choose({ question: '?', options: ['red', 'blue'], target: { red: 'a' } });
// @ts-expect-error green is not among the colours
words.choose({ question: '?', options: ['red', 'green'], assign: 'colour' });
words.confirm({ question: '?', assign: 'sure', yes: 'a', no: 'b' });
// @ts-expect-error a yes is no name
words.confirm({ question: '?', assign: 'name', yes: 'a', no: 'b' });
// @ts-expect-error a no leads somewhere, too
words.confirm({ question: '?', yes: 'a' });

words.form({
  slots: {
    age: { question: '?', parse: integer(), extract: within(/(\d+) years/u, integer()) },
    colour: {
      question: '?',
      options: ['red', { value: 'blue' }],
      when: ({ context }) => context.age === 1,
    },
    address: {
      dialogue: 'address',
      input: ({ context }) => ({ city: context.name ?? '' }),
      format: ({ street }) => street,
    },
  },
  order: ['age', 'colour', 'address'],
  target: 'next',
});
words.form({
  slots: {
    // @ts-expect-error a text is no age
    age: { question: '?', parse: text() },
  },
  target: 'next',
});
words.form({
  slots: {
    // @ts-expect-error there is no such key
    agee: { question: '?', parse: integer() },
  },
  target: 'next',
});
words.form({
  slots: {
    // @ts-expect-error there is no such sub-dialogue
    address: { dialogue: 'adress' },
  },
  target: 'next',
});
words.form({
  slots: {
    // @ts-expect-error its output is no name
    name: { dialogue: 'address', input: () => ({ city: '' }) },
  },
  target: 'next',
});
words.form({
  slots: {
    // @ts-expect-error its input wants a city
    address: { dialogue: 'address', input: () => ({ town: '' }) },
  },
  target: 'next',
});

const lists = setupDialogue({
  types: {} as { context: { cart?: ('tea' | 'cake')[]; guests?: readonly string[]; age?: number } },
});
lists.form({
  slots: {
    cart: {
      question: ({ context }) => `${context.cart?.length}?`,
      options: ['tea', 'cake'],
      list: true,
      when: ({ context }) => context.age === 1,
      format: (item) => item.toUpperCase(),
    },
    guests: {
      question: '?',
      parse: text(),
      list: true,
      min: 1,
      max: 3,
      format: (guest) => guest.trim(),
    },
  },
  target: 'next',
});
lists.form({
  slots: {
    // @ts-expect-error a number is no value of the list
    guests: { question: '?', parse: integer(), list: true },
  },
  target: 'next',
});
lists.form({
  slots: {
    // @ts-expect-error the list takes no such option
    cart: { question: '?', options: ['tea', 'wine'], list: true },
  },
  target: 'next',
});
lists.form({
  slots: {
    // @ts-expect-error an age is one value
    age: { question: '?', parse: integer(), list: true },
  },
  target: 'next',
});

words.expireIn({ minutes: 10 });
words.expireIn(null);
words.expireIn(({ context }) => ({ days: context.age ?? 1 }));
// @ts-expect-error a unit of time is one of a closed set
words.expireIn({ fortnights: 1 });

words.commands({ help: {}, cancel: { target: '.a', say: 'Bye.' }, hours: { say: 'From 9 to 5.' } });
words.commands({ hours: { guard: ({ event }) => event.score > 0.5 && event.text !== '' } });
// @ts-expect-error no such command, and no such intent
words.commands({ hlep: { say: 'Help.' } });
// @ts-expect-error not something to say
words.commands({ help: { say: 42 } });

hear('yes', /no/u).match({ type: 'message.text' })?.text.trim();
// @ts-expect-error neither a phrase nor a pattern
hear(42);

// Everything in its place: states, targets, intents, services.
const dialogue = words.createDialogue({
  id: 'typed',
  context: {},
  initial: 'age',
  on: {
    ...words.commands({ help: {}, cancel: { target: '.bye' } }),
    'intent.order': {
      target: '.bye',
      actions: words.reply(({ event }) => `${event.score.toFixed(1)} ${event.text}`),
    },
  },
  states: {
    age: words.ask({
      question: '?',
      parse: integer(),
      assign: 'age',
      target: 'search',
      otherwise: 'bye',
    }),
    search: {
      tags: 'open',
      invoke: {
        src: 'lookUp',
        onDone: {
          target: 'bye',
          actions: words.assign({ age: ({ event }) => event.output }),
        },
        onError: '#typed.bye',
      },
      on: {
        'message.text': { guard: hear('stop'), target: 'bye' },
        'message.*': { actions: words.repeat() },
      },
    },
    bye: words.done(({ context }) => `${context.age}`),
  },
});
expectTypeOf(dialogue.getInitialSnapshot({} as never).value).toExtend<
  'search' | 'bye' | { age: 'waiting' | `retry${number}` } | {}
>();

// @ts-expect-error there is no such state to begin with
words.createDialogue({
  id: 'wrong',
  context: {},
  initial: 'aeg',
  states: { age: {} },
});
words.createDialogue({
  id: 'wrong',
  context: {},
  initial: 'age',
  states: {
    // @ts-expect-error there is no such state to go to
    age: { on: { 'message.text': { target: 'bey' } } },
    bye: {},
  },
});
words.createDialogue({
  id: 'wrong',
  context: {},
  initial: 'age',
  states: {
    // @ts-expect-error nor from a question
    age: words.ask({ question: '?', parse: integer(), target: 'bye', otherwise: 'hooman' }),
    bye: {},
  },
});
words.createDialogue({
  id: 'wrong',
  context: {},
  initial: 'group',
  states: {
    group: {
      initial: 'inner',
      states: {
        // @ts-expect-error nor from a state within a state, nor after a service
        inner: { invoke: { src: 'lookUp', onDone: 'outer' } },
      },
    },
    outer: {},
  },
});
words.createDialogue({
  id: 'wrong',
  context: {},
  initial: 'age',
  states: {
    age: {
      on: {
        // @ts-expect-error an intent that is not declared
        'intent.oder': {},
      },
    },
  },
});
words.createDialogue({
  id: 'wrong',
  context: {},
  initial: 'age',
  states: {
    // @ts-expect-error a service that is not provided
    age: { invoke: { src: 'lookUpp' } },
  },
});
words.createDialogue({
  id: 'wrong',
  context: {},
  initial: 'age',
  states: {
    age: {
      invoke: {
        src: 'lookUp',
        onDone: {
          // @ts-expect-error the service gives a number
          actions: words.assign({ name: ({ event }) => event.output }),
        },
      },
    },
  },
});

// A service has the types of the actor that it names.
const serving = setupDialogue({
  types: {} as { context: Data },
  actors: {
    address,
    price: fromPromise(async ({ input }: { input: { item: string } }) => input.item.length),
    lookUp: fromPromise(async () => 42),
  },
});
serving.service({
  src: 'price',
  input: ({ context }) => ({ item: context.name ?? '' }),
  assign: 'age',
  done: {
    target: 'sure',
    guard: ({ event }) => event.output.toFixed() === '1',
    actions: serving.reply(({ event, context }) => `${event.output.toFixed()} ${context.name}`),
  },
  failed: [
    {
      guard: ({ event }) => {
        expectTypeOf(event.error).toEqualTypeOf<unknown>();
        return true;
      },
      target: 'sorry',
    },
    { target: 'sure', actions: [serving.assign({ age: 0 }), serving.clear('name')] },
  ],
  backoff: ({ attempt }) => ({ seconds: attempt }),
  busy: ({ context }) => `One moment, ${context.name}.`,
});
serving.service({
  src: 'lookUp',
  assign: ({ output, context }) => ({ name: `${context.name} ${output.toFixed()}` }),
  done: 'sure',
  failed: 'sorry',
});
// @ts-expect-error it takes an input
serving.service({ src: 'price', done: 'sure', failed: 'sorry' });
// @ts-expect-error a number is no name
serving.service({ src: 'lookUp', assign: 'name', done: 'sure', failed: 'sorry' });
// @ts-expect-error there is no such service
serving.service({ src: 'prize', done: 'sure', failed: 'sorry' });
// @ts-expect-error a sub-dialogue is no service
serving.service({ src: 'address', input: () => ({ city: '' }), done: 'sure', failed: 'sorry' });
// @ts-expect-error it can fail
serving.service({ src: 'lookUp', done: 'sure' });
serving.service({
  src: 'price',
  // @ts-expect-error it takes an item
  input: () => ({ itm: '' }),
  done: 'sure',
  failed: 'sorry',
});
serving.createDialogue({
  id: 'serving',
  context: {},
  initial: 'looking',
  states: {
    looking: serving.service({ src: 'lookUp', done: 'sure', failed: { target: 'sorry' } }),
    sure: serving.done(),
    sorry: serving.done(),
  },
});
serving.createDialogue({
  id: 'serving',
  context: {},
  initial: 'looking',
  states: {
    // @ts-expect-error there is no such state
    looking: serving.service({ src: 'lookUp', done: 'sure', failed: 'sorry' }),
    sure: serving.done(),
  },
});

// A question may be skipped, and left for the one before it.
words.createDialogue({
  id: 'skipping',
  context: {},
  initial: 'name',
  states: {
    name: words.ask({ question: '?', parse: text(), assign: 'name', target: 'sure' }),
    sure: words.confirm({
      question: '?',
      when: ({ context }) => context.name !== undefined,
      skipTo: 'over',
      back: 'name',
      yes: 'over',
      no: 'name',
    }),
    // @ts-expect-error there is no state 'naem'
    colour: words.choose({ question: '?', options: ['red'], target: 'over', back: 'naem' }),
    over: words.done(),
  },
});
// @ts-expect-error it says whether
words.ask({ question: '?', parse: text(), when: ({ context }) => context.name, target: 'over' });

setupDialogue({
  types: {} as { context: { day: string; at?: Date } },
  delays: {
    dayBefore: ({ context }) =>
      until({ from: context.day, days: -1, time: '9:00', timeZone: 'Asia/Shanghai' }),
    // @ts-expect-error a moment that may not be there
    thatDay: ({ context }) => until({ from: context.at, time: '9:00', timeZone: 'Asia/Shanghai' }),
  },
});

// A questionnaire keeps answers where the context takes them.
const asked = setupDialogue({
  types: {} as {
    context: {
      name?: string;
      age?: number | null;
      answers?: Record<string, string | number>;
      profile: { size?: 'small' | 'large' };
    };
  },
});
asked.questions({
  questions: [
    { key: 'name', question: 'Name?', parse: text() },
    {
      key: 'age',
      question: ({ context, number, total }) => `${number.toFixed()}/${total} ${context.name}?`,
      parse: integer(),
      when: ({ context }) => context.name !== undefined,
      required: false,
    },
  ],
  target: 'over',
});
asked.questions({
  answers: 'profile',
  questions: [{ key: 'size', question: 'Size?', options: ['small', 'large'] }],
  target: 'over',
});
const rows: { id: string; label: string }[] = [];
asked.questions({
  answers: 'answers',
  questions: rows.map(({ id, label }) => ({ key: id, question: label, parse: integer() })),
  target: 'over',
});
asked.questions({
  // @ts-expect-error a number is no name
  questions: [{ key: 'name', question: 'Name?', parse: integer() }],
  target: 'over',
});
asked.questions({
  // @ts-expect-error a name that is skipped would be null
  questions: [{ key: 'name', question: 'Name?', parse: text(), required: false }],
  target: 'over',
});
asked.questions({
  answers: 'profile',
  // @ts-expect-error there is no such key
  questions: [{ key: 'siez', question: 'Size?', options: ['small'] }],
  target: 'over',
});
// @ts-expect-error a name holds no answers
asked.questions({ answers: 'name', questions: [], target: 'over' });
asked.createDialogue({
  id: 'asked',
  context: { profile: {} },
  initial: 'asking',
  states: {
    asking: asked.questions({
      questions: [{ key: 'name', question: 'Name?', parse: text() }],
      target: 'over',
    }),
    over: asked.done(),
  },
});
