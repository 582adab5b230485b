import {
  DeliveryError,
  type Incoming,
  choice,
  commandIntents,
  createContextStore,
  createRunner,
  formatReply,
  integer,
  setupDialogue,
  text,
} from 'colloquy';
import { createWebhook } from 'colloquy/channels/webhook';
import { type Disk, createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, fromPromise } from 'xstate';
import { MESSAGE_TYPES, isSpoken } from '../../src/message.ts';
import { unspokenMessages, unspokenPayloads, unspokenSubjects } from './unspoken.ts';

const words = setupDialogue({
  types: {} as { context: { name?: string; people?: number; size?: string } },
  intents: { ...commandIntents, anything: () => ({ score: 0.1 }) },
});

/** Asks at once, counts attempts, ends, and begins again with the next message. */
const asking = words.createDialogue({
  id: 'asking',
  context: {},
  initial: 'name',
  states: {
    name: words.ask({ question: 'Name?', parse: text(), assign: 'name', target: 'people' }),
    people: words.ask({
      question: 'How many?',
      parse: integer({ min: 1, max: 9 }),
      assign: 'people',
      attempts: 2,
      target: 'size',
      otherwise: 'human',
      timeout: { after: { minutes: 30 }, target: 'human' },
    }),
    size: words.choose({
      question: 'Which?',
      options: ['small', 'large'],
      assign: 'size',
      target: 'over',
    }),
    human: words.done('A human will help.'),
    over: words.done('Booked.'),
  },
});

/** Says nothing at its start, and something a while after each text: no channel can push it, so it is kept. */
const reminding = words.createDialogue({
  id: 'reminding',
  context: {},
  initial: 'idle',
  states: {
    idle: { on: { 'message.text': { target: 'waiting', actions: words.reply('Later.') } } },
    waiting: {
      after: { 1_200_000: { target: 'idle', actions: words.reply('It is time.') } },
      on: { 'message.text': { target: 'idle', actions: words.reply('Then not.') } },
    },
  },
});

/** Names every event, and takes none. */
const refusing = words.createDialogue({
  id: 'refusing',
  context: {},
  initial: 'talk',
  on: { 'event.*': { guard: () => false, target: '.gone' } },
  states: {
    talk: {
      initial: 'first',
      states: {
        first: { on: { 'message.text': 'second' } },
        second: words.ask({ question: 'More?', parse: text(), assign: 'name', target: '#gone' }),
      },
    },
    gone: { ...words.done('Bye.'), id: 'gone' },
  },
});

const form = setupDialogue({
  types: {} as { context: { people?: number; size?: string } },
});
const filling = form.createDialogue({
  id: 'filling',
  context: {},
  initial: 'filling',
  states: {
    filling: form.form({
      slots: {
        people: { question: 'How many?', parse: integer() },
        size: { question: 'Which?', options: ['small', 'large'] },
      },
      confirm: true,
      attempts: 2,
      otherwise: 'over',
      target: 'over',
    }),
    over: form.done('Thanks.'),
  },
});

const inner = setupDialogue({ types: {} as { context: { size?: string }; output: string } });
const sized = inner.createDialogue({
  id: 'sized',
  context: {},
  initial: 'which',
  states: {
    which: inner.ask({
      question: 'Which?',
      parse: choice(['small', 'large']),
      assign: 'size',
      attempts: 2,
      target: 'over',
      otherwise: 'over',
    }),
    over: { type: 'final' },
  },
  output: ({ context }) => context.size ?? 'none',
});

let calls = 0;
const outer = setupDialogue({
  types: {} as { context: object },
  actors: {
    sized,
    look: fromPromise(async () => {
      calls += 1;
    }),
  },
});
/** Invokes a service at its start, and then a sub-dialogue that asks. */
const nesting = outer.createDialogue({
  id: 'nesting',
  context: {},
  initial: 'looking',
  states: {
    looking: { invoke: { src: 'look', onDone: 'asking' } },
    asking: {
      invoke: {
        src: 'sized',
        onDone: { target: 'over', actions: outer.reply(({ event }) => `A ${event.output} one.`) },
      },
    },
    over: { type: 'final' },
  },
});

const dialogues: readonly AnyStateMachine[] = [asking, reminding, refusing, filling, nesting];

type Step =
  | { readonly say: Incoming; readonly user: number }
  | { readonly minutes: number }
  | { readonly noise: number; readonly user: number };

const users = Array.from({ length: 10 }, (_, index) => `user-${index}`);

const steps = fc.array(
  fc.oneof(
    fc.record({
      say: fc.constantFrom<Incoming>(
        ...['Ann', '3', 'many', 'small', 'large', 'yes', 'no', 'cancel', 'help'],
        { type: 'message.image' },
        { type: 'message.action', value: 'small' },
        { type: 'event.follow' },
      ),
      user: fc.nat(users.length - 1),
    }),
    fc.record({ minutes: fc.constantFrom(1, 19, 20, 60, 119, 120) }),
    fc.record({ noise: fc.nat(unspokenMessages.length - 1), user: fc.nat(users.length - 1) }),
  ),
  { maxLength: 40 },
);

