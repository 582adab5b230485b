import { createContextStore, createRunner, formatReply, setupDialogue } from 'colloquy';
import { jsonWebhook } from 'colloquy/channels/json';
import { slack } from 'colloquy/channels/slack';
import { type WebhookOptions, createWebhook } from 'colloquy/channels/webhook';
import { wechat } from 'colloquy/channels/wechat';
import { wecom } from 'colloquy/channels/wecom';
import { type Disk, createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { fromPromise } from 'xstate';
import type { Channel } from '../../src/channels/channel.ts';
import { ColloquyError } from '../../src/errors.ts';
import { post, stubRunner, textChannel } from './stubs.ts';

const { createDialogue, reply } = setupDialogue({
  types: {} as { context: object },
  actors: { work: fromPromise<string>(() => new Promise(() => {})) },
});

const busy = {
  initial: 'busy',
  states: { busy: { invoke: { src: 'work', onDone: 'over' } }, over: { type: 'final' } },
} as const;

/** `work` runs a service and `both` two of them, `then` runs another one after it; `cancel` leaves the state. */
const worker = createDialogue({
  id: 'worker',
  context: {},
  initial: 'ready',
  states: {
    ready: {
      on: {
        'message.text': [
          { guard: ({ event }) => event.text === 'work', target: 'working' },
          { guard: ({ event }) => event.text === 'both', target: 'both' },
          { guard: ({ event }) => event.text === 'then', target: 'first' },
          { actions: reply('hi') },
        ],
      },
    },
    working: {
      invoke: {
        src: 'work',
        onDone: { target: 'ready', actions: reply('done') },
        onError: { target: 'ready', actions: reply('failed') },
      },
      on: {
        'message.text': [
          { guard: ({ event }) => event.text === 'cancel', target: 'ready' },
          { actions: reply('one moment') },
        ],
      },
    },
    both: {
      type: 'parallel',
      onDone: { target: 'ready', actions: reply('both done') },
      states: { left: busy, right: busy },
    },
    first: { invoke: { src: 'work', onDone: 'working' } },
  },
});

interface WorldOptions extends WebhookOptions {
  readonly disk?: Disk;
  readonly clock?: ReturnType<typeof createManualClock>;
  /** What a call of `typing` does, beside being noted. */
  readonly onTyping?: (signal: AbortSignal) => Promise<void>;
  readonly limits?: Channel['limits'];
}

/** A bot whose channel notes each call of `typing` as `ann 0.3`, with the seconds since the start. */
function open({
  disk = createDisk(),
  clock = createManualClock(),
  onTyping = async () => {},
  limits = { typingMs: 4000 },
  ...options
}: WorldOptions = {}) {
  const startedAt = clock.now();
  const typed: string[] = [];
  const said: string[] = [];
  const errors: unknown[] = [];
  const ends: ((result: string | Error) => void)[] = [];
  const store = createContextStore({ clock, persister: memory(disk) });
  const work = fromPromise(
    () =>
      new Promise<string>((resolve, reject) => {
        ends.push((result) => (result instanceof Error ? reject(result) : resolve(result)));
      }),
  );
  const runner = createRunner(worker.provide({ actors: { work } }), { store });
  const channel: Channel = {
    name: 'chat',
    prefix: '',
    limits: { answerMs: 5000, ...limits },
    async receive(request) {
      const [openid = '', text = ''] = new TextDecoder()
        .decode(await request.readBody())
        .split(': ');
      return {
        type: 'messages',
        messages: [{ openid, message: { type: 'message.text', text } }],
        acknowledge: { status: 200, body: '' },
        render: (replies) => ({
          answer: { status: 200, body: replies.map(formatReply).join('|') },
          unsent: [],
        }),
      };
    },
    async push(openid, each) {
      said.push(`${openid}: ${formatReply(each)}`);
    },
    async typing(openid, { signal }) {
      typed.push(`${openid} ${(clock.now() - startedAt) / 1000}`);
      await onTyping(signal);
    },
  };
  const handler = createWebhook(runner, channel, {
    clock,
    typing: true,
    onError: (error) => errors.push(error),
    ...options,
  });
  runner.on('error', ({ error }) => errors.push(error));
  onTestFinished(async () => {
    const closed = store.close();
    // A turn that waits for its service ends at its deadline.
    await clock.advance({ seconds: 5 });
    await closed;
  });
  return {
    clock,
    runner,
    typed,
    said,
    errors,
    /** Sends a message; the answer is `said`, too. */
    async send(openid: string, text: string) {
      void handler(post(`${openid}: ${text}`)).then(async (response) => {
        const body = await response.text();
        if (body !== '') said.push(`${openid}: ${body}`);
      });
      await clock.advance(0);
      await clock.advance(0);
    },
    /** Ends the service that started first. */
    async end(result: string | Error = '') {
      expect(ends).not.toEqual([]);
      ends.shift()?.(result);
      await clock.advance(0);
      await clock.advance(0);
    },
  };
}

describe('a webhook with `typing`', () => {
  it('shows it once for a short service, and ends with the reply', async () => {
    const { clock, typed, said, send, end } = open();
    await send('ann', 'work');
    await clock.advance({ seconds: 2 });
    await end();
    await clock.advance({ minutes: 5 });
    expect(typed).toEqual(['ann 0.3']);
    expect(said).toEqual(['ann: done']);
  });

  it('shows nothing for a service that ends before a person looks', async () => {
    const { clock, typed, send, end } = open();
    await send('ann', 'work');
    await clock.advance({ milliseconds: 299 });
    await end();
    await clock.advance({ minutes: 5 });
    expect(typed).toEqual([]);
  });

  it('shows nothing where no service runs', async () => {
    const { clock, typed, said, send } = open();
    await send('ann', 'hello');
    await clock.advance({ minutes: 5 });
    expect([typed, said]).toEqual([[], ['ann: hi']]);
  });

  it('shows nothing unless it is asked to', async () => {
    const { clock, typed, send } = open({ typing: undefined });
    await send('ann', 'work');
    await clock.advance({ minutes: 5 });
    expect(typed).toEqual([]);
  });

  it('shows it again and again for a long service, also after the deadline of its answer', async () => {
    const { clock, typed, said, send, end } = open();
    await send('ann', 'work');
    await clock.advance({ seconds: 13 });
    expect(typed).toEqual(['ann 0.3', 'ann 4.3', 'ann 8.3', 'ann 12.3']);
    await end();
    await clock.advance({ minutes: 5 });
    expect(typed).toHaveLength(4);
    expect(said).toEqual(['ann: done']);
  });

  it('counts from the end of a call to the next, and makes one at a time', async () => {
    let under = 0;
    const { clock, typed, send } = open({
      async onTyping() {
        under += 1;
        expect(under).toBe(1);
        await new Promise<void>((resolve) => void clock.wake(clock.now() + 5000, resolve));
        under -= 1;
      },
    });
    await send('ann', 'work');
    await clock.advance({ seconds: 20 });
    expect(typed).toEqual(['ann 0.3', 'ann 9.3', 'ann 18.3']);
  });

  it.each([
    ['the state is left', async ({ send }: ReturnType<typeof open>) => send('ann', 'cancel')],
    [
      'the service fails',
      async ({ end }: ReturnType<typeof open>) => end(new Error('no such thing')),
    ],
    ['the runner stops', async ({ runner }: ReturnType<typeof open>) => runner.stop()],
  ])('ends where %s, also in the middle of a call', async (_what, leave) => {
    for (const isCalling of [false, true]) {
      const signals: AbortSignal[] = [];
      const world = open({
        onTyping: async (signal) => {
          signals.push(signal);
          if (isCalling) await new Promise(() => {});
        },
      });
      await world.send('ann', 'work');
      await world.clock.advance({ seconds: 6 });
      const before = world.typed.length;
      await leave(world);
      await world.clock.advance({ minutes: 5 });
      expect(world.typed).toHaveLength(before);
      expect(signals.map(({ aborted }) => aborted)).toEqual(isCalling ? [true] : [true, true]);
    }
  });

  it('shows each user their own work', async () => {
    const { clock, typed, send, end } = open();
    await send('ann', 'work');
    await clock.advance({ seconds: 1 });
    await send('bob', 'work');
    await clock.advance({ seconds: 1 });
    await end();
    await clock.advance({ seconds: 4 });
    expect(typed).toEqual(['ann 0.3', 'bob 1.3', 'bob 5.3']);
  });

  it('shows two services of a user as one, until both have ended', async () => {
    const { clock, typed, send, end } = open();
    await send('ann', 'both');
    await clock.advance({ seconds: 5 });
    await end();
    await clock.advance({ seconds: 4 });
    await end();
    await clock.advance({ minutes: 5 });
    expect(typed).toEqual(['ann 0.3', 'ann 4.3', 'ann 8.3']);
  });

  it('begins again with a service that follows another', async () => {
    const { clock, typed, send, end } = open();
    await send('ann', 'then');
    await clock.advance({ seconds: 2 });
    await end();
    await clock.advance({ seconds: 3 });
    expect(typed).toEqual(['ann 0.3', 'ann 2.3']);
  });

  it.each([
    [
      'is refused',
      async () => {
        throw new Error('no');
      },
    ],
    [
      'throws at once',
      () => {
        throw new Error('no');
      },
    ],
    ['gets no answer', () => new Promise<void>(() => {})],
  ])('changes nothing else if a call %s, and makes no other one', async (_what, onTyping) => {
    const { clock, typed, said, errors, send, end } = open({ onTyping });
    await send('ann', 'work');
    await clock.advance({ seconds: 20 });
    await send('ann', 'hello?');
    await end();
    await clock.advance({ seconds: 20 });
    expect(typed).toEqual(['ann 0.3']);
    expect(said).toEqual(['ann: one moment', 'ann: done']);
    expect(errors).toEqual([]);
    await send('ann', 'work');
    await clock.advance({ seconds: 1 });
    expect(typed).toHaveLength(2);
  });

  it('gives up a call that has no answer after ten seconds', async () => {
    let given: AbortSignal | undefined;
    const { clock, send } = open({
      async onTyping(signal) {
        given = signal;
        await new Promise(() => {});
      },
    });
    await send('ann', 'work');
    await clock.advance({ milliseconds: 10_299 });
    expect(given?.aborted).toBe(false);
    await clock.advance({ milliseconds: 1 });
    expect(given?.aborted).toBe(true);
  });

  it('ends after two minutes, though the service continues', async () => {
    const { clock, typed, said, send, end } = open();
    await send('ann', 'work');
    await clock.advance({ minutes: 10 });
    expect(typed).toHaveLength(30);
    expect(typed.at(-1)).toBe('ann 116.3');
    await end();
    expect(said).toEqual(['ann: done']);
  });

  it('is not prolonged by a channel that does not say how long it lasts', async () => {
    const { clock, typed, send } = open({ limits: {} });
    await send('ann', 'work');
    await clock.advance({ minutes: 1 });
    expect(typed).toEqual(['ann 0.3']);
  });

  it.each([
    [
      'in an answer',
      async ({ send }: ReturnType<typeof open>) => {
        await send('ann', 'hello?');
      },
    ],
    [
      'by a push',
      async ({ runner }: ReturnType<typeof open>) => {
        await runner.say('ann', 'one moment');
      },
    ],
  ])('shows it again after a reply %s, which takes it off the screen', async (_how, say) => {
    const world = open();
    await world.send('ann', 'work');
    await world.clock.advance({ seconds: 5 });
    await say(world);
    await world.clock.advance({ seconds: 5 });
    expect(world.said).toEqual(['ann: one moment']);
    expect(world.typed).toEqual(['ann 0.3', 'ann 4.3', 'ann 5.3', 'ann 9.3']);
  });

  it('makes no second call for a reply that arrives during one', async () => {
    const { clock, runner, typed, send } = open({
      onTyping: () => new Promise<void>((resolve) => void clock.wake(clock.now() + 2000, resolve)),
    });
    await send('ann', 'work');
    await clock.advance({ seconds: 7 });
    await runner.say('ann', 'one moment');
    await clock.advance({ seconds: 6 });
    expect(typed).toEqual(['ann 0.3', 'ann 6.3', 'ann 12.3']);
  });

  it('pauses between calls also for a channel that asks for none', async () => {
    const { clock, typed, send } = open({ limits: { typingMs: 0 } });
    await send('ann', 'work');
    await clock.advance({ seconds: 3 });
    expect(typed).toEqual(['ann 0.3', 'ann 1.3', 'ann 2.3']);
  });

  it('follows a conversation to another openid', async () => {
    const { clock, runner, typed, said, send, end } = open();
    await send('ann', 'work');
    await clock.advance({ seconds: 5 });
    await runner.move('ann', 'anne');
    await clock.advance({ seconds: 5 });
    await end();
    await clock.advance({ minutes: 1 });
    expect(typed).toEqual(['ann 0.3', 'ann 4.3', 'anne 5.3', 'anne 9.3']);
    expect(said).toEqual(['anne: done']);
  });

  it.each(['stops', 'crashes'])(
    'is shown by the next process if this one %s during a service',
    async (how) => {
      const disk = createDisk();
      const clock = createManualClock();
      const before = open({ disk, clock });
      await before.send('ann', 'work');
      await clock.advance({ seconds: 5 });
      if (how === 'stops') await before.runner.stop();
      const after = open({ disk, clock });
      await after.runner.start();
      await clock.advance({ seconds: 5 });
      expect(after.typed).toEqual(['ann 0.3', 'ann 4.3']);
      await after.end();
      await clock.advance({ minutes: 5 });
      expect(after.typed).toHaveLength(2);
      expect(after.said).toEqual(['ann: done']);
    },
  );

  it('is for the users of its channel alone, of several on a runner', async () => {
    const { clock, runner, typed, send } = open();
    const quiet = textChannel({ prefix: 'bob', typing: async () => void typed.push('bob') });
    createWebhook(runner, quiet, { clock });
    await send('bob', 'work');
    await send('ann', 'work');
    await clock.advance({ seconds: 1 });
    expect(typed).toEqual(['ann 0.3']);
  });

  it('shows nothing for a runner that does not report work', async () => {
    const clock = createManualClock();
    const typed: string[] = [];
    const channel = textChannel({ typing: async (openid) => void typed.push(openid) });
    const handler = createWebhook(stubRunner(), channel, { clock, typing: true });
    expect((await handler(post('hi'))).status).toBe(200);
    await clock.advance({ seconds: 20 });
    expect(typed).toEqual([]);
  });
});

test.each<[string, Channel]>([
  ['a channel of your own', textChannel()],
  ['json', jsonWebhook({ secret: 's', push: { url: 'https://you.example' } })],
  ['slack', slack({ signingSecret: 's', token: 'xoxb-1' })],
  ['wechat without the right to push', wechat({ token: 'TheToken' })],
  [
    'wecom',
    wecom({
      token: 'TheToken',
      corpId: 'c',
      agentId: 1,
      encodingAESKey: 'a'.repeat(43),
      push: { accessToken: { get: async () => '', renew: async () => '' } },
    }),
  ],
])('`typing` is refused for a channel that has none: %s', (_name, channel) => {
  expect(() => createWebhook(stubRunner(), channel, { typing: true })).toThrow(
    expect.toSatisfy((error) => ColloquyError.is(error, 'cannot_type')) as Error,
  );
  expect(() => createWebhook(stubRunner(), channel, { typing: false })).not.toThrow();
});
