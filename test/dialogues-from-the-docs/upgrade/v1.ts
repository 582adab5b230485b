import { integer, setupDialogue } from 'colloquy';
import { fromPromise } from 'xstate';

const { choose, createDialogue, done, form, service } = setupDialogue({
  types: {} as { context: { people?: number; table?: string } },
  actors: { find: fromPromise(async () => 'T1') },
});

export const people = { question: 'For how many?', parse: integer({ min: 1, max: 9 }) };
export const timeout = { after: { minutes: 10 }, say: 'Are you still there?' };
export const patience = { timeout: { seconds: 30 }, busy: 'I am looking for a table.' };

export default createDialogue({
  id: 'booking',
  version: '1',
  context: {},
  initial: 'hello',
  states: {
    hello: choose({ question: 'Hello!', options: ['book'], target: 'table', otherwise: 'end' }),
    table: form({ slots: { people }, target: 'finding', otherwise: 'end', timeout }),
    finding: service({ src: 'find', assign: 'table', done: 'end', failed: 'end', ...patience }),
    end: done(({ context }) => `Table ${context.table} for ${context.people}.`),
  },
});
