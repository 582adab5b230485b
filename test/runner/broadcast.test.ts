import {
  type BroadcastOptions,
  type BroadcastProgress,
  type Runner,
  createContextStore,
  createRunner,
  integer,
  jsonCodec,
  sealed,
  setupDialogue,
} from 'colloquy';
import { type Disk, createDisk, memory } from 'colloquy/persist/memory';
import { type ManualClock, createManualClock, faulty } from 'colloquy/testing';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fromPromise } from 'xstate';
import { atRest } from '../../src/internal/async.ts';
import { createWorld, deferred, texts } from './world.ts';

const words = setupDialogue({ types: {} as { context: { age?: number; muted?: boolean } } });
const asking = words.createDialogue({
  id: 'asking',
  version: '1',
  context: {},
  initial: 'age',
  states: {
    age: words.ask({
      question: 'How old are you?',
      parse: integer({ min: 1, max: 120 }),
      assign: 'age',
      attempts: 3,
      target: 'known',
      otherwise: 'known',
    }),
    known: { entry: words.reply('Thank you.'), on: { 'message.*': {} } },
  },
});

const everyone = (): boolean => true;
const quick = { id: 'news-1', perSecond: 1000 };

/** Lets a broadcast run to its end: each wait of it is over at once. */
async function play<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  const state = { isOver: false };
  const end = (): void => void (state.isOver = true);
  work.then(end, end);
  while (!state.isOver) {
    await clock.advance(1000);
    await atRest();
  }
  return work;
}

async function greet(runner: Runner, count: number): Promise<string[]> {
  const openids = Array.from({ length: count }, (_, index) => `user-${index}`);
  for (const openid of openids) await runner.handle(openid, 'hi');
  return openids;
}

interface Node {
  readonly runner: Runner<typeof asking>;
  readonly said: string[];
  readonly errors: unknown[];
  close(): Promise<void>;
}

/** A process on a disk. */
function startNode(disk: Disk, clock: ManualClock, shared = false): Node {
  const persister = memory(disk, { shared, ...(shared && { clock }) });
  const store = createContextStore({ clock, persister, age: 1e6 });
  const runner = createRunner(asking, { store });
  const said: string[] = [];
  const errors: unknown[] = [];
  runner.on('reply', ({ openid, reply }) => said.push(`${openid}: ${texts([reply]).join('')}`));
  runner.on('error', ({ error }) => errors.push(error));
  const close = async (): Promise<void> => {
    await runner.stop();
    await store.close();
  };
  onTestFinished(close);
  return { runner, said, errors, close };
}

