import { setTimeout as pause } from 'node:timers/promises';
import { setupDialogue } from 'colloquy';
import { fromPromise } from 'xstate';

/** What a user's conversation knows of itself. */
export interface Counted {
  /** How many messages counted. */
  readonly count: number;
  /** How many of them had not the number after that of the one before. */
  readonly misplaced: number;
  /** The numbers of the last of them. */
  readonly recent: readonly number[];
  /** How many timers rang, and how many services came to their end. */
  readonly rung: number;
  readonly worked: number;
  /** The message that set the timer that runs now, and how long it runs. */
  readonly ringsFor: number;
  readonly ringsInMs: number;
}

/** What a message may wish for. */
export type Wish = 'nothing' | 'timer' | 'service';

/** How many numbers are kept. */
export const RECENT = 16;

/** The text of a message: its number, and how long what it wishes for takes. */
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

/** Counts each message, timer and service, so that one too many, too few or out of order stays visible for ever. */
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
