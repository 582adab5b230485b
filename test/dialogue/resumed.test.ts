import { raise } from 'xstate';
import { commandIntents, integer, keywords, setupDialogue, text } from 'colloquy';
import { type Chat, converse } from 'colloquy/testing';
import { createDisk, memory } from 'colloquy/persist/memory';
import { describe, expect, it } from 'vitest';

/** A sub-dialogue that asks two things. */
const guestWords = setupDialogue({
  types: {} as {
    context: { number: number; a?: string; b?: number };
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
      parse: integer({ min: 1 }),
      attempts: 5,
      otherwise: 'end',
      assign: 'b',
      timeout: { after: { minutes: 10 }, say: 'Still there?' },
      retry: ({ attempt }) => `Attempt ${attempt}.`,
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

/** Says the messages one after the other, and gives the replies to the last. */
async function talk(chat: Chat<Data>, ...messages: string[]): Promise<readonly string[]> {
  let replies: readonly string[] = [];
  for (const message of messages) replies = await chat.say(message);
  return replies;
}

describe('a sub-dialogue that an interruption leaves', () => {
  it.each(['deep', 'shallow'] as const)('goes on where it stood, by a %s history', async (kind) => {
    const chat = converse(hotel(kind));
    expect(await talk(chat, 'hi', 'Ann')).toEqual(['1b?']);
    expect(await chat.say('rate')).toEqual(['From 1 to 5?']);
    // Its input would have another number now; it keeps the one that it began with.
    expect(await chat.say('5')).toEqual(['1b?']);
    expect(await chat.say('7')).toEqual(['Thanks.']);
    expect(chat.context).toMatchObject({ said: 'Ann71', rating: 5 });
  });

  it.each([
    ['at its first question', ['hi'], '1a?'],
    ['by a command', ['hi', 'Ann'], '1b?'],
    ['after help', ['hi', 'Ann', 'help'], '1b?'],
  ])('asks the open question again: %s', async (_, messages, question) => {
    const chat = converse(hotel());
    await talk(chat, ...messages);
    expect(await talk(chat, 'rate', 'back')).toEqual([question]);
  });

  it('keeps the number of its attempts, as a question of the dialogue itself does', async () => {
    const chat = converse(hotel());
    expect(await talk(chat, 'hi', 'Ann', 'x', 'y')).toEqual(['Attempt 2.']);
    expect(await talk(chat, 'rate', '5', 'z')).toEqual(['Attempt 3.']);
  });

  it('has its reminder count again, and none while it is paused', async () => {
    const chat = converse(hotel());
    await talk(chat, 'hi', 'Ann');
    await chat.advance({ minutes: 9 });
    await chat.say('rate');
    chat.expectNoTimer();
    expect(await chat.advance({ minutes: 30 })).toEqual([]);
    await chat.say('5');
    chat.expectTimer({ minutes: 10 });
    expect(await chat.advance({ minutes: 10 })).toEqual(['Still there?']);
  });

  it('goes on after several interruptions, and is kept once', async () => {
    const disk = createDisk();
    const chat = converse(hotel(), { persister: memory(disk) });
    await talk(chat, 'hi', 'Ann', 'rate', '5', 'rate', '4', 'rate');
    const size = [...disk.records.values()][0]?.body.length ?? 0;
    for (let round = 0; round < 20; round += 1) await talk(chat, '3', 'rate');
    expect([...disk.records.values()][0]?.body.split('"paused"')).toHaveLength(2);
    expect(([...disk.records.values()][0]?.body.length ?? 0) - size).toBeLessThan(5000);
    expect(await talk(chat, '3', '7')).toEqual(['Thanks.']);
    expect(chat.context.said).toBe('Ann71');
  });

  it.each([
    ['while it is paused', ['hi', 'Ann', 'rate'], ['5', '7']],
    ['after it was resumed', ['hi', 'Ann', 'rate', '5'], ['7']],
  ])('survives a crash %s', async (_, before, after) => {
    const chat = converse(hotel());
    await talk(chat, ...before);
    await chat.crash();
    expect(await talk(chat, ...after)).toEqual(['Thanks.']);
    expect(chat.context.said).toBe('Ann71');
  });

  it.each([
    ['its state is entered in the ordinary way', ['restart'], '2a?'],
    ['and by history after that', ['restart', 'rate', '5'], '2a?'],
    ['it was done', ['back', '7', 'x'], '2a?'],
  ])('starts again where %s', async (_, messages, question) => {
    const chat = converse(hotel());
    await talk(chat, 'hi', 'Ann', 'rate');
    expect(await talk(chat, ...messages)).toEqual([question]);
  });

  it('is forgotten with the user’s data', async () => {
    const chat = converse(hotel());
    await talk(chat, 'hi', 'Ann', 'rate');
    await chat.advance({ days: 3000 });
    chat.expectExpired();
    expect(await talk(chat, 'hi', 'back')).toEqual(['1a?']);
  });
});

describe('what a sub-dialogue raised with a delay', () => {
  const nag = { type: 'event.scan' };
  const nagged = setupDialogue({});
  const nagging = nagged.createDialogue({
    id: 'nagging',
    context: {},
    initial: 'a',
    on: { 'event.scan': { actions: nagged.reply('Nag.') } },
    states: {
      a: nagged.ask({
        question: 'a?',
        parse: text(),
        target: 'b',
        exit: raise(nag as never, { delay: 60_000, id: 'nag' }) as never,
      }),
      b: nagged.ask({ question: 'b?', parse: text(), target: 'end' }),
      end: nagged.done(),
    },
  });
  const intents = { away: keywords('away'), back: keywords('back'), again: keywords('again') };
  const dialogue = setupDialogue({ actors: { nagging }, intents }).createDialogue({
    id: 'around',
    context: {},
    initial: 'talk',
    on: { 'intent.away': '.away', 'intent.back': '.talk.last', 'intent.again': '.talk' },
    states: {
      talk: {
        initial: 'x',
        states: {
          x: { invoke: { src: 'nagging' } },
          y: { on: { 'message.text': {} } },
          last: { type: 'history' },
        },
        on: { 'event.menu': '.y' },
      },
      away: { on: { 'message.text': {} } },
    },
  });

  it.each<[string, string[], number, number]>([
    ['comes when it is due, if the sub-dialogue goes on by then', ['away', 'back'], 0, 1],
    ['is over if it is due before that', ['away'], 60, 0],
    ['is over if the sub-dialogue starts again', ['away', 'again'], 0, 0],
  ])('%s', async (_, messages, wait, nags) => {
    const chat = converse(dialogue);
    for (const message of ['hi', 'Ann', ...messages]) await chat.say(message);
    await chat.advance({ seconds: wait });
    if (wait > 0) await chat.say('back');
    const replies = await chat.advance({ minutes: 5 });
    expect(replies.filter((reply) => reply === 'Nag.')).toHaveLength(nags);
    chat.expectNoTimer();
  });

  it('survives a crash, and is over where no history leads back any more', async () => {
    const chat = converse(dialogue);
    for (const message of ['hi', 'Ann', 'away']) await chat.say(message);
    await chat.crash();
    expect(chat.timers).toHaveLength(1);
    await chat.say('again');
    await chat.send({ type: 'event.menu' });
    await chat.say('away');
    expect(chat.timers).toEqual([]);
  });
});