describe('a broadcast', () => {
  it('says something to every conversation that it selects, and changes nothing else of it', async () => {
    const { clock, runner, said, store } = createWorld(asking);
    await greet(runner, 4);
    await store.update('user-2', (context) => void context.set('muted', true));
    await runner.handle('user-3', '30');
    const before = await runner.inspect('user-1');
    const progress = await play(
      clock,
      runner.broadcast(({ context }) => context['muted'] !== true, 'News!', quick),
    );
    expect(progress).toEqual({
      ...{ said: 3, known: 0, skipped: 1, failed: 0, done: true },
      next: undefined,
    } satisfies BroadcastProgress);
    expect(said.toSorted()).toEqual(['user-0: News!', 'user-1: News!', 'user-3: News!']);
    expect(await runner.inspect('user-1')).toEqual({ ...before, revision: expect.any(Number) });
    // The question that was open still is.
    expect(texts((await runner.handle('user-1', '30')).replies)).toEqual(['Thank you.']);
  });

  it('shows `select` and `said` the openid and the context, which they cannot change', async () => {
    const { clock, runner, said } = createWorld(asking);
    await runner.handle('ann', 'hi');
    await runner.handle('ann', '30');
    await runner.handle('bob', 'hi');
    const seen: unknown[] = [];
    const progress = await play(
      clock,
      runner.broadcast(
        (to) => {
          seen.push(to);
          expect(() => Reflect.set(to.context, 'age', 1)).not.toThrow();
          return true;
        },
        ({ openid, context }) =>
          context['age'] === undefined
            ? undefined
            : [`You, ${openid}, are`, `${Number(context['age'])}.`],
        quick,
      ),
    );
    expect(seen).toContainEqual({ openid: 'ann', context: { age: 30 } });
    expect(said).toEqual(['ann: You, ann, are', 'ann: 30.']);
    expect(progress).toMatchObject({ said: 1, skipped: 1 });
  });

  it('is said once under its id, also long after ids of messages are forgotten', async () => {
    const { clock, runner, said } = createWorld(asking, { storeOptions: { age: 1e6 } });
    await greet(runner, 3);
    await play(clock, runner.broadcast(everyone, 'News!', quick));
    for (const text of ['5', 'a', 'b']) await runner.handle('user-1', text);
    await clock.advance({ hours: 24 });
    expect(await play(clock, runner.broadcast(everyone, 'News!', quick))).toMatchObject({
      ...{ said: 0, known: 3, done: true },
    });
    expect(
      await play(clock, runner.broadcast(everyone, 'More!', { ...quick, id: 'news-2' })),
    ).toMatchObject({ said: 3 });
    expect(said).toHaveLength(6);
  });

  it('is known again by the next process, to sealed records, and under another openid', async () => {
    const clock = createManualClock();
    const disk = createDisk();
    const codec = sealed(jsonCodec, { keys: [{ id: '1', secret: 'x'.repeat(32) }], mode: 'sign' });
    const heard: string[] = [];
    for (const [openid, expected] of [
      ['ann', { said: 1, known: 0 }],
      ['ann', { said: 0, known: 1 }],
      ['zoe', { said: 0, known: 1 }],
    ] as const) {
      const store = createContextStore({ clock, persister: memory(disk), codec });
      const runner = createRunner(asking, { store });
      runner.on('reply', (event) => void heard.push(event.openid));
      if (openid === 'zoe') await store.move('ann', 'zoe');
      else await runner.handle(openid, 'hi');
      expect(await play(clock, runner.broadcast(everyone, 'News!', quick))).toMatchObject(expected);
      await runner.handle(openid, 'again');
      await runner.stop();
      await store.close();
    }
    expect(heard).toEqual(['ann']);
  });

  it('goes by the clock, no faster than it is asked to, and those who are passed over do not count', async () => {
    const { clock, runner, said, store } = createWorld(asking);
    for (const openid of await greet(runner, 40)) {
      const muted = Number(openid.slice(5)) % 2 === 1;
      await store.update(openid, (context) => void context.set('muted', muted));
    }
    const startedAt = clock.now();
    const heardAt: number[] = [];
    runner.on('reply', () => heardAt.push(clock.now() - startedAt));
    const options = { id: 'slow', perSecond: 2 };
    const call = runner.broadcast(({ context }) => context['muted'] !== true, 'News!', options);
    await clock.advance(9600);
    expect(said).toHaveLength(20);
    expect((await call).done).toBe(true);
    expect(heardAt).toEqual(Array.from({ length: 20 }, (_, index) => index * 500));
  });

  it('ends when it is aborted, and says where it may go on; the same call reaches the others', async () => {
    const { clock, runner, said } = createWorld(asking);
    await greet(runner, 300);
    const ending = new AbortController();
    const options: BroadcastOptions = { id: 'news-1', perSecond: 10, signal: ending.signal };
    const call = runner.broadcast(everyone, 'News!', options);
    await clock.advance(27_000);
    ending.abort();
    const first = await call;
    expect(first).toMatchObject({ said: 271, done: false, next: expect.any(String) });
    const resumed = { ...quick, cursor: first.next };
    const second = await play(clock, runner.broadcast(everyone, 'News!', resumed));
    expect(second).toMatchObject({ said: 29, known: 15, done: true, next: undefined });
    expect(new Set(said).size).toBe(300);
    expect(said).toHaveLength(300);
    const again = { ...quick, signal: ending.signal };
    const nothing = await runner.broadcast(everyone, 'News!', again);
    expect(nothing).toMatchObject({ said: 0, known: 0, done: false, next: undefined });
  });

  it('ends with its runner, and the next one says the rest', async () => {
    const clock = createManualClock();
    const disk = createDisk();
    const one = startNode(disk, clock);
    await greet(one.runner, 20);
    const call = one.runner.broadcast(everyone, 'News!', { id: 'news-1', perSecond: 1 });
    await clock.advance(5500);
    await one.close();
    expect(await call).toMatchObject({ said: 6, done: false });
    const two = startNode(disk, clock);
    expect(await play(clock, two.runner.broadcast(everyone, 'News!', quick))).toMatchObject({
      ...{ said: 14, known: 6, done: true },
    });
    expect([...one.said, ...two.said].toSorted()).toEqual(
      Array.from({ length: 20 }, (_, index) => `user-${index}: News!`).toSorted(),
    );
    await expect(one.runner.broadcast(everyone, 'News!', quick)).rejects.toMatchObject({
      code: 'runner_stopped',
    });
  });

  it('of two processes at once is said once to everyone', async () => {
    const clock = createManualClock();
    const disk = createDisk();
    const one = startNode(disk, clock, true);
    const two = startNode(disk, clock, true);
    await greet(one.runner, 30);
    const [first, second] = await play(
      clock,
      Promise.all([one, two].map(({ runner }) => runner.broadcast(everyone, 'News!', quick))),
    );
    expect((first?.said ?? 0) + (second?.said ?? 0)).toBe(30);
    expect([...one.said, ...two.said]).toHaveLength(30);
    expect(new Set([...one.said, ...two.said]).size).toBe(30);
    expect([...one.errors, ...two.errors]).toEqual([]);
  });

  it('continues past users that it cannot reach, reports each, and reaches them the next time', async () => {
    const clock = createManualClock();
    let isDown = true;
    const persister = faulty(memory(), {
      clock,
      choose: ({ method, openid }) =>
        isDown &&
        ((method === 'save' && openid === 'user-1') || (method === 'load' && openid === 'user-3'))
          ? { outcome: 'refused' }
          : undefined,
    });
    const world = createWorld(asking, { clock, storeOptions: { persister, clock, max: 1 } });
    const { runner, said, errors } = world;
    isDown = false;
    await greet(runner, 5);
    isDown = true;
    expect(await play(clock, runner.broadcast(everyone, 'News!', quick))).toMatchObject({
      ...{ said: 3, failed: 2, done: true },
    });
    expect(errors.map((error) => (error as { openid?: unknown }).openid)).toEqual(
      expect.arrayContaining(['user-1', 'user-3']),
    );
    isDown = false;
    expect(await play(clock, runner.broadcast(everyone, 'News!', quick))).toMatchObject({
      ...{ said: 2, known: 3, failed: 0, done: true },
    });
    expect(said.toSorted()).toEqual([0, 1, 2, 3, 4].map((index) => `user-${index}: News!`));
  });

  it('takes a `select` or a text that throws, or is not there yet, for a failure of that user', async () => {
    const { clock, runner, errors, said } = createWorld(asking);
    await greet(runner, 3);
    const late = (async () => true) as never;
    expect(await play(clock, runner.broadcast(late, 'News!', quick))).toMatchObject({ failed: 3 });
    const throwing = ({ openid }: { readonly openid: string }): string => {
      if (openid === 'user-1') throw new Error('no text');
      return 'News!';
    };
    expect(await play(clock, runner.broadcast(everyone, throwing, quick))).toMatchObject({
      ...{ said: 2, failed: 1 },
    });
    expect(errors).toHaveLength(4);
    expect(said).toHaveLength(2);
  });

  it('begins no conversation that has expired, and slides no expiry', async () => {
    const { clock, runner, said, store } = createWorld(asking, { storeOptions: { age: 100 } });
    await runner.handle('ann', 'hi');
    await clock.advance({ seconds: 60 });
    await runner.handle('bob', 'hi');
    await clock.advance({ seconds: 39 });
    const call = runner.broadcast(everyone, 'News!', { id: 'slow', perSecond: 0.5 });
    await clock.advance({ seconds: 4 });
    expect(await call).toMatchObject({ said: 2, done: true });
    expect(said).toEqual(['ann: News!', 'bob: News!']);
    expect(await store.exists('ann')).toBe(false);
    await clock.advance({ seconds: 58 });
    expect(await store.exists('bob')).toBe(false);
    expect(await play(clock, runner.broadcast(everyone, 'More!', quick))).toMatchObject({
      said: 0,
    });
    expect(await store.list()).toEqual({ openids: [] });
  });

  it('begins no conversation that ends while it waits for its lane', async () => {
    const work = deferred<string>();
    const slow = setupDialogue({
      types: {} as { context: object },
      actors: { work: fromPromise(() => work.promise) },
    });
    const working = slow.createDialogue({
      id: 'working',
      context: {},
      initial: 'ready',
      states: {
        ready: { on: { 'message.text': 'busy' } },
        busy: { invoke: { src: 'work', onDone: { target: 'gone' } } },
        gone: { entry: slow.forget() },
      },
    });
    const { clock, runner, said } = createWorld(working);
    await runner.handle('bob', { type: 'message.image', url: 'a:b' } as never);
    const turn = runner.handle('ann', 'hi');
    await atRest();
    const call = runner.broadcast(everyone, 'News!', quick);
    await clock.advance(1);
    // A user who is busy does not hold up the others.
    expect(said).toEqual(['bob: News!']);
    work.resolve('done');
    await turn;
    expect(await play(clock, call)).toMatchObject({ said: 1, skipped: 1, done: true });
    expect(await runner.inspect('ann')).toBeUndefined();
  });

  it('tells how far it is after each page', async () => {
    const { clock, runner } = createWorld(asking);
    await greet(runner, 600);
    const told: BroadcastProgress[] = [];
    const onProgress = (progress: BroadcastProgress): void => void told.push(progress);
    await play(clock, runner.broadcast(everyone, 'News!', { ...quick, onProgress }));
    expect(told.map(({ said, done }) => [said, done])).toEqual([
      [256, false],
      [512, false],
      [600, true],
    ]);
  });

  it('is remembered by a conversation with the last sixteen', async () => {
    const { clock, runner } = createWorld(asking);
    await runner.handle('ann', 'hi');
    const tell = (id: string) =>
      play(clock, runner.broadcast(everyone, 'News!', { id, perSecond: 1000 }));
    for (let id = 0; id < 17; id += 1) expect(await tell(`${id}`)).toMatchObject({ said: 1 });
    for (const id of ['1', '16']) expect(await tell(id)).toMatchObject({ known: 1 });
    expect(await tell('0')).toMatchObject({ said: 1 });
  });

  it('is refused without an id, a pace or a selection, and where no listener would take it', async () => {
    const { runner } = createWorld(asking);
    const bad: [select: unknown, options: unknown, code: string][] = [
      [everyone, { perSecond: 1 }, 'bad_option'],
      [everyone, { id: '', perSecond: 1 }, 'bad_id'],
      [everyone, { id: 'x' }, 'bad_option'],
      [everyone, { id: 'x', perSecond: 0 }, 'bad_option'],
      [everyone, { id: 'x', perSecond: Number.POSITIVE_INFINITY }, 'bad_option'],
      [everyone, { id: 'x', perSecond: 1, persecond: 2 }, 'bad_option'],
      ['all', { id: 'x', perSecond: 1 }, 'bad_option'],
    ];
    for (const [select, options, code] of bad) {
      const call = runner.broadcast(select as never, 'News!', options as never);
      await expect(call).rejects.toMatchObject({ code });
    }
    const deaf = createRunner(asking);
    await expect(deaf.broadcast(everyone, 'News!', quick)).rejects.toMatchObject({
      code: 'no_reply_listener',
    });
    await deaf.stop();
  });
});

