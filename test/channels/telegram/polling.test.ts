import { ColloquyError, createContextStore, createRunner, setupDialogue } from 'colloquy';
import { createSource } from 'colloquy/channels/source';
import { type TelegramOptions, telegram } from 'colloquy/channels/telegram';
import { createWebhook } from 'colloquy/channels/webhook';
import { type Disk, createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { TurnTaker } from '../../../src/channels/turn-taker.ts';
import { type TelegramServer, startTelegramServer } from '../../support/telegram-server.ts';
import { stubRunner } from '../stubs.ts';

const TOKEN = '110201543:canary-token';

const { assign, choose, createDialogue, done, reply } = setupDialogue({
  types: {} as { context: { heard: readonly string[]; drink?: string } },
});

/** Says back what it hears, and counts it. */
const echo = createDialogue({
  id: 'echo',
  context: { heard: [] },
  on: {
    'message.text': {
      actions: [
        assign({ heard: ({ context, event }) => [...context.heard, event.text] }),
        reply(({ event }) => event.text),
      ],
    },
  },
});

const tea = createDialogue({
  id: 'tea',
  context: { heard: [] },
  initial: 'asking',
  states: {
    asking: choose({
      question: 'Which?',
      options: [{ value: 'green' }, { value: 'black' }],
      assign: 'drink',
      target: 'served',
    }),
    served: done('Here you are.'),
  },
});

async function createWorld() {
  const server = await startTelegramServer(TOKEN);
  onTestFinished(() => server.close());
  const clock = createManualClock();
  const disk = createDisk();

  /** Repeats a check until it holds. Time passes meanwhile, if it has to. */
  function until(check: () => void, stepMs = 0): Promise<void> {
    const once = async (): Promise<void> => {
      await clock.advance(stepMs);
      check();
    };
    return vi.waitFor(once, { interval: 2, timeout: 8000 });
  }

  function begin(runner: TurnTaker, options: Partial<TelegramOptions> = {}) {
    const errors: unknown[] = [];
    const channel = telegram({ token: TOKEN, baseUrl: server.url, ...options } as {
      token: string;
    });
    const source = createSource(runner, channel, { clock, onError: (error) => errors.push(error) });
    onTestFinished(() => source.stop());
    const codes = () =>
      errors.map((error) => (ColloquyError.is(error) ? error.code : String(error)));
    return { source, errors, codes };
  }

  function start({
    dialogue = echo,
    on = disk,
    shared = false,
    ...options
  }: Partial<TelegramOptions> & {
    readonly dialogue?: Parameters<typeof createRunner>[0];
    readonly on?: Disk;
    readonly shared?: boolean;
  } = {}) {
    const store = createContextStore({ persister: memory(on, { shared, clock }), clock });
    const runner = createRunner(dialogue, { store, onStale: () => 'It is over.' });
    const begun = begin(runner, options);
    const stop = async (): Promise<void> => {
      await begun.source.stop();
      await runner.stop();
      await store.close();
    };
    onTestFinished(stop);
    return { ...begun, runner, store, stop };
  }
  return { server, clock, until, begin, start };
}

const textsOf = ({ shown }: TelegramServer) =>
  shown.map(({ text, chat_id: to }) => `${to}: ${text}`);

describe('a bot that asks for its updates', () => {
  it('answers what users say, and has Telegram forget it', async () => {
    const { server, until, start } = await createWorld();
    start();
    server.say('one');
    server.say('two', 102);
    server.say('three');
    await until(() => expect(server.waiting).toEqual([]));
    await until(() => expect(textsOf(server)).toHaveLength(3));
    expect(textsOf(server).filter((text) => text.startsWith('101'))).toEqual([
      '101: one',
      '101: three',
    ]);
  });

  it('asks for nothing while nothing is said, but once in half a minute', async () => {
    const { server, until, start } = await createWorld();
    start();
    await until(() => expect(server.asking).toBe(1));
    expect(server.asked).toEqual([{ limit: 100, timeout: 30 }]);
    server.lapse();
    await until(() => expect(server.asked).toHaveLength(2));
  });

  it('has Telegram keep what is not committed, and holds up no other user by it', async () => {
    const { server, until, begin } = await createWorld();
    let finish = (): void => {};
    const runner = stubRunner(async ({ openid }) => {
      if (openid.endsWith(':101')) await new Promise<void>((resolve) => (finish = resolve));
      return [];
    });
    begin(runner);
    const slow = server.say('slow');
    await until(() => expect(runner.calls).toHaveLength(1));
    const next = server.say('quick', 102);
    await until(() => expect(runner.calls).toHaveLength(2), 20);
    await until(() => expect(server.asked.length).toBeGreaterThan(4), 20);
    expect(server.waiting).toEqual([slow, next]);
    finish();
    await until(() => expect(server.waiting).toEqual([]), 20);
    expect(runner.calls).toHaveLength(2);
  });

  it('has no more than a hundred updates that are not committed', async () => {
    const { server, until, begin } = await createWorld();
    const ends: (() => void)[] = [];
    const runner = stubRunner(async () => {
      await new Promise<void>((resolve) => ends.push(resolve));
      return [];
    });
    const { source } = begin(runner);
    for (let user = 1; user <= 130; user += 1) server.say('hi', user);
    await until(() => expect(runner.calls).toHaveLength(100));
    const { length } = server.asked;
    await until(() => expect(server.asked.length).toBeGreaterThan(length + 2), 20);
    expect(runner.calls).toHaveLength(100);
    ends[0]?.();
    await until(() => expect(runner.calls).toHaveLength(101), 20);
    const stopping = source.stop();
    for (const end of ends) end();
    await stopping;
  });

  it('tells Telegram at its end what was taken, so that the next start takes nothing again', async () => {
    const { server, until, start } = await createWorld();
    const first = start();
    const number = server.say('one');
    await until(() => expect(textsOf(server)).toEqual(['101: one']));
    await first.stop();
    expect(server.waiting).toEqual([]);
    const second = start();
    await until(() => expect(server.asking).toBe(1));
    expect(server.given.get(number)).toBe(1);
    expect([...first.errors, ...second.errors]).toEqual([]);
  });

  it('takes again what Telegram did not hear of, and counts it once', async () => {
    const { server, until, start } = await createWorld();
    const first = start();
    // It hears no more after the updates were given, as from a process that was killed.
    server.faults.set('getUpdates', []);
    const number = server.say('one');
    await until(() => expect(textsOf(server)).toEqual(['101: one']));
    server.send({ message: {} }, number);
    await first.stop();
    server.send(
      { message: { date: 1, from: { id: 101 }, chat: { id: 101, type: 'private' }, text: 'one' } },
      number,
    );
    const second = start();
    await until(() => expect(server.waiting).toEqual([]));
    expect(textsOf(server)).toEqual(['101: one']);
    const { context } = (await second.runner.inspect('telegram:110201543:101:101')) ?? {};
    expect(context).toEqual({ heard: ['one'] });
  });

  it('forgets its place when Telegram has nothing more: after a week, numbers begin anywhere', async () => {
    const { server, until, start } = await createWorld();
    start();
    server.say('one');
    await until(() => expect(server.waiting).toEqual([]));
    server.lapse();
    await until(() => expect(server.asked.at(-1)).toEqual({ limit: 100, timeout: 30 }));
    server.send({ message: { date: 1, from: { id: 101 }, chat: { id: 101 }, text: 'two' } }, 7);
    await until(() => expect(textsOf(server)).toEqual(['101: one', '101: two']));
  });

  it('asks for the kinds of updates that its options name', async () => {
    const { server, until, start } = await createWorld();
    start({ updates: ['message', 'message_reaction'] });
    await until(() => expect(server.asking).toBe(1));
    expect(server.asked[0]).toMatchObject({ allowed_updates: ['message', 'message_reaction'] });
  });

  it('leaves out an update that cannot be read, and says so', async () => {
    const { server, until, start } = await createWorld();
    const { codes } = start();
    const deep = JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`) as object;
    server.send({ message: deep });
    server.say('one');
    await until(() => expect(server.waiting).toEqual([]));
    expect(textsOf(server)).toEqual(['101: one']);
    expect(codes()).toEqual(['bad_body']);
  });

  it('ends the waiting of a button, with the words to one whose question is over', async () => {
    const { server, until, start } = await createWorld();
    start({ dialogue: tea });
    server.say('hi');
    await until(() => expect(server.shown).toHaveLength(1));
    server.press('green');
    await until(() => expect(server.shown).toHaveLength(2));
    await until(() => expect(server.waiting).toEqual([]));
    const first = server.shown[0];
    (server.shown as unknown[]).push(first);
    server.press('black');
    await until(() => expect(server.waiting).toEqual([]));
    const answers = server.calls.filter(({ method }) => method === 'answerCallbackQuery');
    expect(answers.map(({ text }) => text)).toEqual([undefined, 'It is over.']);
  });
});

describe('of several programs', () => {
  it('that share a persister, one asks, and another one after its end', async () => {
    const { server, until, start } = await createWorld();
    const first = start({ shared: true });
    await until(() => expect(server.asking).toBe(1));
    const second = start({ shared: true });
    server.say('one');
    await until(() => expect(server.waiting).toEqual([]), 1000);
    await first.stop();
    server.say('two');
    await until(() => expect(textsOf(server)).toEqual(['101: one', '101: two']), 500);
    expect([...first.errors, ...second.errors]).toEqual([]);
  });

  it('that share nothing, both say that there is another one, and pause longer and longer', async () => {
    const { server, until, start } = await createWorld();
    const first = start();
    await until(() => expect(server.asking).toBe(1));
    const second = start({ on: createDisk() });
    await until(
      () => expect([...first.codes(), ...second.codes()].length).toBeGreaterThan(5),
      1000,
    );
    expect(new Set([...first.codes(), ...second.codes()])).toEqual(new Set(['source_taken']));
    await first.stop();
    server.say('one');
    await until(() => expect(textsOf(server)).toEqual(['101: one']), 1000);
  });
});

describe('a webhook that is set', () => {
  it('ends the source, which says what to do, and stays', async () => {
    const { server, start } = await createWorld();
    server.webhook = 'https://bot.example';
    const { source, codes } = start();
    await expect(source.ended).rejects.toThrow('deleteWebhook');
    expect(codes()).toEqual(['webhook_active']);
    expect(server.webhook).toBe('https://bot.example');
  });

  it('is deleted where the program says so, and no update is', async () => {
    const { server, until, start } = await createWorld();
    server.webhook = 'https://bot.example';
    server.say('one');
    start({ deleteWebhook: true });
    await until(() => expect(textsOf(server)).toEqual(['101: one']));
    expect(server.calls[0]).toEqual({ method: 'deleteWebhook' });
  });
});

describe('when Telegram', () => {
  it.each([401, 404])(
    'refuses the token with %i, it ends and says so without the token',
    async (status) => {
      const { server, start } = await createWorld();
      server.faults.set('getUpdates', [{ status, body: { ok: false, error_code: status } }]);
      const { source, errors } = start();
      await expect(source.ended).rejects.toMatchObject({ code: 'source_refused' });
      expect(errors).toHaveLength(1);
      expect(String((errors[0] as Error).stack)).not.toContain('canary');
    },
  );

  it.each([
    ['has an error', { status: 502, body: { ok: false, error_code: 502 } }, 'HTTP 502'],
    ['is not there, but a page of a hotel', { status: 200, body: '<html>' }, 'HTTP 200'],
    ['cuts the connection', 'cut', 'UND_ERR_SOCKET'],
    ['is silent', 'silence', 'timeout'],
  ] as const)('%s, it asks again', async (_, fault, reason) => {
    const { server, until, start } = await createWorld();
    server.faults.set('getUpdates', [fault]);
    const { errors } = start();
    server.say('one');
    await until(() => expect(textsOf(server)).toEqual(['101: one']), 500);
    expect(errors).toMatchObject([{ code: 'source_failed', details: { reason } }]);
    expect(String((errors[0] as Error).stack)).not.toContain('canary');
  });

  it('asks for a pause, it makes one of that length', async () => {
    const { server, clock, until, start } = await createWorld();
    const body = { ok: false, error_code: 429, parameters: { retry_after: 50 } };
    server.faults.set('getUpdates', [{ status: 429, body }]);
    const { codes } = start();
    await until(() => expect(codes()).toEqual(['source_failed']));
    await clock.advance(49_999);
    expect(server.asked).toEqual([]);
    await clock.advance(1);
    await until(() => expect(server.asking).toBe(1));
  });
});

describe('without a secret', () => {
  it('no webhook can be made of the channel', () => {
    const channel = telegram({ token: TOKEN });
    expect(channel).not.toHaveProperty('receive');
    // @ts-expect-error it takes no requests
    expect(() => createWebhook(stubRunner(), channel)).toThrow(
      expect.objectContaining({ code: 'bad_option' }),
    );
  });

  it('that was meant to be there, there is no channel', () => {
    const secret = undefined as unknown as string;
    expect(() => telegram({ token: TOKEN, secret })).toThrow(
      expect.objectContaining({ code: 'bad_secret' }),
    );
  });
});
