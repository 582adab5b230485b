import { describe, expect, it } from 'vitest';
import { setupDialogue } from 'colloquy';
import { setup } from 'xstate';
import { createWorld, texts } from './world.ts';

const words = setupDialogue({ types: {} as { context: { seen: number } } });
const dialogue = words.createDialogue({
  id: 'door',
  context: { seen: 0 },
  initial: 'on',
  states: {
    on: {
      after: { 1000: 'off' },
      on: {
        'message.*': { actions: words.assign({ seen: ({ context }) => context.seen + 1 }) },
        'event.*': { actions: words.assign({ seen: ({ context }) => context.seen + 1 }) },
      },
    },
    off: { entry: words.reply('off') },
  },
});

const polluting = (key: string): object =>
  JSON.parse(`{"type":"message.unknown","raw":{"deep":{"${key}":{"x":1}}}}`) as object;
const deep = (): object => {
  const message: Record<string, unknown> = { type: 'message.unknown' };
  let at = message;
  for (let n = 0; n < 100; n += 1) at = at['raw'] = {};
  return message;
};

describe('refused at the door, with nothing read or stored:', () => {
  it.each<[string, unknown]>([
    ['a forged service result', { type: 'xstate.done.actor.x', output: 1 }],
    ['a forged timer', { type: 'xstate.after.1000.door.on' }],
    ['a forged start', { type: 'xstate.init' }],
    ['a forged stop', { type: 'xstate.stop' }],
    ["the wildcard '*'", { type: '*' }],
    ['a wildcard of messages', { type: 'message.*' }],
    ['an empty type', { type: '' }],
    ['a type that is no string', { type: 7 }],
    ['a type of the user', { type: 'message.hello' }],
    ['an event that the dialogue does not name', { type: 'event.order_paid' }],
    ['an intent that the dialogue does not declare', { type: 'intent.cancel' }],
    ['a text without text', { type: 'message.text' }],
    ['a key `__proto__`', polluting('__proto__')],
    ['a function in it', { type: 'message.unknown', raw: () => 1 }],
    ['an endless nesting', deep()],
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
    ['an array', [{ type: 'message.text', text: 'x' }]],
  ])('%s', async (_what, message) => {
    const { runner, store } = createWorld(dialogue);
    await expect(runner.handle('u', message as string)).rejects.toMatchObject({
      name: 'MessageError',
      code: 'bad_message',
    });
    expect(await store.exists('u')).toBe(false);
  });

  it.each([[''], ['x'.repeat(513)], ['字'.repeat(171)], [undefined], [{}]])(
    'the openid %j',
    async (openid) => {
      const { runner } = createWorld(dialogue);
      await expect(runner.handle(openid as string, 'x')).rejects.toMatchObject({
        code: 'bad_openid',
      });
    },
  );

  it.each([[''], ['x'.repeat(513)], [7]])('the message id %j', async (id) => {
    const { runner } = createWorld(dialogue);
    await expect(runner.handle('u', 'x', { id: id as string })).rejects.toMatchObject({
      code: 'bad_id',
    });
  });
});

describe('taken in:', () => {
  it.each(['a:b', '../a', '__proto__', 'constructor', '微信', 'x'.repeat(512), ' '])(
    'the openid %j',
    async (openid) => {
      const { runner, data } = createWorld(dialogue);
      await runner.handle(openid, 'x');
      expect(await data(openid)).toEqual({ seen: 1 });
    },
  );

  it('an event that the dialogue names itself', async () => {
    const { runner } = createWorld(
      setup({}).createMachine({
        initial: 'a',
        states: { a: { on: { 'event.payment': 'b' } }, b: {} },
      }),
    );
    expect((await runner.handle('u', { type: 'event.payment', amount: 3 })).outcome).toBe('silent');
  });

  it('a message as it was when it arrived, although its sender changes the object later', async () => {
    const kept = setupDialogue({ types: {} as { context: { raw?: unknown } } });
    const { runner, data } = createWorld(
      kept.createDialogue({
        id: 'kept',
        context: {},
        initial: 'on',
        states: {
          on: {
            on: {
              'message.unknown': { actions: kept.assign(({ event }) => ({ raw: event.raw })) },
            },
          },
        },
      }),
    );
    const raw = { list: [1] };
    await runner.handle('u', { type: 'message.unknown', raw });
    raw.list.push(2);
    expect(await data('u')).toEqual({ raw: { list: [1] } });
  });
});

it('200 000 different texts leave no memory behind', async () => {
  const { runner } = createWorld(dialogue, { storeOptions: { max: 10 } });
  const play = async (from: number): Promise<number> => {
    for (let n = from; n < from + 100_000; n += 1)
      await runner.handle(`u${n % 10}`, `text ${n}`, { id: `m${n}` });
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  };
  const [first, second] = [await play(0), await play(100_000)];
  expect(globalThis.gc).toBeTypeOf('function');
  expect(second - first).toBeLessThan(2_000_000);
}, 60_000);

it('a reply event without a listener is an error, not silence', async () => {
  const { createRunner } = await import('colloquy');
  const { clock, store, runner } = createWorld(dialogue);
  await runner.stop();
  const deaf = createRunner(dialogue, { store });
  const errors: unknown[] = [];
  deaf.on('error', ({ error }) => errors.push(error));
  await deaf.handle('u', 'x');
  await clock.advance({ seconds: 1 });
  expect(errors).toMatchObject([{ name: 'DeliveryError', code: 'no_reply_listener' }]);
});

it('a message that no state takes is unhandled, and counts', async () => {
  const { runner } = createWorld(setup({}).createMachine({ initial: 'a', states: { a: {} } }), {
    onUnhandled: (message) => `no ${message.type}`,
  });
  const turn = await runner.handle('u', 'x');
  expect([turn.outcome, texts(turn.replies)]).toEqual(['unhandled', ['no message.text']]);
});
