import { type Message, choice, keywords, setupDialogue } from 'colloquy';
import {
  type OperatorEvent,
  type TakeoverOptions,
  type TakeoverOutput,
  createTakeover,
} from 'colloquy/takeover';

type Result = 'solved' | 'refund';

/** A shop whose customers ask for a person by `human`. All else is for the bot, which repeats it. */
// oxlint-disable-next-line typescript/explicit-module-boundary-types -- a dialogue is typed by its definition
export function shopWith(
  options: Partial<TakeoverOptions<'human', Result>> = {},
  about = 'order 7',
) {
  const human = createTakeover({
    id: 'human',
    tell: () => {},
    idle: { minutes: 10 },
    result: choice(['solved', 'refund']),
    backWords: ['bot', '机器人'],
    ...options,
  });
  const { assign, choose, createDialogue, done, reply } = setupDialogue({
    types: {} as {
      context: { openid: string; end?: TakeoverOutput<Result> };
      input: { openid: string };
    },
    actors: { human },
    events: { operator: {} as OperatorEvent, closed: {} },
    intents: { cancel: keywords('cancel') },
    history: { turns: 20 },
  });
  const name = (event: Message): { name?: string } =>
    event.from?.name === undefined ? {} : { name: event.from.name };
  return createDialogue({
    id: 'shop',
    context: ({ input }) => ({ openid: input.openid }),
    initial: 'bot',
    on: { 'intent.cancel': '.cancelled', 'event.closed': '.bot' },
    states: {
      bot: {
        on: {
          'message.text': [
            {
              guard: ({ event }) => event.text === 'human',
              target: 'human',
              actions: reply('One moment, please.'),
            },
            { guard: ({ event }) => event.text === 'tea', target: 'tea' },
            { actions: reply(({ event }) => `bot: ${event.text}`) },
          ],
        },
      },
      tea: choose({ question: 'Which tea?', options: ['green', 'black'], target: 'human' }),
      human: {
        invoke: {
          src: 'human',
          input: ({ context, event }) => ({
            openid: context.openid,
            about,
            ...name(event as Message),
          }),
          onDone: {
            target: 'bot',
            actions: [
              assign({ end: ({ event }) => event.output }),
              reply(({ event }) => `The bot is back: ${event.output.reason}.`),
            ],
          },
        },
      },
      cancelled: done('Off.'),
    },
  });
}
