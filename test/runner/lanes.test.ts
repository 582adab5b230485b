import { fromPromise } from 'xstate';
import { describe, expect, it } from 'vitest';
import { type Turn, setupDialogue } from 'colloquy';
import { memory } from 'colloquy/persist/memory';
import { createWorld, deferred, texts } from './world.ts';

/** Every text counts, through a service that waits for `gate`. */
function counter(gate: (openid: string) => Promise<void>) {
  const words = setupDialogue({
    types: {} as { context: { n: number; who: string }; input: { openid: string } },
    actors: { wait: fromPromise(({ input }: { input: string }) => gate(input)) },
  });
  return words.createDialogue({
    id: 'counter',
    context: ({ input }) => ({ n: 0, who: input.openid }),
    initial: 'ready',
    states: {
      ready: { on: { 'message.text': 'working' } },
      working: {
        invoke: {
          src: 'wait',
          input: ({ context }) => context.who,
          onDone: {
            target: 'ready',
            actions: [
              words.assign({ n: ({ context }) => context.n + 1 }),
              words.reply(({ context }) => `${context.who} ${context.n}`),
            ],
          },
        },
      },
    },
  });
}

const plain = setupDialogue({ types: {} as { context: { n: number } } });
const increment = plain.createDialogue({
  id: 'increment',
  context: { n: 0 },
  initial: 'on',
  states: {
    on: {
      on: {
        'message.text': {
          actions: [
            plain.assign({ n: ({ context }) => context.n + 1 }),
            plain.reply(({ context }) => String(context.n)),
          ],
        },
      },
    },
  },
});

describe('messages of one user', () => {
  it.each([
    ['in memory', {}],
    ['over a persister', { persister: memory() }],
  ])('run one after another, in order: 20 at once count 20 (%s)', async (_where, storeOptions) => {
    const { runner, data } = createWorld(increment, {
      storeOptions,
      lanes: { waiting: 20 },
    });
    const turns = await Promise.all(
      Array.from({ length: 20 }, (_, n) => runner.handle('u', 'x', { id: `m${n}` })),
    );
    expect(turns.flatMap(({ replies }) => texts(replies))).toEqual(
      Array.from({ length: 20 }, (_, n) => String(n + 1)),
    );
    expect(await data('u')).toEqual({ n: 20 });
  });

  it('wait for one another while turns of other users run in between', async () => {
    const gates = { slow: deferred(), quick: deferred() };
    const { runner } = createWorld(counter((who) => gates[who as 'slow' | 'quick'].promise));
    const order: string[] = [];
    const note = (turn: Turn): void => {
      order.push(...texts(turn.replies));
    };
    const slow = [1, 2, 3].map(() => runner.handle('slow', 'x').then(note));
    const quick = runner.handle('quick', 'x').then(note);
    gates.quick.resolve();
    await quick;
    expect(order).toEqual(['quick 1']);
    gates.slow.resolve();
    await Promise.all(slow);
    expect(order).toEqual(['quick 1', 'slow 1', 'slow 2', 'slow 3']);
  });
});

describe('a message beyond a limit', () => {
  it('is shed if its lane is full, and may be sent again', async () => {
    const gate = deferred();
    const { runner, data } = createWorld(
      counter(() => gate.promise),
      { lanes: { waiting: 2 } },
    );
    const turns = ['a', 'b', 'c', 'd'].map((id) => runner.handle('u', 'x', { id }));
    expect(await turns[3]).toMatchObject({ outcome: 'shed', replies: [] });
    gate.resolve();
    await Promise.all(turns);
    expect(await data('u')).toMatchObject({ n: 3 });
    expect(await runner.handle('u', 'x', { id: 'd' })).toMatchObject({ outcome: 'replied' });
  });

  it('is shed if too many turns of all users are in flight', async () => {
    const gate = deferred();
    const { runner } = createWorld(
      counter(() => gate.promise),
      { lanes: { inFlight: 4 } },
    );
    const turns = ['a', 'b', 'c'].map((openid) => runner.handle(openid, 'x'));
    // Two in the lanes of a and b, and the services they wait for: there is no room for a third.
    expect(await turns[2]).toMatchObject({ outcome: 'shed' });
    gate.resolve();
    expect(await turns[0]).toMatchObject({ outcome: 'replied' });
    expect(await turns[1]).toMatchObject({ outcome: 'replied' });
    expect(await runner.handle('c', 'x')).toMatchObject({ outcome: 'replied' });
  });

  it('does not affect other users', async () => {
    const gate = deferred();
    const { runner } = createWorld(
      counter((who) => (who === 'slow' ? gate.promise : Promise.resolve())),
      {
        lanes: { waiting: 0 },
      },
    );
    const slow = runner.handle('slow', 'x');
    expect(await runner.handle('slow', 'y')).toMatchObject({ outcome: 'shed' });
    expect(await runner.handle('other', 'x')).toMatchObject({ outcome: 'replied' });
    gate.resolve();
    await slow;
  });
});

