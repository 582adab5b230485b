import {
  type Persister,
  type RunnerOptions,
  createContextStore,
  createRunner,
  formatReply,
  setupDialogue,
} from 'colloquy';
import { createWebhook } from 'colloquy/channels/webhook';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fromPromise } from 'xstate';
import type { Channel } from '../../src/channels/channel.ts';
import type { Inbound } from '../../src/channels/reception.ts';
import { deferred, texts } from './world.ts';

const OLD = 'stub:group';
const NEW = 'stub:supergroup';

let results: ReturnType<typeof deferred<string>>[] = [];

const words = setupDialogue({
  types: {} as { context: { name?: string } },
  actors: {
    book: fromPromise(async () => {
      const result = deferred<string>();
      results.push(result);
      return result.promise;
    }),
  },
});

/** `remind` and `book` wait for time and for a service; any other text is remembered. */
const desk = words.createDialogue({
  id: 'desk',
  context: {},
  initial: 'on',
  states: {
    on: {
      on: {
        'message.text': [
          { guard: ({ event }) => event.text === 'remind', target: 'waiting' },
          { guard: ({ event }) => event.text === 'book', target: 'booking' },
          {
            guard: ({ event }) => event.text === 'who',
            actions: words.reply(({ context }) => `You are ${context.name}.`),
          },
          { actions: words.assign({ name: ({ event }) => event.text }) },
        ],
      },
    },
    waiting: { after: { 60_000: { target: 'on', actions: words.reply('It is time.') } } },
    booking: {
      invoke: {
        src: 'book',
        onDone: { target: 'on', actions: words.reply(({ event }) => `Booked: ${event.output}.`) },
      },
      on: { 'message.image': { actions: words.reply('Nice.') } },
    },
  },
});

function start(persister: Persister | undefined, options: RunnerOptions = {}) {
  results = [];
  const clock = createManualClock();
  const store = createContextStore({ clock, ...(persister && { persister }) });
  const runner = createRunner(desk, { ...options, store });
  const said: string[] = [];
  const errors: unknown[] = [];
  runner.on('reply', ({ openid, reply }) => void said.push(`${openid}: ${formatReply(reply)}`));
  runner.on('error', ({ error }) => errors.push(error));
  onTestFinished(() => store.close());
  return { clock, store, runner, said, errors };
}

const stepwise = (): Persister => {
  const { move: _move, ...persister } = memory(createDisk());
  return persister;
};

describe.each([
  ['in memory', () => undefined],
  ['over a persister that moves', () => memory(createDisk())],
  ['over a persister that saves and deletes', stepwise],
])('a conversation that is moved %s', (_name, create) => {
  it('continues in its state, and knows the messages that it has heard', async () => {
    const { runner, errors } = start(create());
    await runner.handle(OLD, 'Ann', { id: 'm1' });
    expect(await runner.move(OLD, NEW)).toBe(true);
    expect(await runner.inspect(OLD)).toBeUndefined();
    expect((await runner.handle(NEW, 'Bob', { id: 'm1' })).outcome).toBe('duplicate');
    expect(texts((await runner.handle(NEW, 'who')).replies)).toEqual(['You are Ann.']);
    expect(errors).toEqual([]);
  });

  it('receives, under the new openid, a message that arrives right behind the move', async () => {
    const { runner } = start(create());
    await runner.handle(OLD, 'Ann');
    const moving = runner.move(OLD, NEW);
    const turn = runner.handle(NEW, 'who');
    expect(await moving).toBe(true);
    expect(texts((await turn).replies)).toEqual(['You are Ann.']);
  });

  it('fires its timers under the new openid, once', async () => {
    const { runner, clock, said, store } = start(create());
    await runner.handle(OLD, 'remind');
    await clock.advance(30_000);
    await runner.move(OLD, NEW);
    await clock.advance(29_999);
    expect(said).toEqual([]);
    await clock.advance(1);
    expect(said).toEqual([`${NEW}: It is time.`]);
    await clock.advance({ hours: 2 });
    expect([await store.exists(OLD), await store.exists(NEW)]).toEqual([false, false]);
    expect(said).toHaveLength(1);
  });

  it('receives the result of a running service under the new openid', async () => {
    const { runner, said, errors } = start(create());
    await runner.handle(OLD, 'book', { deadlineMs: 0 });
    await runner.move(OLD, NEW);
    expect((await runner.inspect(NEW))?.services).toHaveLength(1);
    results[0]?.resolve('table 7');
    await runner.idle(NEW);
    await runner.idle(OLD);
    expect([said, results.length, errors]).toEqual([[`${NEW}: Booked: table 7.`], 1, []]);
  });

  it('receives the result of a service that ends while the move waits', async () => {
    const { runner, store, said } = start(create());
    await runner.handle(OLD, 'book', { deadlineMs: 0 });
    const begun = deferred();
    const end = deferred();
    const updating = store.update(OLD, async () => {
      begun.resolve();
      await end.promise;
    });
    await begun.promise;
    const moving = runner.move(OLD, NEW);
    results[0]?.resolve('table 7');
    await Promise.resolve();
    end.resolve();
    await Promise.all([updating, moving]);
    await runner.idle(OLD);
    await runner.idle(NEW);
    expect([said, results.length]).toEqual([[`${NEW}: Booked: table 7.`], 1]);
  });

  it('has each reply of a timer delivered once, also if the move comes during the delivery', async () => {
    const { runner, clock } = start(create());
    const slow = deferred();
    const told: string[] = [];
    const off = runner.on('reply', async ({ openid, reply }) => {
      told.push(`${openid}: ${formatReply(reply)}`);
      await slow.promise;
    });
    await runner.handle(OLD, 'remind');
    await clock.advance(60_000);
    const moving = runner.move(OLD, NEW);
    slow.resolve();
    await moving;
    await runner.idle(NEW);
    await runner.idle(OLD);
    await clock.advance({ minutes: 5 });
    off();
    expect(told).toEqual([`${OLD}: It is time.`]);
    expect((await runner.inspect(NEW))?.unsent).toBe(0);
  });
});

