import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRunner, integer, setupDialogue, text, toMermaid } from 'colloquy';
import { lmdb } from 'colloquy/persist/lmdb';
import { type Disk, createDisk, memory } from 'colloquy/persist/memory';
import {
  converse,
  createCoverage,
  createManualClock,
  explore,
  hangs,
  lintDialogue,
  takes,
} from 'colloquy/testing';
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest';
import { fromCallback, fromObservable, fromPromise, fromTransition, setup } from 'xstate';
import { weather } from './dialogues.ts';

interface First {
  name?: string;
}
interface Second {
  fullName?: string;
  guests?: number;
}

const first = setupDialogue({
  types: {} as { context: First },
  actors: { book: fromPromise<string, string>(async () => 'booked for real') },
});
/** Asks for a name, and books by a service. */
const booking = first.createDialogue({
  id: 'booking',
  version: '1',
  context: {},
  initial: 'name',
  states: {
    name: first.ask({
      question: 'Your name?',
      parse: text(),
      assign: 'name',
      target: 'asking',
      timeout: { after: { minutes: 10 }, say: 'Still there?' },
    }),
    asking: {
      invoke: {
        src: 'book',
        input: 'it',
        onDone: { target: 'told', actions: first.reply(({ event }) => event.output) },
        onError: 'told',
      },
    },
    told: first.done('Bye.'),
  },
});

const second = setupDialogue({
  types: {} as { context: Second },
  actors: { reserve: fromPromise<string, string>(async () => 'reserved for real') },
});
/** The same with another key for the name, one question more, and another service. */
const booking2 = second.createDialogue({
  id: 'booking',
  version: '2',
  context: {},
  initial: 'name',
  states: {
    name: second.ask({
      question: 'Your full name?',
      parse: text(),
      assign: 'fullName',
      target: 'guests',
      timeout: { after: { minutes: 10 }, say: 'Are you still there?' },
    }),
    guests: second.ask({
      question: 'How many guests?',
      parse: integer(),
      assign: 'guests',
      target: 'asking',
    }),
    asking: {
      invoke: {
        src: 'reserve',
        input: 'it',
        onDone: { target: 'told', actions: second.reply(({ event }) => event.output) },
        onError: 'told',
      },
    },
    told: second.done('Bye.'),
  },
});

describe('a version that is deployed', () => {
  it('continues the conversations of all users, with their timers', async () => {
    const chat = converse(booking);
    const bob = chat.user('bob');
    await chat.say('hi');
    await bob.say('hi');
    await chat.advance({ minutes: 4 });
    const before = chat.clock.now();
    await chat.deploy(booking2);
    expect(chat.clock.now()).toBe(before);
    chat.expectState('name').expectSilence().expectTimer({ minutes: 6 });
    expect(await chat.say('Ann')).toEqual(['How many guests?']);
    bob.expectState('name').expectTimer({ minutes: 6 });
    await bob.advance({ minutes: 6 });
    bob.expectReplies('Are you still there?');
    expect(await bob.say('Bob')).toEqual(['How many guests?']);
    expect(chat.transcript).toContain('@ +4m\n# version 2 is deployed\n> Ann\n');
  });

  it('migrates each conversation in its next turn', async () => {
    const chat = converse(booking, { services: { book: hangs() } });
    await chat.say('hi');
    await chat.say('Ann');
    chat.expectState('asking').expectContext({ name: 'Ann' });
    const next = await chat.deploy(booking2, {
      migrate: {
        '1': ({ snapshot, context }) => ({
          version: '2',
          snapshot: { ...snapshot, value: { guests: 'waiting' }, children: {} },
          context: { fullName: context['name'] },
          timers: [],
          services: [],
        }),
      },
      services: { reserve: async () => 'Reserved.' },
    });
    expectTypeOf(next.context).toEqualTypeOf<Readonly<Partial<Second>>>();
    expect(await next.say('2')).toEqual(['Reserved.', 'Bye.']);
    next.expectContext({ fullName: 'Ann', guests: 2 }).expectDone();
  });

  it('starts the services again that it stopped, under the same key', async () => {
    const keys: string[] = [];
    const chat = converse(weather, {
      services: {
        forecast: async (_, { idempotencyKey }) => {
          keys.push(idempotencyKey);
          return keys.length === 1 ? new Promise<never>(() => {}) : 'snow';
        },
      },
    });
    await chat.seed('asking', { city: 'Oslo' });
    await chat.deploy(weather);
    chat.expectReply('There will be snow.');
    expect(keys[1]).toBe(keys[0]);
  });

  it('answers first what waits for a service', async () => {
    const chat = converse(booking, { services: { book: takes({ seconds: 2 }, () => 'Booked.') } });
    await chat.say('hi');
    await chat.say('Ann');
    chat.expectOutcome('waiting');
    await chat.deploy(booking);
    chat.expectOutcome('replied').expectReplies('Booked.', 'Bye.');
    expect(chat.transcript).toContain('@ +2s\n');
  });

  it('is refused where a runner or a stub would be, and the old version continues', async () => {
    const chat = converse(booking);
    await chat.say('hi');
    await expect(chat.deploy({} as never)).rejects.toMatchObject({ code: 'bad_dialogue' });
    await expect(
      chat.deploy(booking2, { services: { book: hangs() } as never }),
    ).rejects.toMatchObject({ code: 'bad_service' });
    expect(await chat.say('Ann')).toEqual(['booked for real', 'Bye.']);
  });

  it('runs over LMDB, too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'colloquy-deploy-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const chat = converse(booking, { persister: lmdb(folder) });
    await chat.say('hi');
    await chat.deploy(booking2);
    expect(await chat.say('Ann')).toEqual(['How many guests?']);
    await chat.close();
  });
});

