import { commandIntents, integer, keywords, setupDialogue, text } from 'colloquy';
import { converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

/** A sub-dialogue that asks two things. */
const guestWords = setupDialogue({
  types: {} as {
    context: { number: number; a?: string; b?: string };
    input: { number: number };
    output: string;
  },
});
const guest = guestWords.createDialogue({
  id: 'guest',
  context: ({ input }) => ({ number: input.number }),
  initial: 'a',
  states: {
    a: guestWords.ask({
      question: ({ context }) => `${context.number}a?`,
      parse: text(),
      assign: 'a',
      target: 'b',
    }),
    b: guestWords.ask({
      question: ({ context }) => `${context.number}b?`,
      parse: text({ min: 2 }),
      attempts: 5,
      otherwise: 'end',
      assign: 'b',
      timeout: { after: { minutes: 10 }, say: 'Still there?' },
      target: 'end',
    }),
    end: guestWords.done(),
  },
  output: ({ context }) => `${context.a}${context.b}${context.number}`,
});

interface Data {
  number: number;
  said?: string;
  rating?: number;
}

const words = setupDialogue({
  types: {} as { context: Data },
  actors: { guest },
  intents: { ...commandIntents, rate: keywords('rate') },
});
const { assign } = words;

/** A dialogue in which a guest is asked, with an interruption and its way back. */
function hotel(history: 'deep' | 'shallow' = 'deep') {
  return words.createDialogue({
    id: 'hotel',
    context: { number: 1 },
    initial: 'talk',
    on: {
      ...words.commands({ back: '.talk.last', restart: '.talk', help: { say: 'Help.' } }),
      'intent.rate': { target: '.rating', actions: assign({ number: 2 }) },
    },
    states: {
      talk: {
        initial: 'guest',
        states: {
          guest: {
            invoke: {
              src: 'guest',
              input: ({ context }) => ({ number: context.number }),
              onDone: { target: 'after', actions: assign({ said: ({ event }) => event.output }) },
            },
          },
          after: { entry: words.reply('Thanks.'), on: { 'message.*': 'guest' } },
          last: { type: 'history', history },
        },
      },
      rating: words.ask({
        question: 'From 1 to 5?',
        parse: integer({ min: 1, max: 5 }),
        assign: 'rating',
        target: 'talk.last',
      }),
    },
  });
}

describe('a sub-dialogue that an interruption leaves', () => {
  it.each(['deep', 'shallow'] as const)('goes on where it stood, by a %s history', async (kind) => {
    const chat = converse(hotel(kind));
    expect(await chat.say('hi')).toEqual(['1a?']);
    expect(await chat.say('Ann')).toEqual(['1b?']);
    expect(await chat.say('rate')).toEqual(['From 1 to 5?']);
    expect(await chat.say('5')).toEqual(['1b?']);
    expect(await chat.say('Bo')).toEqual(['Thanks.']);
    expect(chat.context).toMatchObject({ said: 'AnnBo1', rating: 5 });
  });
});