/** Takes an inbound message as JSON, and answers with a list of texts. */
const channel: Channel = {
  name: 'stub',
  prefix: 'stub:',
  limits: { redelivery: { withinMs: 60_000 } },
  async receive(request) {
    const body = Buffer.from(await request.readBody()).toString();
    return {
      type: 'messages',
      messages: [JSON.parse(body) as Inbound],
      acknowledge: { status: 200, body: '[]' },
      render: (replies) => ({
        answer: { status: 200, body: JSON.stringify(texts(replies)) },
        unsent: [],
      }),
    };
  },
  async push() {},
};

describe('a channel that reports the old openid of a conversation', () => {
  function serve(options: Parameters<typeof start>[0]) {
    const world = start(options);
    const errors: unknown[] = [];
    const handler = createWebhook(world.runner, channel, {
      clock: world.clock,
      onError: (error) => errors.push(error),
    });
    /** What is said to it, or the status of an answer that holds nothing. */
    const send = async (inbound: Inbound): Promise<unknown> => {
      const body = JSON.stringify(inbound);
      const response = await handler(new Request('https://bot.example', { method: 'POST', body }));
      return response.ok ? response.json() : response.status;
    };
    return { ...world, errors, send };
  }

  it('has the conversation moved before the runner takes the message', async () => {
    const { runner, send, errors } = serve(memory(createDisk()));
    await runner.handle(OLD, 'Ann');
    const body = await send({
      openid: NEW,
      movedFrom: OLD,
      message: { type: 'message.text', text: 'who' },
    });
    expect([body, errors]).toEqual([['You are Ann.'], []]);
  });

  it('may deliver a message again after the move', async () => {
    const { runner, send } = serve(memory(createDisk()));
    await runner.handle(OLD, 'Ann');
    const inbound = {
      openid: NEW,
      movedFrom: OLD,
      id: 'm1',
      message: { type: 'event.unknown' },
    } as const;
    for (let delivery = 0; delivery < 2; delivery += 1) expect(await send(inbound)).toEqual([]);
    expect((await runner.inspect(NEW))?.context).toEqual({ name: 'Ann' });
  });

  it('continues the conversation that exists there, and reports it', async () => {
    const { runner, send, errors } = serve(memory(createDisk()));
    await runner.handle(OLD, 'Ann');
    await runner.handle(NEW, 'Bob');
    const body = await send({
      openid: NEW,
      movedFrom: OLD,
      message: { type: 'message.text', text: 'who' },
    });
    expect(body).toEqual(['You are Bob.']);
    expect(errors).toMatchObject([{ code: 'target_exists' }]);
  });

  it('receives 503 if the move fails and may succeed later, and then delivers the message again', async () => {
    const persister = memory(createDisk());
    let isDown = false;
    const { runner, send } = serve({
      ...persister,
      async move(...args) {
        if (isDown) throw new Error('down');
        return (persister.move as NonNullable<Persister['move']>)(...args);
      },
    });
    await runner.handle(OLD, 'Ann');
    isDown = true;
    const inbound = {
      openid: NEW,
      movedFrom: OLD,
      id: 'm1',
      message: { type: 'message.text', text: 'who' },
    } as const;
    expect(await send(inbound)).toBe(503);
    expect(await runner.inspect(NEW)).toBeUndefined();
    isDown = false;
    expect(await send(inbound)).toEqual(['You are Ann.']);
  });
});