describe('a conversation over the disk of an earlier one', () => {
  const earlier = async (disk: Disk): Promise<void> => {
    const chat = converse(booking, { persister: memory(disk) });
    await chat.say('hi');
    await chat.user('bob').say('hi');
    await chat.close();
  };

  it('knows what is stored before it says anything', async () => {
    const disk = createDisk();
    await earlier(disk);
    const chat = converse(booking2, { persister: memory(disk) });
    chat.expectState('name').expectTimer({ minutes: 10 });
    chat.user('bob').expectState('name');
    expect(chat.user('eve').state).toBe('(none)');
  });

  it('has its own messages, whether or not the earlier one has ended', async () => {
    const disk = createDisk();
    const one = converse(booking, { persister: memory(disk, { shared: true }) });
    await one.say('hi');
    const two = converse(booking, {
      persister: memory(disk, { shared: true }),
      now: one.clock.now() + 60_000,
    });
    expect(await two.say('Ann')).toEqual(['booked for real', 'Bye.']);
    two.expectOutcome('replied');
  });

  it('fires the timers that are stored', async () => {
    const disk = createDisk();
    await earlier(disk);
    const chat = converse(booking, { persister: memory(disk) });
    expect(await chat.advance({ minutes: 10 })).toEqual(['Still there?']);
  });

  it('has its own messages over LMDB, and knows what is stored after a step', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'colloquy-again-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const one = converse(booking, { persister: lmdb(folder) });
    await one.say('hi');
    await one.close();
    const two = converse(booking, { persister: lmdb(folder) });
    await two.advance(0);
    two.expectState('name');
    expect(await two.say('Ann')).toEqual(['booked for real', 'Bye.']);
    await two.close();
  });
});

describe('the end of a chat', () => {
  it.each([
    ['a service that hangs', hangs()],
    ['a service that takes hours', takes({ hours: 3 }, () => 'late')],
  ])('comes with %s', async (_, book) => {
    const chat = converse(booking, { services: { book } });
    await chat.say('hi');
    await chat.say('Ann');
    chat.expectOutcome('waiting');
    await chat.close();
    expect(chat.outcome).toBe('pending');
  });

  it('comes with a persister that gives no answer', async () => {
    const chat = converse(booking, {
      clock: createManualClock(),
      faults: ({ method }) => (method === 'save' ? { outcome: 'dropped' } : undefined),
    });
    await chat.send('hi');
    await expect(chat.close()).resolves.toBeUndefined();
  });

  it('takes no time where nothing waits', async () => {
    const chat = converse(booking);
    await chat.say('hi');
    const { transcript } = chat;
    await chat.close();
    expect(chat.transcript).toBe(transcript);
  });
});

describe.each([
  ['a callback', fromCallback(() => {})],
  ['an observable', fromObservable(() => ({ subscribe: () => ({ unsubscribe() {} }) }) as never)],
  ['a transition function', fromTransition((state: object) => state, {})],
])('a machine with %s as an actor', (_, actor) => {
  const machineOf = (src: 'actor' | 'promise'): never =>
    setup({
      actors: { actor, promise: fromPromise(async () => {}) } as never,
    }).createMachine({
      id: 'm',
      initial: 'a',
      states: { a: { invoke: { src } as never } },
    }) as never;

  it.each(['actor', 'promise'] as const)(
    'is refused by every tool in the same way, when it invokes the %s',
    async (src) => {
      const machine = machineOf(src);
      const refused = expect.objectContaining({
        code: 'bad_dialogue',
        message: expect.stringContaining(
          "actor 'actor' is neither a promise nor a machine",
        ) as string,
      }) as Error;
      const tools = [createRunner, converse, lintDialogue, createCoverage, toMermaid] as const;
      for (const tool of tools) expect(() => void tool(machine)).toThrow(refused);
      await expect(explore(machine)).rejects.toEqual(refused);
    },
  );
});

it('refuses what is no dialogue', () => {
  expect(() => converse({} as never)).toThrow(
    expect.objectContaining({ code: 'bad_dialogue' }) as Error,
  );
});
