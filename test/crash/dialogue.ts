import { setupDialogue } from 'colloquy';

/** How often something happened, by the text of the message that caused it. */
export type Tally = Readonly<Record<string, number>>;

/** The data of a user's conversation. */
export interface Counted {
  /** The messages that counted. */
  readonly counted: Tally;
  /** The messages that set a timer: those that came while no timer was running. */
  readonly armed: Tally;
  /** The timers that fired. */
  readonly fired: Tally;
  /** The message whose timer is running. */
  readonly waitingFor: string;
}

const words = setupDialogue({
  types: {} as { context: Counted },
  delays: {
    // Some timers fire while the process lives, some while it is dead, and some in the next process.
    soon: ({ context }) => (Number(context.waitingFor) % 5) * 40 + 1,
  },
});

const count = words.assign({
  counted: ({ context, event }) => oneMore(context.counted, textOf(event)),
});

/** Counts each message and each timer, so that one too many or too few stays visible. */
export const dialogue = words.createDialogue({
  id: 'counting',
  version: '1',
  context: { counted: {}, armed: {}, fired: {}, waitingFor: '' },
  initial: 'idle',
  states: {
    idle: {
      on: {
        'message.text': {
          target: 'armed',
          actions: [
            count,
            words.assign({
              armed: ({ context, event }) => oneMore(context.armed, textOf(event)),
              waitingFor: ({ event }) => textOf(event),
            }),
            words.reply(({ event }) => `armed ${textOf(event)}`),
          ],
        },
      },
    },
    armed: {
      on: {
        'message.text': {
          actions: [count, words.reply(({ event }) => `counted ${textOf(event)}`)],
        },
      },
      after: {
        soon: {
          target: 'idle',
          actions: [
            words.assign({ fired: ({ context }) => oneMore(context.fired, context.waitingFor) }),
            words.reply(({ context }) => context.waitingFor),
          ],
        },
      },
    },
  },
});

function oneMore(tally: Tally, text: string): Tally {
  return { ...tally, [text]: (tally[text] ?? 0) + 1 };
}

function textOf(event: { readonly type: string }): string {
  return 'text' in event ? String(event.text) : '';
}
