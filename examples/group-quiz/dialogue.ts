import { type Person, commandIntents, keywords, setupDialogue } from 'colloquy';
import { rounds } from './rounds.ts';

interface Game {
  round: number;
  players: Person[];
  open: Person[]; // who has not answered yet
  right: string[]; // who gave each right answer
}

const { assign, choose, commands, createDialogue, done, reply } = setupDialogue({
  types: {} as { context: Game },
  intents: { ...commandIntents, join: keywords('join', '加入'), start: keywords('start', '开始') },
});

const without = (people: Person[], from?: Person) => people.filter(({ id }) => id !== from?.id);
const pointsOf = ({ right }: Game, player: string) => right.filter((id) => id === player).length;
const scores = (game: Game) =>
  game.players.map(({ id, name }) => `\n${name ?? id}: ${pointsOf(game, id)}`).join('');

/** A group in one conversation: `from` says who speaks. A question without a target stays open. */
export default createDialogue({
  id: 'quiz',
  context: { round: 0, players: [], open: [], right: [] },
  initial: 'lobby',
  on: {
    ...commands({ cancel: '.over', help: { say: 'Every player answers once, in 20 seconds.' } }),
    'message.*': {}, // people talk to each other
  },
  states: {
    lobby: {
      entry: [
        assign({ round: 0, players: () => [], right: () => [] }),
        reply('A quiz! Say “join” to play, and “start” when all are there.'),
      ],
      on: {
        'intent.join': {
          actions: [
            assign(({ context: { players }, event: { from } }) => ({
              players: from ? [...without(players, from), from] : players,
            })),
            reply(({ event }) => `Welcome, ${event.from?.name ?? 'stranger'}!`),
          ],
        },
        'intent.start': { guard: ({ context }) => context.players.length > 0, target: 'asking' },
      },
    },
    asking: {
      initial: 'question',
      entry: assign({ open: ({ context }) => context.players }),
      always: { guard: ({ context }) => context.open.length === 0, target: 'solved' },
      after: { 10_000: { actions: reply('Ten seconds left.') }, 20_000: 'solved' },
      states: {
        question: choose({
          question: ({ context }) => rounds[context.round]?.question ?? '',
          options: ({ context }) => rounds[context.round]?.options ?? [],
          of: ({ context }) => context.open.map(({ id }) => id),
          assign: ({ context: { open, right, round }, event: { from }, value }) => ({
            open: without(open, from),
            right: from && value === rounds[round]?.right ? [...right, from.id] : right,
          }),
        }),
      },
    },
    solved: {
      entry: [
        reply(({ context }) => `The answer: ${rounds[context.round]?.right}.${scores(context)}`),
        assign({ round: ({ context }) => context.round + 1 }),
      ],
      always: { guard: ({ context }) => context.round === rounds.length, target: 'over' },
      after: { 5000: 'asking' },
    },
    over: done(({ context }) => `The game is over.${scores(context)}`),
  },
});
