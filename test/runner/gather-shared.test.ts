import { describe, expect, it } from 'vitest';
import {
  type Message,
  type Turn,
  createContextStore,
  createRunner,
  jsonCodec,
  sealed,
  setupDialogue,
} from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import { type World, createWorld, texts } from './world.ts';

const QUIET = 1500;
const gather = { quietMs: QUIET, maxMs: 10_000, max: 4 };

const words = setupDialogue({ types: {} as { context: object } });
const parrot = words.createDialogue({
  id: 'parrot',
  context: {},
  initial: 'on',
  states: {
    on: {
      on: {
        'message.text': {
          actions: words.reply(({ event }) => `heard ${event.text.replaceAll('\n', '|')}`),
        },
        'message.action': { actions: words.reply('a button') },
      },
    },
  },
});

/** Two processes over one store that they share. */
function twoNodes(max = 100): { a: World; b: World; clock: World['clock'] } {
  const [disk, clock] = [createDisk(), createManualClock()];
  const node = (): World => {
    const persister = memory(disk, { shared: true, clock });
    const storeOptions = { persister, max, lease: { patrolMs: 2000 } };
    const world = createWorld(parrot, { gather, clock, storeOptions });
    void world.runner.start();
    return world;
  };
  return { a: node(), b: node(), clock };
}

describe('a burst over two processes', () => {
  it('is answered by the one that has the caller of the last part', async () => {
    for (const isSwapped of [false, true]) {
      const { a, b, clock } = twoNodes();
      const [one, other] = isSwapped ? [b, a] : [a, b];
      const first = one.runner.handle('u', 'x', { id: '1' });
      await clock.advance(1000);
      const second = other.runner.handle('u', 'y', { id: '2' });
      await clock.advance(QUIET);
      const answer: Turn = await second;
      expect([answer.outcome, texts(answer.replies)]).toEqual(['replied', ['heard x|y']]);
      expect((await first).outcome).toBe('gathered');
      await clock.advance(60_000);
      expect([...a.said, ...b.said, ...a.errors, ...b.errors]).toEqual([]);
    }
  });

  it('is taken by another one if that has died', async () => {
    const [disk, clock] = [createDisk(), createManualClock()];
    const dead = memory(disk, { shared: true, clock });
    const store = createContextStore({
      // Of this process, nothing but what it has written is left.
      clock: { now: () => clock.now(), wake: () => () => {} },
      persister: dead,
    });
    const runner = createRunner(parrot, { store, gather });
    void runner.handle('u', 'x', { id: '1' });
    await clock.advance(0);
    const persister = memory(disk, { shared: true, clock });
    const { said, runner: next } = createWorld(parrot, {
      gather,
      clock,
      storeOptions: { persister, lease: { patrolMs: 1000 } },
    });
    await next.start();
    await clock.advance(4000);
    // Its caller might still wait.
    expect(said).toEqual([]);
    await clock.advance(3000);
    expect(said).toEqual(['u: heard x']);
  });

  it('is ended by a button that another one has: the answer to it has both', async () => {
    const { a, b, clock } = twoNodes();
    const part = a.runner.handle('u', 'x', { id: '1', awaitBurst: false });
    await clock.advance(10);
    expect((await part).outcome).toBe('gathered');
    const pressed = await b.runner.handle('u', { type: 'message.action', value: 'v' }, { id: '2' });
    expect(texts(pressed.replies)).toEqual(['heard x', 'a button']);
    await clock.advance(60_000);
    expect([...a.said, ...b.said]).toEqual([]);
  });

  it('whose part did not wait is taken on time, and its replies are pushed', async () => {
    const { a, b, clock } = twoNodes();
    void a.runner.handle('u', 'x', { id: '1', awaitBurst: false });
    await clock.advance(1000);
    void b.runner.handle('u', 'y', { id: '2', awaitBurst: false });
    await clock.advance(QUIET);
    expect([...a.said, ...b.said]).toEqual(['u: heard x|y']);
  });
});

describe('a burst that comes after one of another person, over two processes', () => {
  const by = (id: string, text: string): Message => ({ type: 'message.text', text, from: { id } });
  /** The burst of Bob is over, that of Ann has begun, and the push of the other process takes a second. */
  async function between(): Promise<ReturnType<typeof twoNodes> & { answer: Promise<Turn> }> {
    const nodes = twoNodes(1);
    const { a, b, clock } = nodes;
    b.runner.on(
      'reply',
      () => new Promise<void>((taken) => void clock.wake(clock.now() + 1000, taken)),
    );
    const first = a.runner.handle('u', by('bob', 'x'), { id: '1' });
    await clock.advance(10);
    const answer = a.runner.handle('u', by('ann', 'y'), { id: '2' });
    await clock.advance(10);
    expect(texts((await first).replies)).toEqual(['heard x']);
    return { ...nodes, answer };
  }

  it('is said once where the other process took its turn and is pushing the reply', async () => {
    const { a, b, clock, answer } = await between();
    void b.runner.handle('u', by('ann', 'z'), { id: '3', awaitBurst: false });
    await clock.advance(QUIET + 10);
    expect(b.said).toEqual(['u: heard y|z']);
    // Another user takes the place of the record in memory.
    await a.store.update('v', (context) => void context.set('n', 1));
    void a.runner.handle('u', by('ann', 'w'), { id: '4', awaitBurst: false });
    await clock.advance(60_000);
    expect((await answer).outcome).toBe('gathered');
    expect([...a.said, ...b.said].toSorted()).toEqual(['u: heard w', 'u: heard y|z']);
  });

  it('is not answered with what the other process is pushing', async () => {
    const { a, b, clock, answer } = await between();
    await clock.advance(1000);
    void b.runner.say('u', 'a note');
    await clock.advance(500);
    expect(texts((await answer).replies)).toEqual(['heard y']);
    await clock.advance(60_000);
    expect([...a.said, ...b.said]).toEqual(['u: a note']);
  });
});

describe('a stored burst', () => {
  it('is sealed with its record', async () => {
    const [disk, clock] = [createDisk(), createManualClock()];
    const codec = sealed(jsonCodec, {
      keys: [{ id: 'k', secret: 's'.repeat(32) }],
      mode: 'encrypt',
    });
    const { runner } = createWorld(parrot, {
      gather,
      clock,
      storeOptions: { persister: memory(disk), codec },
    });
    const turn = runner.handle('u', 'a secret word');
    await clock.advance(10);
    expect(disk.records.get('u')?.body).not.toContain('secret');
    await clock.advance(QUIET);
    expect(texts((await turn).replies)).toEqual(['heard a secret word']);
  });

  it.each([
    ['no parts', { parts: [], dueAt: 1, heldUntil: 1 }],
    ['a part without a text', { parts: [{ at: 1 }], dueAt: 1, heldUntil: 1 }],
    ['no time', { parts: [{ text: 'a', at: 1 }], heldUntil: 1 }],
    ['no object', 'burst'],
  ])('with %s does not open', async (_what, burst) => {
    const [disk, clock] = [createDisk(), createManualClock()];
    const body = JSON.stringify({ format: 1, openid: 'u', data: {}, savedAt: clock.now(), burst });
    disk.records.set('u', { openid: 'u', body, wakeAt: 1, revision: 1 });
    disk.lastRevision = 1;
    const { runner, errors } = createWorld(parrot, {
      clock,
      storeOptions: { persister: memory(disk) },
    });
    expect(texts((await runner.handle('u', 'b')).replies)).toEqual(['heard b']);
    expect(errors).toMatchObject([{ code: 'corrupt', details: { reason: 'shape' } }]);
  });
});
