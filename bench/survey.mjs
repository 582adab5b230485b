import { assign, emit, setup } from 'xstate';

const reply = (text) =>
  emit(
    typeof text === 'string'
      ? { type: 'reply', reply: text }
      : (args) => ({ type: 'reply', reply: text(args) }),
  );

/** The dialogue of the benchmark: five turns a round, then the same again. The context keeps what was learnt. */
export const survey = setup({}).createMachine({
  id: 'survey',
  version: '1',
  context: { rounds: 0 },
  initial: 'idle',
  states: {
    idle: { on: { 'message.text': { target: 'name', actions: reply('What is your name?') } } },
    name: {
      on: {
        'message.text': {
          target: 'age',
          actions: [assign({ name: ({ event }) => event.text }), reply('How old are you?')],
        },
      },
    },
    age: {
      on: {
        'message.text': [
          {
            guard: ({ event }) => /^\d+$/.test(event.text),
            target: 'sure',
            actions: [
              assign({ age: ({ event }) => Number(event.text) }),
              reply(({ context }) => `${context.name}, ${context.age}. Is that right?`),
            ],
          },
          { actions: reply('A number, please.') },
        ],
      },
    },
    sure: {
      on: {
        'message.text': {
          guard: ({ event }) => event.text === 'yes',
          target: 'idle',
          actions: [
            assign({ rounds: ({ context }) => context.rounds + 1 }),
            reply(({ context }) => `Thank you, ${context.name}: round ${context.rounds}.`),
          ],
        },
      },
    },
  },
});

export const TURNS = 5;

/** What a user says in a turn of a round, and what has to come back. */
export function say(user, turn) {
  return ['hi', `n${user}`, 'dunno', '42', 'yes'][turn];
}

export function check(user, round, turn, reply) {
  const expected = [
    'What is your name?',
    'How old are you?',
    'A number, please.',
    `n${user}, 42. Is that right?`,
    `Thank you, n${user}: round ${round + 1}.`,
  ][turn];
  if (reply !== expected) throw new Error(`expected '${expected}', got '${reply}'`);
}
