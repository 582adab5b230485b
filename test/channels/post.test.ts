import { describe, expect, test, vi } from 'vitest';
import { createContextStore, createRunner, setupDialogue } from 'colloquy';
import { createWebhook, type WebhookOptions } from 'colloquy/channels/webhook';
import { createManualClock } from 'colloquy/testing';
import type { Channel, PushOptions } from '../../src/channels/channel.ts';
import { ColloquyError, DeliveryError, PersistError } from '../../src/errors.ts';
import type { Reply } from '../../src/reply.ts';
import { echoTexts, post, type StubRunner, stubRunner, textChannel } from './stubs.ts';

interface Pushed {
  readonly openid: string;
  readonly reply: Reply;
  readonly options: PushOptions;
}

/** A channel that pushes, and notes what. */
function pusher(
  prefix = '',
  push: (pushed: Pushed) => void | Promise<void> = () => {},
): Channel & { readonly pushed: Pushed[] } {
  const pushed: Pushed[] = [];
  return {
    ...textChannel(),
    name: `pusher${prefix}`,
    prefix,
    pushed,
    async push(openid, reply, options) {
      pushed.push({ openid, reply, options });
      await push({ openid, reply, options });
    },
  };
}

const text = (words: string): Reply => ({ type: 'text', text: words });

/** Tells the listeners of a stub what was said outside of an answer; each outcome is what a listener rejected with. */
function tell(runner: StubRunner, openid: string, words = 'late', id = 'r1'): Promise<unknown[]> {
  const told = [...runner.listeners].map(async (listener) => {
    try {
      await listener({ openid, reply: text(words), id });
      return 'taken';
    } catch (error) {
      return error;
    }
  });
  return Promise.all(told);
}

function setUp(channel: Channel, options: WebhookOptions = {}, runner = stubRunner(echoTexts)) {
  const errors: unknown[] = [];
  const clock = createManualClock();
  const handler = createWebhook(runner, channel, {
    clock,
    onError: (error) => errors.push(error),
    ...options,
  });
  return { handler, runner, errors, clock };
}

const hasCode = (code: string): unknown =>
  expect.toSatisfy((error) => ColloquyError.is(error, code));