it('with any fault and any crash, every user gets a broadcast once', async () => {
  const property = fc.asyncProperty(
    fc.array(
      fc.record({
        perSecond: fc.constantFrom(1, 7, 200),
        afterMs: fc.nat({ max: 6000 }),
        resumes: fc.boolean(),
        talks: fc.array(fc.nat({ max: 19 }), { maxLength: 5 }),
        restMs: fc.constantFrom(0, 1000, 3_600_000),
        end: fc.constantFrom('abort', 'stop', 'move'),
      }),
      { maxLength: 6 },
    ),
    async (runs) => {
      const clock = createManualClock();
      const disk = createDisk();
      const heard: string[] = [];
      let node = startNode(disk, clock);
      await greet(node.runner, 20);
      let cursor: string | undefined;
      let moved = 0;
      for (const { perSecond, afterMs, resumes, talks, restMs, end } of runs) {
        const ending = new AbortController();
        const options = { id: 'n', perSecond, signal: ending.signal, ...(resumes && { cursor }) };
        const call = node.runner.broadcast(everyone, 'News!', options);
        await clock.advance(afterMs);
        for (const index of talks) await node.runner.handle(`user-${index}`, 'x');
        if (end === 'stop') await node.close();
        else ending.abort();
        ({ next: cursor } = await call);
        if (end === 'stop') {
          heard.push(...node.said);
          node = startNode(disk, clock);
        }
        if (end === 'move' && moved < 20) {
          // To the end of the list, where it has not come yet.
          await node.runner.move(`user-${moved}`, `z-${moved}`);
          moved += 1;
        }
        await clock.advance(restMs);
      }
      await play(clock, node.runner.broadcast(everyone, 'News!', { id: 'n', perSecond: 100 }));
      heard.push(...node.said);
      const counts = new Map<number, number>();
      for (const line of heard) {
        const [, index] = /-(\d+): News!$/u.exec(line) ?? [];
        counts.set(Number(index), (counts.get(Number(index)) ?? 0) + 1);
      }
      // Who talked after a move is a new conversation of the old openid.
      for (let index = moved; index < 20; index += 1) expect(counts.get(index)).toBe(1);
      for (let index = 0; index < moved; index += 1) expect(counts.get(index)).toBeGreaterThan(0);
      await node.close();
    },
  );
  await fc.assert(property, { numRuns: 60 });
}, 60_000);
