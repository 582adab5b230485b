import {
  createContextStore,
  createRunner,
  integer,
  setupDialogue,
  text,
  type HandleOptions,
  type SayOptions,
} from 'colloquy';
import { fromPromise } from 'xstate';
import { memory } from 'colloquy/persist/memory';
import { converse } from 'colloquy/testing';

// Under `exactOptionalPropertyTypes` an option that is not known yet may be undefined: it is the same as none.
const none = undefined as undefined;
const words = setupDialogue({ types: {} as { context: { n?: number } } });
const dialogue = words.createDialogue({
  id: 'd',
  context: {},
  initial: 'a',
  states: {
    a: words.ask({
      question: '?',
      parse: integer({ min: none, max: none }),
      retry: none,
      attempts: none,
      otherwise: none,
      timeout: none,
      target: 'b',
    }),
    b: words.form({
      slots: { n: { question: '?', parse: integer(), extract: none, when: none } },
      confirm: none,
      order: none,
      target: 'c',
    }),
    c: words.done(),
  },
});
text({ minLength: none });
const store = createContextStore({ age: none, persister: none, lease: none });
createRunner(dialogue, { store, deadlineMs: none, onError: none, recognize: none });
memory(none, { shared: none });
converse(dialogue, { services: none, now: none, deadlineMs: none });
const options: [HandleOptions, SayOptions] = [{ id: none, deadlineMs: none }, { id: none }];
void options;

// The input of a service is of the author's own type: it says whether it takes undefined, or the value is left out.
const calling = setupDialogue({
  types: {} as { context: { item?: string } },
  actors: {
    loose: fromPromise(async ({ input }: { input: { item?: string | undefined } }) => input.item),
    strict: fromPromise(async ({ input }: { input: { item?: string } }) => input.item),
  },
});
calling.createDialogue({
  id: 'calling',
  context: {},
  initial: 'loose',
  states: {
    loose: {
      invoke: { src: 'loose', input: ({ context }) => ({ item: context.item }), onDone: 'strict' },
    },
    strict: {
      invoke: {
        src: 'strict',
        input: ({ context: { item } }) => ({ ...(item !== undefined && { item }) }),
        onDone: 'word',
      },
    },
    word: calling.service({
      src: 'loose',
      input: ({ context }) => ({ item: context.item }),
      done: 'end',
      failed: 'end',
    }),
    refused: calling.service({
      src: 'strict',
      // @ts-expect-error an item that is not there yet is undefined, which this service does not take
      input: ({ context }) => ({ item: context.item }),
      done: 'end',
      failed: 'end',
    }),
    end: calling.done(),
  },
});
