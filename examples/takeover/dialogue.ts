import { choice, keywords, setupDialogue, text } from 'colloquy';
import { type OperatorEvent, type ToldNote, createTakeover } from 'colloquy/takeover';
import type { AnyStateMachine } from 'xstate';

/**
 * A tea shop: the bot answers what it knows, and a person of the shop takes over for the rest.
 * @param tell tells the operators
 */
export function createShop(tell: (told: ToldNote) => unknown): AnyStateMachine {
  const human = createTakeover({
    id: 'human',
    tell,
    idle: { minutes: 10 },
    result: choice(['solved', 'refund']),
    backWords: ['bot'],
  });
  const { ask, choose, createDialogue, done, reply } = setupDialogue({
    types: {} as {
      context: { openid: string; name?: string };
      input: { openid: string };
    },
    actors: { human },
    events: { operator: {} as OperatorEvent },
    intents: { person: keywords('person', 'human', 'a person') },
  });
  const limits = { attempts: 2, timeout: { after: { hours: 1 }, target: 'over' } } as const;
  return createDialogue({
    id: 'shop',
    version: '1',
    context: ({ input }) => ({ openid: input.openid }),
    initial: 'menu',
    on: { 'event.follow': '.menu', 'intent.person': '.name' },
    states: {
      menu: choose({
        question: 'What can I do for you?',
        options: [
          { value: 'hours', label: 'Opening hours' },
          { value: 'person', label: 'Talk to a person' },
        ],
        target: { hours: 'hours', person: 'name' },
        otherwise: 'name',
        ...limits,
      }),
      hours: { entry: reply('We are open from nine to six.'), always: 'menu' },
      name: ask({
        question: 'I am calling a colleague. What is your name?',
        parse: text({ maxLength: 40 }),
        assign: 'name',
        target: 'human',
        otherwise: 'human',
        ...limits,
      }),
      // Silent: what the customer writes is for the operator.
      human: {
        entry: reply('Thank you. Write what it is about; a colleague reads it.'),
        invoke: {
          src: 'human',
          input: ({ context: { openid, name } }) => ({ openid, name, about: 'From the website.' }),
          onDone: [
            {
              guard: ({ event: { output } }) =>
                output.reason === 'returned' && output.result === 'refund',
              target: 'over',
              actions: reply('You get your money back within a week.'),
            },
            {
              guard: ({ event: { output } }) => output.reason === 'idle',
              target: 'over',
              actions: reply('Sorry, nobody has time now. Please call us: 555 0100.'),
            },
            { target: 'menu', actions: reply('The bot is here again.') },
          ],
        },
      },
      over: done(),
    },
  });
}
