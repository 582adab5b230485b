import { assign, emit, setup } from 'xstate';

interface Answers {
  readonly rounds: number;
  readonly name?: string;
  readonly age?: number;
}

interface Heard {
  readonly type: 'message.text';
  readonly text: string;
}

type Said = { readonly type: 'reply'; readonly reply: string };

const reply = (text: string | ((answers: Answers) => string)) =>
  emit<Answers, Heard, undefined, Heard, Said>(({ context }) => ({
    type: 'reply',
    reply: typeof text === 'string' ? text : text(context),
  }));

/** The dialogue of the benchmark: five turns a round, then the same again. The context keeps the answers. */
export const survey = setup({
  types: {} as {
    context: Answers;
    events: Heard;
    emitted: Said;
  },
}).createMachine({
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
            guard: ({ event }) => isNumber(event.text),
            target: 'sure',
            actions: [
              assign({ age: ({ event }) => Number(event.text) }),
              reply(({ name, age }) => `${name}, ${age}. Is that right?`),
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
            reply(({ name, rounds }) => `Thank you, ${name}: round ${rounds}.`),
          ],
        },
      },
    },
  },
});

export function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}

export const TURNS = 5;

/** What a user says in a turn of a round. */
export function line(user: number, turn: number): string {
  switch (turn) {
    case 0:
      return 'hi';
    case 1:
      return `n${user}`;
    case 2:
      return 'dunno';
    case 3:
      return '42';
    default:
      return 'yes';
  }
}

/** Makes sure that no system gains speed by a wrong answer. @throws Error if the reply is not the expected one */
export function check(user: number, round: number, turn: number, said: string): void {
  const expected = answer(user, round, turn);
  if (said === expected) return;
  throw new Error(`user ${user}, turn ${turn}: expected '${expected}', got '${said}'`);
}

/** The expected reply. */
export function answer(user: number, round: number, turn: number): string {
  switch (turn) {
    case 0:
      return 'What is your name?';
    case 1:
      return 'How old are you?';
    case 2:
      return 'A number, please.';
    case 3:
      return `n${user}, 42. Is that right?`;
    default:
      return `Thank you, n${user}: round ${round + 1}.`;
  }
}