describe('what is said outside of an answer', () => {
  test('is pushed by the channel whose prefix fits best, once', async () => {
    const runner = stubRunner();
    const channels = [pusher(''), pusher('a:'), pusher('ab:')];
    for (const channel of channels) setUp(channel, {}, runner);
    expect(runner.listeners.size).toBe(1);
    expect(await tell(runner, 'ab:1', 'x', 'r7')).toEqual(['taken']);
    await tell(runner, 'a:2');
    await tell(runner, 'c');
    expect(channels.map(({ pushed }) => pushed.map(({ openid }) => openid))).toEqual([
      ['c'],
      ['a:2'],
      ['ab:1'],
    ]);
    expect(channels[2]?.pushed[0]).toMatchObject({ reply: text('x'), options: { id: 'r7' } });
  });

  test('is left to other listeners where it is for no channel, or for one that leaves it', async () => {
    const runner = stubRunner();
    const channel = pusher('a:');
    setUp(channel, {}, runner);
    setUp(pusher('ab:'), { late: 'leave' }, runner);
    expect(await tell(runner, 'b')).toEqual(['taken']);
    expect(await tell(runner, 'ab:1')).toEqual(['taken']);
    expect(channel.pushed).toEqual([]);
  });

  test('has no listener where every channel leaves it', () => {
    const { runner } = setUp(pusher(), { late: 'leave' });
    expect(runner.listeners.size).toBe(0);
  });

  test('is kept for the next message where the channel only answers', async () => {
    const { runner } = setUp(textChannel());
    expect(await tell(runner, 'user')).toEqual([hasCode('push_closed')]);
  });

  test('is pushed again after the channel says that it failed', async () => {
    const fault = new DeliveryError('busy', 'busy', { retryable: true });
    const { runner } = setUp(pusher('', () => Promise.reject(fault)));
    expect(await tell(runner, 'user')).toEqual([fault]);
  });

  test('is pushed again where a push has no outcome after ten seconds', async () => {
    const channel = pusher('', () => new Promise(() => {}));
    const { runner, clock } = setUp(channel);
    const telling = tell(runner, 'user');
    await clock.advance(9999);
    expect(channel.pushed[0]?.options.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(channel.pushed[0]?.options.signal.aborted).toBe(true);
    const [error] = await telling;
    expect(error).toMatchObject({ code: 'push_timeout', retryable: true, openid: 'user' });
  });
});

test('two webhooks of one runner cannot have the same openids', () => {
  const runner = stubRunner();
  setUp(pusher('a:'), {}, runner);
  expect(() => setUp(textChannel({ prefix: 'a:' }), { late: 'leave' }, runner)).toThrow(
    hasCode('channel_taken') as Error,
  );
  setUp(pusher('a:'), {}, stubRunner());
});

test.each([
  ['json:', 'json:shop:', true],
  ['json:shop:', 'json:', true],
  ['a', 'ab:', true],
  ['', '', true],
  ['json:', 'jsonb:', false],
  ['json:a:', 'json:b:', false],
  ['', 'json:', false],
  ['json:', '', false],
])('prefixes overlap if one begins with the other: %j, %j', (one, other, isRefused) => {
  const runner = stubRunner();
  setUp(pusher(one), {}, runner);
  const make = () => setUp(pusher(other), {}, runner);
  if (!isRefused) return expect(make).not.toThrow();
  expect(make).toThrow(hasCode('channel_taken') as Error);
  // Nothing is said through the channel that was refused.
  expect(runner.listeners.size).toBe(1);
});

describe('what an answer does not hold', () => {
  /** An answer that holds the first reply only, or the start of it. */
  const firstOnly = (rest?: Reply | null): Pick<Channel, 'receive'> => ({
    async receive(request) {
      const words = new TextDecoder().decode(await request.readBody());
      return {
        type: 'messages',
        messages: [{ openid: 'user', message: { type: 'message.text', text: words }, id: 'm1' }],
        acknowledge: { status: 200, body: 'ok' },
        render: ([first, ...others]) => ({
          answer: { status: 200, body: first?.type === 'text' ? first.text : '' },
          unsent: [
            ...(rest === undefined ? [] : [{ index: 0, reason: 'cut', rest }]),
            ...others.map((_, index) => ({ index: index + 1, reason: 'full' })),
          ],
        }),
      };
    },
  });
  const three = (): StubRunner => stubRunner(() => ['a', 'b', 'c']);

  test('is committed before the answer is given, and said once', async () => {
    const runner = three();
    const { handler, errors } = setUp({ ...pusher(), ...firstOnly() }, {}, runner);
    expect(await (await handler(post('hi'))).text()).toBe('a');
    expect(runner.said).toEqual([{ openid: 'user', replies: [text('b'), text('c')], id: 'm1' }]);
    expect(await (await handler(post('hi'))).text()).toBe('a');
    expect(runner.said).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  test('is the end of a text that was cut, and is reported where no push can say it', async () => {
    const cut = three();
    const first = setUp({ ...pusher(), ...firstOnly(text('the end')) }, {}, cut);
    await first.handler(post('hi'));
    expect(cut.said[0]?.replies).toEqual([text('the end'), text('b'), text('c')]);
    expect(first.errors).toEqual([]);

    const lost = three();
    const second = setUp({ ...pusher(), ...firstOnly(null) }, {}, lost);
    await second.handler(post('hi'));
    expect(lost.said[0]?.replies).toEqual([text('b'), text('c')]);
    expect(second.errors).toMatchObject([{ code: 'reply_not_sent', details: { index: 0 } }]);
  });

  test('is reported, reply by reply, where the channel only answers', async () => {
    const runner = three();
    const { handler, errors } = setUp(textChannel(firstOnly()), {}, runner);
    await handler(post('hi'));
    expect(runner.said).toEqual([]);
    expect(errors).toMatchObject([
      { code: 'reply_not_sent', openid: 'user', details: { index: 1, reason: 'full' } },
      { code: 'reply_not_sent', openid: 'user', details: { index: 2, reason: 'full' } },
    ]);
  });

  test('is said to a listener of one’s own where the channel leaves it', async () => {
    const runner = three();
    const { handler, errors } = setUp(textChannel(firstOnly()), { late: 'leave' }, runner);
    await handler(post('hi'));
    expect(runner.said).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  test('is pushed after the answer was handed over', async () => {
    const order: string[] = [];
    const channel = { ...pusher('', () => void order.push('push')), ...firstOnly() };
    const runner = three();
    const say = runner.say.bind(runner);
    let telling: Promise<unknown> | undefined;
    Object.assign(runner, {
      async say(...args: Parameters<typeof say>) {
        telling = tell(runner, 'user');
        await new Promise((resolve) => setImmediate(resolve));
        order.push('kept');
        return say(...args);
      },
    });
    const { handler } = setUp(channel, {}, runner);
    await handler(post('hi')).then(() => order.push('answer'));
    await telling;
    expect(order).toEqual(['kept', 'answer', 'push']);
  });

  test.each([
    ['for now, the platform has to deliver again', true, 503, 0],
    ['for good, every reply is reported', false, 200, 2],
  ])('and cannot be kept %s', async (_, retryable, status, reported) => {
    const runner = three();
    const fault = new PersistError('unavailable', 'secret', { retryable });
    Object.assign(runner, { say: () => Promise.reject(fault) });
    const channel = {
      ...pusher(),
      ...firstOnly(),
      limits: { redelivery: { withinMs: 1000 } },
    };
    const { handler, errors } = setUp(channel, {}, runner);
    expect((await handler(post('hi'))).status).toBe(status);
    expect(errors[0]).toBe(fault);
    expect(errors).toHaveLength(1 + reported);
  });
});

describe('the time there is', () => {
  test('is what the platform waits, less a margin', async () => {
    for (const [answerMs, deadlineMs] of [
      [5000, 4500],
      [600, 300],
    ]) {
      const { handler, runner } = setUp(textChannel({ limits: { answerMs: answerMs ?? 0 } }));
      await handler(post('hi'));
      expect(runner.calls[0]?.options.deadlineMs).toBe(deadlineMs);
    }
  });

  test('in which ids are remembered is what the platform may take to deliver again', () => {
    const { runner } = setUp(textChannel({ limits: { redelivery: { withinMs: 60_000 } } }));
    expect(runner.expected).toEqual([60_000]);
    expect(setUp(textChannel()).runner.expected).toEqual([]);
  });
});

test('an answer that holds no replies does not wait for what services bring', async () => {
  const acknowledging = { ...pusher() };
  acknowledging.receive = async (request) => {
    const reception = await textChannel().receive(request);
    if (reception.type !== 'messages') return reception;
    const { render: _, ...delivery } = reception;
    return delivery;
  };
  for (const [channel, follows] of [
    [acknowledging, false],
    [pusher(), undefined],
  ] as const) {
    const { handler, runner } = setUp(channel);
    await handler(post('hi'));
    expect(runner.calls[0]?.options.follows).toBe(follows);
  }
});

describe('a host that waits for work', () => {
  test('receives the work, which ends when nothing of the user runs any more', async () => {
    const runner = stubRunner(echoTexts);
    let rest = (): void => {};
    const idle = vi.fn(() => new Promise<void>((resolve) => (rest = resolve)));
    Object.assign(runner, { idle });
    const { handler } = setUp(textChannel(), {}, runner);
    const host = {
      works: [] as Promise<unknown>[],
      waitUntil(work: Promise<unknown>) {
        this.works.push(work);
      },
    };
    await handler(post('hi'), host);
    let isOver = false;
    void host.works[0]?.then(() => (isOver = true));
    await vi.waitUntil(() => idle.mock.calls.length === 1);
    expect(idle.mock.calls).toEqual([['user']]);
    expect(isOver).toBe(false);
    rest();
    await host.works[0];
  });

  test('may put something else in that place', async () => {
    const { handler, errors } = setUp(textChannel());
    for (const context of [undefined, {}, { waitUntil: 'no' }]) {
      expect(await (await handler(post('hi'), context as object)).text()).toBe('hi');
    }
    expect(errors).toEqual([]);
  });

  test('may refuse it', async () => {
    const { handler, errors } = setUp(textChannel());
    const fault = new Error('too late');
    const context = {
      waitUntil: () => {
        throw fault;
      },
    };
    expect(await (await handler(post('hi'), context)).text()).toBe('hi');
    expect(errors).toEqual([fault]);
  });
});

describe('over a real runner', () => {
  const { createDialogue, reply } = setupDialogue({ types: {} as { context: object } });
  const dialogue = createDialogue({
    id: 'd',
    version: '1',
    context: {},
    initial: 'idle',
    states: {
      idle: { on: { 'message.text': { target: 'waiting', actions: reply('wait') } } },
      waiting: {
        after: { 60_000: { target: 'idle', actions: reply('a minute later') } },
        on: { 'message.text': { actions: reply('still waiting') } },
      },
    },
  });

  test('what only an answer can say is said with the next message', async () => {
    const clock = createManualClock();
    const store = createContextStore({ clock });
    const runner = createRunner(dialogue, { store });
    const ids = ['m1', 'm2'];
    const channel = textChannel();
    const handler = createWebhook(
      runner,
      textChannel({
        async receive(request) {
          const reception = await channel.receive(request);
          if (reception.type !== 'messages') return reception;
          const id = ids.shift() ?? '';
          return { ...reception, messages: reception.messages.map((one) => ({ ...one, id })) };
        },
      }),
      { clock },
    );
    expect(await (await handler(post('hi'))).text()).toBe('wait');
    await clock.advance({ minutes: 1 });
    expect(await (await handler(post('hi'))).text()).toBe('a minute later|wait');
    await runner.stop();
    await store.close();
  });

  test('what comes later is pushed', async () => {
    const clock = createManualClock();
    const store = createContextStore({ clock });
    const runner = createRunner(dialogue, { store });
    const channel = pusher();
    const handler = createWebhook(runner, channel, { clock });
    await handler(post('hi'));
    await clock.advance({ minutes: 1 });
    expect(channel.pushed).toMatchObject([{ openid: 'user', reply: text('a minute later') }]);
    await runner.stop();
    await store.close();
  });
});