it('the replies of two late messages keep the order of the messages', async () => {
  const gate = deferred();
  const words = setupDialogue({
    types: {} as { context: object },
    intents: {
      known: (message) =>
        message.type === 'message.text' && message.text === 'x' && gate.promise.then(() => false),
    },
  });
  const echo = words.createDialogue({
    id: 'echo',
    context: {},
    on: {
      'intent.known': { actions: words.reply('known') },
      'message.text': { actions: words.reply(({ event }) => event.text) },
    },
  });
  const { runner, clock, said } = createWorld(echo, { recognizeMs: 60_000 });
  const first = runner.handle('u', 'x');
  const second = runner.handle('u', 'y');
  await clock.advance({ seconds: 5 });
  expect(await first).toMatchObject({ outcome: 'pending' });
  expect(await second).toMatchObject({ outcome: 'pending' });
  gate.resolve();
  await clock.advance(0);
  expect(said).toEqual(['u: x', 'u: y']);
});

it('the replies of a timer follow the answer that came before it', async () => {
  const words = setupDialogue({
    types: {} as { context: object },
    actors: { pay: fromPromise(() => new Promise<void>(() => undefined)) },
  });
  const paying = words.createDialogue({
    id: 'paying',
    context: {},
    initial: 'open',
    states: {
      open: { on: { 'message.text': 'paying' } },
      paying: {
        entry: words.reply('paying'),
        invoke: { src: 'pay' },
        after: { 2000: { actions: words.reply('one moment') } },
      },
    },
  });
  const { runner, clock } = createWorld(paying);
  const heard: string[] = [];
  runner.on('reply', ({ reply }) => heard.push(...texts([reply])));
  const answered = (async () => {
    const turn = await runner.handle('u', 'x');
    heard.push(...texts(turn.replies));
  })();
  await clock.advance({ seconds: 5 });
  await answered;
  expect(heard).toEqual(['paying', 'one moment']);
});

describe('a message that is called off', () => {
  it('never runs where it still waits', async () => {
    const gate = deferred();
    const { runner, data, said } = createWorld(counter(() => gate.promise));
    const first = runner.handle('u', 'x');
    const controller = new AbortController();
    const second = runner.handle('u', 'y', { id: 'y', signal: controller.signal });
    controller.abort(new Error('hung up'));
    await expect(second).rejects.toThrow('hung up');
    gate.resolve();
    await first;
    expect(await data('u')).toMatchObject({ n: 1 });
    expect(await runner.handle('u', 'y', { id: 'y' })).toMatchObject({ outcome: 'replied' });
    expect(said).toEqual([]);
  });

  it('runs when it is delivered again, also while the first delivery still stands in line', async () => {
    const gate = deferred();
    const { runner, data } = createWorld(counter(() => gate.promise));
    const first = runner.handle('u', 'x');
    const controller = new AbortController();
    const called = runner.handle('u', 'y', { id: 'y', signal: controller.signal });
    controller.abort(new Error('hung up'));
    await expect(called).rejects.toThrow('hung up');
    const again = runner.handle('u', 'y', { id: 'y' });
    const joined = runner.handle('u', 'y', { id: 'y' });
    gate.resolve();
    await first;
    expect(await again).toMatchObject({ outcome: 'replied' });
    expect(await joined).toMatchObject({ outcome: 'duplicate' });
    expect(await data('u')).toMatchObject({ n: 2 });
  });

  it('continues if it already runs, and its replies follow later', async () => {
    const gate = deferred();
    const { runner, clock, said } = createWorld(counter(() => gate.promise));
    const controller = new AbortController();
    const turn = runner.handle('u', 'x', { signal: controller.signal });
    controller.abort();
    expect(await turn).toMatchObject({ outcome: 'pending', replies: [] });
    gate.resolve();
    await clock.advance(0);
    expect(said).toEqual(['u: u 1']);
  });
});
