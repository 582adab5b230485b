import { type AnyStateMachine, fromPromise } from 'xstate';
import { setupDialogue } from '../../dialogue/define/setup.ts';
import { commandIntents } from '../../dialogue/define/commands.ts';
import { text } from '../../dialogue/parsers/text.ts';
import { integer } from '../../dialogue/parsers/integer.ts';

interface Booking {
  people?: number;
  name?: string;
  table?: string;
}

const words = setupDialogue({
  types: {} as { context: Booking },
  actors: {
    findTable: fromPromise<string | undefined, { readonly people: number }>(async ({ input }) =>
      input.people > 8 ? undefined : `table ${input.people + 1}`,
    ),
  },
  intents: commandIntents,
});
const { ask, choose, confirm, createDialogue, done, reply, service } = words;

/** What `colloquy studio` shows where it is given no dialogue: a few questions, a service and a reminder. */
export const exampleDialogue: AnyStateMachine = createDialogue({
  id: 'table',
  version: '1',
  context: {},
  initial: 'people',
  on: words.commands({
    help: { say: 'Answer the question, or say “back” or “start over”.' },
    restart: { target: '.people', say: 'From the beginning, then.' },
  }),
  states: {
    people: ask({
      question: 'A table for tonight. For how many people?',
      parse: integer({ min: 1, max: 20 }),
      assign: 'people',
      timeout: { after: { minutes: 10 }, say: 'Are you still there? How many will you be?' },
      target: 'finding',
    }),
    finding: service({
      src: 'findTable',
      input: ({ context }) => ({ people: context.people ?? 1 }),
      assign: 'table',
      busy: 'One moment, please.',
      done: [
        { guard: ({ event }) => event.output === undefined, target: 'full' },
        { target: 'name' },
      ],
      failed: { target: 'full', actions: reply('The book of reservations does not answer.') },
    }),
    full: choose({
      question: 'There is no such table. Shall we try again?',
      options: [
        { value: 'again', label: 'Try again' },
        { value: 'stop', label: 'Never mind' },
      ],
      target: { again: 'people', stop: 'nothing' },
    }),
    name: ask({
      question: ({ context }) => `We have ${context.table}. What is your name?`,
      parse: text({ maxLength: 40 }),
      assign: 'name',
      back: 'people',
      target: 'sure',
    }),
    sure: confirm({
      question: ({ context }) => `${context.table} for ${context.people}, ${context.name}?`,
      back: 'name',
      yes: 'booked',
      no: 'people',
    }),
    booked: {
      entry: [reply('It is yours. We remind you in two hours.'), words.clear('people', 'table')],
      after: { 7_200_000: { target: 'reminded' } },
      on: { 'message.*': { actions: reply('Your table is booked.') } },
    },
    reminded: done(({ context }) => `We expect you now, ${context.name}.`),
    nothing: done('Another time, then.'),
  },
});
