import {
  createContextStore,
  createRunner,
  integer,
  setupDialogue,
  text,
  type HandleOptions,
  type SayOptions,
} from 'colloquy';
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
