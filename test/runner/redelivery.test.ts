import { fromPromise } from 'xstate';
import { describe, expect, it, onTestFinished } from 'vitest';
import { setupDialogue } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock, faulty } from 'colloquy/testing';
import { createWorld, deferred, texts } from './world.ts';

const words = setupDialogue({
  types: {} as { context: { n: number } },
  actors: { wait: fromPromise(({ input }: { input: Promise<void> }) => input) },
});
const counter = words.createDialogue({
  id: 'counter',
  context: { n: 0 },
  initial: 'on',
  states: {
    on: {
      on: {
        'message.text': {
          actions: [
            words.assign({ n: ({ context }) => context.n + 1 }),
            words.reply(({ context }) => `n ${context.n}`),
            words.reply(({ event }) => `text of ${event.text.length}`),
          ],
        },
        'message.image': {},
      },
    },
  },
});

describe('the same message id', () => {
  it('runs once and has the same answer three times', async () => {
    const { runner, data } = createWorld(counter);
    const first = await runner.handle('u', 'x', { id: 'm' });
    const others = [
      await runner.handle('u', 'x', { id: 'm' }),
      await runner.handle('u', 'x', { id: 'm' }),
    ];
    expect(first.outcome).toBe('replied');
    for (const other of others) {
      expect(other).toMatchObject({ outcome: 'duplicate', id: 'm' });
      expect(other.replies).toEqual(first.replies);
    }
    expect(await data('u')).toEqual({ n: 1 });
  });

  it('runs once and has the same answer three times also while the first turn still runs', async () => {
    const gate = deferred();
    let starts = 0;
    const slow = setupDialogue({
      types: {} as { context: object },
      actors: {
        wait: fromPromise(() => {
          starts += 1;
          return gate.promise;
        }),
      },
    });
    const { runner } = createWorld(
      slow.createDialogue({
        id: 'slow',
        context: {},
        initial: 'on',
        states: {
          on: { on: { 'message.text': 'busy' } },
          busy: {
            entry: slow.reply('one moment'),
            invoke: { src: 'wait', onDone: { target: 'on', actions: slow.reply('done') } },
          },
        },
      }),
    );
    const turns = [1, 2, 3].map(() => runner.handle('u', 'x', { id: 'm' }));
    gate.resolve();
    const [first, ...others] = await Promise.all(turns);
    expect(texts(first?.replies ?? [])).toEqual(['one moment', 'done']);
    for (const other of others) expect(other).toEqual({ ...first, outcome: 'duplicate' });
    expect(starts).toBe(1);
    expect(await runner.handle('u', 'x', { id: 'm' })).toEqual({ ...first, outcome: 'duplicate' });
  });

  it('gets the recorded answer, also if that was silence or the text of onUnhandled', async () => {
    const { runner } = createWorld(counter, { onUnhandled: () => 'Pardon?' });
    for (const [type, outcome, said] of [
      ['message.image', 'silent', []],
      ['message.voice', 'unhandled', ['Pardon?']],
    ] as const) {
      const first = await runner.handle('u', { type }, { id: type });
      expect(first.outcome).toBe(outcome);
      const again = await runner.handle('u', { type }, { id: type });
      expect([again.outcome, texts(again.replies)]).toEqual(['duplicate', said]);
    }
  });

  it('counts for each user', async () => {
    const { runner } = createWorld(counter);
    await runner.handle('a', 'x', { id: 'm' });
    expect(texts((await runner.handle('b', 'x', { id: 'm' })).replies)).toEqual([
      'n 1',
      'text of 1',
    ]);
  });

  it('is known after a restart, since it is committed with the turn', async () => {
    const disk = createDisk();
    const before = createWorld(counter, { storeOptions: { persister: memory(disk) } });
    const first = await before.runner.handle('u', 'x', { id: 'm' });
    const after = createWorld(counter, { storeOptions: { persister: memory(disk) } });
    expect(await after.runner.handle('u', 'x', { id: 'm' })).toEqual({
      ...first,
      outcome: 'duplicate',
    });
  });

  it('is remembered for ten minutes, and the last sixteen of them', async () => {
    const { runner, clock } = createWorld(counter);
    for (let n = 0; n < 17; n += 1) await runner.handle('u', 'x', { id: `m${n}` });
    expect((await runner.handle('u', 'x', { id: 'm1' })).outcome).toBe('duplicate');
    expect((await runner.handle('u', 'x', { id: 'm0' })).outcome).toBe('replied');
    await clock.advance({ minutes: 10, seconds: 1 });
    expect((await runner.handle('u', 'x', { id: 'm16' })).outcome).toBe('replied');
  });

  it('does not count if the limits keep no ids', async () => {
    const { runner } = createWorld(counter, { seen: { max: 0 } });
    await runner.handle('u', 'x', { id: 'm' });
    expect((await runner.handle('u', 'x', { id: 'm' })).outcome).toBe('replied');
  });
});

