import { setTimeout as pause } from 'node:timers/promises';
import { setupDialogue } from 'colloquy';
import { fromPromise } from 'xstate';

/** The data of a user's conversation. */
export interface Counted {
  /** Number of messages that counted. */
  readonly count: number;
  /** Number of those that did not follow the number of the message before. */
  readonly misplaced: number;
  /** The numbers of the last messages. */
  readonly recent: readonly number[];
  /** Number of timers that fired, and of services that ended. */
  readonly rung: number;
  readonly worked: number;
  /** The message whose timer is running, and the delay of that timer. */
  readonly ringsFor: number;
  readonly ringsInMs: number;
}

/** What a message may ask for. */
export type Wish = 'nothing' | 'timer' | 'service';

/** How many message numbers the context keeps. */
export const RECENT = 16;

/** The text of a message: its number, what it asks for, and how long that takes. */
export function textOf(number: number, wish: Wish, milliseconds = 0): string {
  return `${number} ${wish} ${milliseconds}`;
}

const words = setupDialogue({
  types: {} as { context: Counted },
  delays: { soon: ({ context }) => context.ringsInMs },
  actors: {
    work: fromPromise<number, string>(async ({ input, signal }) => {
      await pause(millisecondsOf(input), undefined, { signal });
      return numberOf(input);
    }),
  },
});

const wishes =
  (wish: Wish) =>
  ({ event }: { readonly event: { readonly text: string } }): boolean =>
    event.text.split(' ')[1] === wish;

/** Counts each message, timer and service, so that one too many, too few or out of order stays visible. */
export const dialogue = words.createDialogue({
  id: 'counting',
  version: '1',
  context: { count: 0, misplaced: 0, recent: [], rung: 0, worked: 0, ringsFor: 0, ringsInMs: 0 },
  type: 'parallel',
  states: {
    counter: {
      on: {
        'message.text': {
          actions: [
            words.assign(({ context, event }) => count(context, numberOf(event.text))),
            words.reply(({ context, event }) => `heard ${numberOf(event.text)} ${context.count}`),
          ],
        },
      },
    },
    bell: {
      initial: 'quiet',
      states: {
        quiet: {
          on: {
            'message.text': {
              guard: wishes('timer'),
              target: 'set',
              actions: [
                words.assign({
                  ringsFor: ({ event }) => numberOf(event.text),
                  ringsInMs: ({ event }) => millisecondsOf(event.text),
                }),
                words.reply(({ event }) => `set ${numberOf(event.text)}`),
              ],
            },
          },
        },
        set: {
          after: {
            soon: {
              target: 'quiet',
              actions: [
                words.assign({ rung: ({ context }) => context.rung + 1 }),
                words.reply(({ context }) => `rang ${context.ringsFor}`),
              ],
            },
          },
        },
      },
    },
    desk: {
      initial: 'free',
      states: {
        free: {
          on: {
            'message.text': {
              guard: wishes('service'),
              target: 'busy',
              actions: words.reply(({ event }) => `started ${numberOf(event.text)}`),
            },
          },
        },
        busy: {
          invoke: {
            src: 'work',
            input: ({ event }) => ('text' in event ? event.text : ''),
            onDone: {
              target: 'free',
              actions: [
                words.assign({ worked: ({ context }) => context.worked + 1 }),
                words.reply(({ event }) => `worked ${event.output}`),
              ],
            },
          },
        },
      },
    },
  },
});

function count(context: Counted, number: number): Partial<Counted> {
  const { recent, misplaced } = context;
  return {
    count: context.count + 1,
    misplaced: number === (recent.at(-1) ?? 0) + 1 ? misplaced : misplaced + 1,
    recent: [...recent, number].slice(-RECENT),
  };
}

function numberOf(text: string): number {
  return Number.parseInt(text, 10);
}

function millisecondsOf(text: string): number {
  return Number(text.split(' ')[2]);
}