/** What there is of a conversation when all steps have been taken, and what was said on the way. */
async function play(
  dialogue: AnyStateMachine,
  taken: readonly Step[],
  disk: Disk = createDisk(),
): Promise<unknown> {
  const clock = createManualClock();
  const store = createContextStore({ clock, max: 100, persister: memory(disk) });
  let ids = 0;
  const onUnhandled = (): string => 'What?';
  const createId = (): string => `${(ids += 1)}`;
  const runner = createRunner(dialogue, { store, createId, onUnhandled });
  const log: unknown[] = [];
  calls = 0;
  store.on('expire', ({ openid }) => log.push([openid, 'expired']));
  runner.on('error', ({ error }) => log.push(error));
  runner.on('reply', () => {
    throw new DeliveryError('push_closed', 'Nothing is taken before the user writes.');
  });
  for (const [index, step] of taken.entries()) {
    if ('minutes' in step) {
      await clock.advance({ minutes: step.minutes });
      continue;
    }
    const openid = users[step.user] as string;
    const id = `m${index}`;
    if ('say' in step) {
      const { outcome, replies } = await runner.handle(openid, step.say, { id });
      await runner.idle(openid);
      log.push([openid, outcome, replies.map(formatReply)]);
      continue;
    }
    const message = unspokenMessages[step.noise] as Incoming;
    for (let delivery = 0; delivery < 2; delivery += 1) {
      const turn = await runner.handle(openid, message, { id });
      expect([turn.outcome, turn.replies]).toEqual(['unhandled', []]);
    }
  }
  await store.close();
  return { log, calls, records: [...disk.records.values()] };
}

describe('what was not said to the bot', () => {
  it.each(dialogues.map((dialogue) => [dialogue.id, dialogue] as const))(
    'changes nothing in the dialogue %s: no state, expiry, outbox or attempt, and begins none',
    async (_, dialogue) => {
      await fc.assert(
        fc.asyncProperty(steps, async (taken) => {
          // The ids of messages tell their place, which stays the same.
          const quiet = taken.map((step) => ('noise' in step ? { minutes: 0 } : step));
          expect(await play(dialogue, taken)).toEqual(await play(dialogue, quiet));
        }),
        { numRuns: 60 },
      );
    },
  );
});

describe.each(Object.entries(unspokenSubjects))('of the channel %s', (name, subject) => {
  const clock = createManualClock();
  const channel = subject.open({ fetch: async () => Response.json({ ok: true }), clock });
  const all = [
    ...subject.payloads.filter(
      ({ gives }) =>
        typeof gives !== 'string' &&
        gives.length > 0 &&
        // What a program adds to the types is refused by a dialogue that does not name it.
        gives.every((each) => MESSAGE_TYPES.has(each.type) && !isSpoken(each)),
    ),
    ...(unspokenPayloads[name] ?? []),
  ];

  it('there are events that were not said to the bot, where the platform reports such', () => {
    expect(all.length > 0 || ['wecom'].includes(name)).toBe(true);
  });

  it.each(all.map((payload) => [payload.name, payload] as const))(
    '%s changes nothing of a conversation, and begins none',
    async (_, payload) => {
      const { method, url, headers, body } = subject.sign(payload, clock.now());
      const request = (): Request =>
        new Request(url, { method, headers: { ...headers }, body: Buffer.from(body) });
      const reception = await channel.receive({
        method,
        url: new URL(url),
        headers: new Headers(headers),
        receivedAt: clock.now(),
        readBody: async () => body,
      });
      if (reception.type !== 'messages') throw new Error(`It became ${reception.type}.`);
      for (const { message } of reception.messages)
        expect([message.type, isSpoken(message)]).toEqual([message.type, false]);
      for (const dialogue of dialogues) {
        for (const before of [[], ['Ann'], ['Ann', 'many'], ['Ann', '3', 'large']]) {
          const disk = createDisk();
          const store = createContextStore({ clock, max: 100, persister: memory(disk) });
          const runner = createRunner(dialogue, { store, onUnhandled: () => 'What?' });
          const errors: unknown[] = [];
          const handle = createWebhook(runner, channel, {
            clock,
            onError: (error) => errors.push(error),
          });
          for (const { openid } of reception.messages) {
            for (const said of before) await runner.handle(openid, said);
            await runner.idle(openid);
          }
          const records = [...disk.records];
          const answers: number[] = [];
          for (let delivery = 0; delivery < 2; delivery += 1) {
            answers.push((await handle(request())).status);
          }
          expect([...disk.records]).toEqual(records);
          expect([answers, errors]).toEqual([[200, 200], []]);
          await store.close();
        }
      }
    },
  );
});