describe('a redelivery of a message whose turn is late', () => {
  it('takes the answer that its own deadline still reaches, and nothing is said twice', async () => {
    const gate = deferred();
    const { runner, store, clock, said } = createWorld(counter);
    const busy = store.update('u', () => gate.promise);
    const first = runner.handle('u', 'x', { id: 'm' });
    await clock.advance({ milliseconds: 4600 });
    expect(await first).toMatchObject({ outcome: 'pending', replies: [] });
    const retry = runner.handle('u', 'x', { id: 'm' });
    gate.resolve();
    await busy;
    expect(texts((await retry).replies)).toEqual(['n 1', 'text of 1']);
    expect(said).toEqual([]);
  });

  it('does not hold up the lane when it is late itself', async () => {
    const gate = deferred();
    const service = deferred<string>();
    const slow = setupDialogue({
      types: {} as { context: object },
      actors: { wait: fromPromise(() => service.promise) },
    });
    const { runner, store, clock, said } = createWorld(
      slow.createDialogue({
        id: 'slow',
        context: {},
        initial: 'on',
        states: {
          on: { on: { 'message.text': 'busy' } },
          busy: {
            entry: slow.reply('one moment'),
            invoke: { src: 'wait', onDone: { target: 'on', actions: slow.reply('done') } },
          },
        },
      }),
    );
    const busy = store.update('u', () => gate.promise);
    const turns = [runner.handle('u', 'x', { id: 'm' })];
    await clock.advance({ seconds: 4 });
    turns.push(runner.handle('u', 'x', { id: 'm' }));
    await clock.advance({ seconds: 1 });
    gate.resolve();
    await busy;
    await clock.advance({ seconds: 4 });
    for (const turn of turns) expect(await turn).toMatchObject({ outcome: 'pending', replies: [] });
    expect(said).toEqual(['u: one moment']);
    const next = runner.handle('u', 'y');
    await clock.advance(0);
    expect(await next).toMatchObject({ outcome: 'unhandled' });
    service.resolve('');
    await clock.advance(0);
    expect(said).toEqual(['u: one moment', 'u: done']);
  });

  describe('that comes while the runner writes a reply that no caller waited for', () => {
    /** Says the same at first and in the end; what it says first is posted, and what it says last is answered. */
    async function joined() {
      const clock = createManualClock();
      let isSlow = true;
      const persister = faulty(memory(), {
        clock,
        choose: () => (isSlow ? { beforeMs: 10 } : undefined),
      });
      const service = deferred();
      const slow = setupDialogue({
        types: {} as { context: object },
        actors: { wait: fromPromise(() => service.promise) },
      });
      const { runner, said } = createWorld(
        slow.createDialogue({
          id: 'slow',
          context: {},
          initial: 'on',
          states: {
            on: { on: { 'message.text': 'busy' } },
            busy: {
              entry: slow.reply('one moment'),
              invoke: {
                src: 'wait',
                onDone: {
                  target: 'on',
                  actions: [slow.reply('done'), slow.reply('one moment')],
                },
              },
            },
          },
        }),
        { clock, storeOptions: { persister } },
      );
      onTestFinished(() => void (isSlow = false));
      const first = runner.handle('u', 'x', { id: 'm', deadlineMs: 5 });
      await clock.advance({ milliseconds: 15 });
      expect(await first).toMatchObject({ outcome: 'pending', replies: [] });
      const joining = runner.handle('u', 'x', { id: 'm' });
      await clock.advance({ milliseconds: 100 });
      expect(said).toEqual(['u: one moment']);
      service.resolve();
      await clock.advance({ milliseconds: 100 });
      return { runner, clock, said, answer: texts((await joining).replies) };
    }

    it('is answered with all replies that are not delivered yet, also if one has the text of an earlier reply', async () => {
      const { answer, said } = await joined();
      expect(answer).toEqual(['done', 'one moment']);
      expect(said).toEqual(['u: one moment']);
    });

    it('is answered like every later one', async () => {
      const { runner, clock, said, answer } = await joined();
      const later = runner.handle('u', 'x', { id: 'm' });
      await clock.advance({ milliseconds: 100 });
      expect(texts((await later).replies)).toEqual(answer);
      expect(said).toEqual(['u: one moment']);
    });
  });

  it('is not needed: without it, reply events deliver the answer', async () => {
    const gate = deferred();
    const { runner, store, clock, said } = createWorld(counter);
    const busy = store.update('u', () => gate.promise);
    const first = runner.handle('u', 'x', { id: 'm' });
    await clock.advance({ milliseconds: 4600 });
    await first;
    gate.resolve();
    await busy;
    await clock.advance(0);
    expect(said).toEqual(['u: n 1', 'u: text of 1']);
  });
});
