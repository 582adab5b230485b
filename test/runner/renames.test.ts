import { type AnyStateMachine, fromPromise, raise } from 'xstate';
import {
  type Migration,
  type Migrations,
  checkRecords,
  choice,
  createRunner,
  integer,
  keywords,
  migrateTo,
  renameKey,
  renameService,
  renameSlot,
  renameState,
  setupDialogue,
  text,
} from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

/** What a version calls its parts. */
interface Called {
  readonly version: string;
  readonly order: string;
  readonly form: string;
  readonly slot: 'people' | 'guests';
  readonly pricing: string;
  readonly service: string;
}

const V1: Called = {
  version: '1',
  order: 'order',
  form: 'table',
  slot: 'people',
  pricing: 'pricing',
  service: 'price',
};
const V2: Called = {
  version: '2',
  order: 'visit',
  form: 'details',
  slot: 'guests',
  pricing: 'quoting',
  service: 'quote',
};

const all = [
  renameState('order', 'visit'),
  renameState('visit.table', 'visit.details'),
  renameSlot('visit.details', 'people', 'guests'),
  renameState('pricing', 'quoting'),
  renameService('price', 'quote'),
] as const;

interface Booking {
  people?: number;
  guests?: number;
  seat?: string;
  total?: number;
}

/** A form in a state, then a service. All of it has another name in the other version. */
function bookingOf({ version, order, form, slot, pricing, service }: Called): AnyStateMachine {
  const words = setupDialogue({
    types: {} as { context: Booking },
    actors: { [service]: fromPromise<number>(() => new Promise(() => {})) },
    intents: { away: keywords('away'), again: keywords('again') },
  });
  return words.createDialogue({
    id: 'booking',
    version,
    context: {},
    initial: order,
    on: { 'intent.away': '.away' },
    states: {
      [order]: {
        initial: form,
        onDone: pricing,
        states: {
          [form]: words.form({
            slots: {
              [slot]: { question: 'How many?', parse: integer(), extract: integer() },
              seat: { question: 'Where?', options: ['in', 'out'] },
            },
            attempts: 3,
            otherwise: 'given-up',
            timeout: { after: { minutes: 10 }, say: 'Still there?' },
            confirm: false,
            target: 'filled',
          } as never),
          'given-up': words.done('Given up.'),
          filled: { type: 'final' },
          last: { type: 'history', history: 'deep' },
        },
      },
      away: {
        entry: words.reply('Away.'),
        after: { 60_000: { actions: words.reply('Away for a minute.') } },
        on: { 'intent.again': `${order}.last` },
      },
      [pricing]: {
        invoke: { src: service, onDone: 'end' },
        on: { 'message.*': { actions: words.reply('I am adding it up.') } },
      },
      end: words.done(({ context }) => `For ${context[slot]}, ${context.seat}.`),
    },
  } as never) as unknown as AnyStateMachine;
}

const one = bookingOf(V1);
const two = bookingOf(V2);

function begun() {
  return converse(one, { services: { price: () => new Promise(() => {}) } as never });
}

function deploy(chat: ReturnType<typeof begun>, ...migrations: readonly Migration[]) {
  const migrate: Migrations = { 1: migrateTo('2', ...migrations) };
  return chat.deploy(two, { migrate, services: { quote: async () => 30 } as never });
}

describe('renames', () => {
  it('keep the attempts of a question, and the moment at which its reminder is due', async () => {
    const chat = begun();
    await chat.say('hi');
    await chat.advance({ minutes: 1 });
    await chat.say('many');
    await chat.advance({ minutes: 4 });
    await deploy(chat, ...all);
    chat.expectTimer({ minutes: 6 });
    expect(await chat.advance({ minutes: 6 })).toEqual(['Still there?']);
    chat.expectState('visit.details.guests.retry1');
    await chat.say('many');
    chat.expectState('visit.details.guests.retry2');
    expect(await chat.say('many')).toEqual(['Given up.']);
  });

  it('keep what a slot was filled with', async () => {
    const chat = begun();
    await chat.say('hi');
    await chat.say('4');
    const [question] = chat.said;
    await deploy(chat, ...all);
    if (question === undefined) throw new Error('nothing was asked');
    await chat.press(question, 'out');
    chat.expectReplies('For 4, out.').expectContext({ guests: 4, people: undefined } as object);
  });

  it('keep what was offered, by its number and by its button', async () => {
    const chat = begun();
    await chat.say('hi');
    await chat.say('4');
    const [question] = chat.said;
    await deploy(chat, ...all);
    await chat.say('2');
    chat.expectContext({ seat: 'out' } as object);
    if (question === undefined) throw new Error('nothing was asked');
    await chat.press(question, 'in');
    chat.expectOutcome('stale');
  });

  it('continue a service that is under way', async () => {
    const chat = begun();
    for (const said of ['hi', '4', 'out']) await chat.send(said);
    expect(chat.services).toMatchObject([{ id: '0.booking.pricing', src: 'price' }]);
    await deploy(chat, ...all);
    expect(chat.transcript).toContain('< For 4, out.');
    chat.expectState('(none)');
  });

  it('lead back to where a history remembers, under the new name', async () => {
    const chat = begun();
    for (const said of ['hi', '4', 'away']) await chat.say(said);
    chat.expectState('away');
    await deploy(chat, ...all);
    expect(await chat.say('again')).toEqual(['Where? 1. in 2. out'].map(() => expect.any(String)));
    chat.expectState('visit.details.seat.waiting');
  });

  it('do not let a delay fire again that has fired', async () => {
    const chat = begun();
    await chat.say('hi');
    await chat.advance({ minutes: 10 });
    expect(chat.replies).toEqual(['Still there?']);
    await deploy(chat, ...all);
    expect(await chat.advance({ hours: 1 })).toEqual([]);
  });

  it('leave out what was not renamed: then the conversation starts again', async () => {
    const chat = begun();
    await chat.say('hi');
    await deploy(chat, renameState('order', 'visit'));
    await chat.say('4');
    chat.expectState('visit.details.guests.waiting');
    expect(chat.context).toEqual({});
  });
});
