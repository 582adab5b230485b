import { fromPromise } from 'xstate';
import { describe, expect, it, onTestFinished } from 'vitest';
import { formatReply, setupDialogue } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { converse, createManualClock, faulty } from 'colloquy/testing';
import { createWorld, deferred, texts } from './world.ts';

/** A dialogue that looks a text up, and stops waiting on another message. */
function searcher(lookUp: (query: string, signal: AbortSignal, key: string) => Promise<string>) {
  const words = setupDialogue({
    types: {} as { context: { query: string; found?: string } },
    actors: {
      lookUp: fromPromise(
        ({ input, signal, self }: { input: string; signal: AbortSignal; self: { id: string } }) =>
          lookUp(input, signal, self.id),
      ),
    },
  });
  return words.createDialogue({
    id: 'searcher',
    version: '1',
    context: { query: '' },
    initial: 'ready',
    states: {
      ready: {
        on: {
          'message.text': {
            target: 'searching',
            actions: words.assign({ query: ({ event }) => event.text }),
          },
        },
      },
      searching: {
        entry: words.reply(({ context }) => `searching ${context.query}`),
        invoke: {
          src: 'lookUp',
          input: ({ context }) => context.query,
          onDone: {
            target: 'ready',
            actions: [
              words.assign({ found: ({ event }) => event.output }),
              words.reply(({ event }) => `found ${event.output}`),
            ],
          },
          onError: { target: 'ready', actions: words.reply('not found') },
        },
        on: {
          'message.image': { target: 'ready', actions: words.reply('given up') },
          'message.text': {
            target: 'searching',
            reenter: true,
            actions: words.assign({ query: ({ event }) => event.text }),
          },
        },
      },
    },
  });
}

describe('a service', () => {
  it.each([
    ['ends', () => Promise.resolve('tea'), 'found tea'],
    ['fails', () => Promise.reject(new Error('down')), 'not found'],
    [
      'throws at once',
      () => {
        throw new Error('down');
      },
      'not found',
    ],
  ])('that %s before the deadline answers in the same turn', async (_what, lookUp, reply) => {
    const { runner } = createWorld(searcher(lookUp));
    const turn = await runner.handle('u', 'tea');
    expect(turn).toMatchObject({ outcome: 'replied' });
    expect(texts(turn.replies)).toEqual(['searching tea', reply]);
  });

  it('that hangs ends the turn at the deadline; its late result arrives by reply, in a separate turn', async () => {
    const gate = deferred<string>();
    const { runner, clock, said, data } = createWorld(searcher(() => gate.promise));
    const turns: string[] = [];
    runner.on('turn', ({ cause, outcome }) => turns.push(`${cause} ${outcome}`));
    const handled = runner.handle('u', 'tea');
    await clock.advance(4499);
    expect(turns).toEqual([]);
    await clock.advance(1);
    const turn = await handled;
    expect([turn.outcome, texts(turn.replies)]).toEqual(['pending', ['searching tea']]);
    gate.resolve('green');
    await clock.advance(0);
    expect(said).toEqual(['u: found green']);
    expect(turns).toEqual(['message pending', 'service replied']);
    expect(await data('u')).toEqual({ query: 'tea', found: 'green' });
  });

  it('has a deadline that counts from the arrival of the message', async () => {
    const { runner, clock } = createWorld(searcher(() => new Promise(() => {})));
    const handled = runner.handle('u', 'tea', { receivedAt: clock.now() - 4000 });
    await clock.advance(500);
    expect(await handled).toMatchObject({ outcome: 'pending' });
  });

  it('frees the lane after the deadline; it is aborted when its state is left, and its result is dropped', async () => {
    const gates = [deferred<string>(), deferred<string>()];
    const signals: AbortSignal[] = [];
    const { runner, clock, said, data } = createWorld(
      searcher((_query, signal) => {
        signals.push(signal);
        return gates[signals.length - 1]?.promise ?? Promise.resolve('late');
      }),
    );
    const first = runner.handle('u', 'tea');
    await clock.advance(4500);
    await first;
    expect(signals[0]?.aborted).toBe(false);
    expect(texts((await runner.handle('u', { type: 'message.image' })).replies)).toEqual([
      'given up',
    ]);
    expect(signals[0]?.aborted).toBe(true);
    gates[0]?.resolve('stale');
    await clock.advance(0);
    expect(said).toEqual([]);
    expect(await data('u')).toEqual({ query: 'tea' });
  });

  it('that starts again takes the place of the one before', async () => {
    const gates: Record<string, ReturnType<typeof deferred<string>>> = {
      a: deferred(),
      b: deferred(),
    };
    const { runner, clock, said } = createWorld(
      searcher((query) => gates[query]?.promise ?? Promise.resolve('')),
    );
    const first = runner.handle('u', 'a');
    await clock.advance(4500);
    await first;
    const second = runner.handle('u', 'b');
    gates['a']?.resolve('from a');
    gates['b']?.resolve('from b');
    expect(texts((await second).replies)).toEqual(['searching b', 'found from b']);
    await clock.advance(0);
    expect(said).toEqual([]);
  });

  it('whose error no state takes is over: the conversation continues in its state', async () => {
    const words = setupDialogue({
      types: {} as { context: object },
      actors: { down: fromPromise(() => Promise.reject(new Error('down'))) },
    });
    const { runner, errors } = createWorld(
      words.createDialogue({
        id: 'd',
        context: {},
        initial: 'on',
        states: {
          on: { on: { 'message.text': 'busy' } },
          busy: {
            invoke: { src: 'down' },
            on: { 'message.text': { target: 'on', actions: words.reply('back') } },
          },
        },
      }),
      { onError: () => 'Sorry.' },
    );
    const turn = await runner.handle('u', 'x');
    expect([turn.outcome, texts(turn.replies)]).toEqual(['replied', ['Sorry.']]);
    expect(errors).toMatchObject([{ code: 'step_failed', cause: { message: 'down' } }]);
    expect(texts((await runner.handle('u', 'x')).replies)).toEqual(['back']);
  });

  it('that a crash interrupted starts again, with the same input and the same key', async () => {
    const disk = createDisk();
    const runs: string[] = [];
    const dialogue = searcher((query, _signal, key) => {
      runs.push(`${query} ${key}`);
      return runs.length === 1 ? new Promise(() => {}) : Promise.resolve('tea at last');
    });
    const before = createWorld(dialogue, { storeOptions: { persister: memory(disk) } });
    const handled = before.runner.handle('u', 'tea');
    await before.clock.advance(4500);
    await handled;
    const after = createWorld(dialogue, {
      storeOptions: { persister: memory(disk) },
      clock: before.clock,
    });
    await after.runner.start();
    await after.clock.advance(0);
    expect(after.said).toEqual(['u: found tea at last']);
    expect(runs).toHaveLength(2);
    expect(runs[0]).toBe(runs[1]);
  });

  it('whose result cannot be committed delivers it when a commit works again', async () => {
    const disk = memory();
    let isDown = false;
    const persister = {
      ...disk,
      save: async (...args: Parameters<typeof disk.save>) => {
        if (isDown) throw new Error('disk full');
        return disk.save(...args);
      },
    };
    const gate = deferred<string>();
    const { runner, clock, said } = createWorld(
      searcher(() => gate.promise),
      {
        storeOptions: { persister },
        onError: () => 'Sorry.',
      },
    );
    const handled = runner.handle('u', 'tea');
    await clock.advance(4500);
    await handled;
    isDown = true;
    gate.resolve('green');
    await clock.advance({ seconds: 10 });
    expect(said).toEqual([]);
    isDown = false;
    await clock.advance({ seconds: 3 });
    expect(said).toEqual(['u: found green']);
  });

  it('of a user who was flushed is aborted, and changes nothing', async () => {
    const gate = deferred<string>();
    const signals: AbortSignal[] = [];
    const { runner, store, clock, said } = createWorld(
      searcher((_query, signal) => {
        signals.push(signal);
        return gate.promise;
      }),
    );
    const handled = runner.handle('u', 'tea');
    await clock.advance(4500);
    await handled;
    await store.delete('u');
    expect(signals[0]?.aborted).toBe(true);
    gate.resolve('tea');
    await clock.advance(0);
    expect(said).toEqual([]);
    expect(await store.exists('u')).toBe(false);
  });
});

describe('what a service emits', () => {
  type Progress = { type: 'progress'; percent: number };
  const emissions: readonly { readonly type: string }[] = [
    { type: 'progress', percent: 50 } as Progress,
    { type: 'reply', reply: 'Half of it is done.' } as { type: string },
    { type: 'forget' },
  ];
  const words = setupDialogue({
    types: {} as { context: object; emitted: Progress },
    actors: {
      work: fromPromise<string>(({ emit }) => {
        for (const emission of emissions) emit(emission);
        return later.promise.then((last) => {
          emit({ type: 'progress', percent: 100 } as Progress);
          return last;
        });
      }),
    },
  });
  let later = deferred<string>();
  const dialogue = words.createDialogue({
    id: 'd',
    context: {},
    initial: 'on',
    states: {
      on: { on: { 'message.text': 'busy' } },
      busy: {
        invoke: {
          src: 'work',
          onDone: { target: 'on', actions: words.reply(({ event }) => event.output) },
        },
        on: { 'message.text': 'on' },
      },
    },
  });
  function start() {
    later = deferred();
    const world = createWorld(dialogue, { deadlineMs: 1000 });
    const emitted: unknown[] = [];
    world.runner.on('emit', (event) => emitted.push(event));
    return { ...world, emitted };
  }

  it('reaches the listeners of `emit`, and its words are refused by its name', async () => {
    const { runner, emitted, errors, clock, said } = start();
    const turn = runner.handle('ann', 'go');
    await clock.advance(0);
    expect(emitted).toEqual([{ openid: 'ann', event: { type: 'progress', percent: 50 } }]);
    expect(errors).toMatchObject([
      { code: 'unsupported_effect', details: { service: 'work' } },
      { code: 'unsupported_effect', message: expect.stringContaining("'work' emitted 'forget'") },
    ]);
    later.resolve('Done.');
    expect(texts((await turn).replies)).toEqual(['Done.']);
    expect(emitted).toHaveLength(2);
    expect(said).toEqual([]);
  });

  it('reaches no listener once its state is left', async () => {
    const { runner, emitted, clock } = start();
    const turn = runner.handle('ann', 'go');
    await clock.advance(1000);
    expect((await turn).outcome).toBe('pending');
    await runner.handle('ann', 'stop');
    later.resolve('Done.');
    await clock.advance(0);
    expect(emitted).toHaveLength(1);
  });

  it('is emitted in a conversation of the testing kit, also by a stub', async () => {
    const chat = converse(dialogue);
    later.resolve('Done.');
    await chat.say('go');
    expect(chat.emitted).toEqual([
      { type: 'progress', percent: 50 },
      { type: 'progress', percent: 100 },
    ]);
    const stubbed = converse(dialogue, {
      services: {
        work: async (_input, { emit }) => {
          emit({ type: 'progress', percent: 7 } as Progress);
          return 'Stubbed.';
        },
      },
    });
    expect(await stubbed.say('go')).toEqual(['Stubbed.']);
    expect(stubbed.emitted).toEqual([{ type: 'progress', percent: 7 }]);
  });
});

describe('stop', () => {
  it('lets running turns end, aborts the services that outlast them, and takes nothing more', async () => {
    const gate = deferred<string>();
    const signals: AbortSignal[] = [];
    const { runner, clock } = createWorld(
      searcher((query, signal) => {
        signals.push(signal);
        return query === 'quick' ? gate.promise : new Promise(() => {});
      }),
    );
    const slow = runner.handle('slow', 'slow');
    await clock.advance(4500);
    await slow;
    const quick = runner.handle('quick', 'quick');
    const stopped = runner.stop();
    await expect(runner.handle('u', 'x')).rejects.toMatchObject({ code: 'runner_stopped' });
    gate.resolve('tea');
    expect(texts((await quick).replies)).toEqual(['searching quick', 'found tea']);
    await stopped;
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    await runner.stop();
  });

  it('hands the store to the next runner, which continues where this one stopped', async () => {
    const dialogue = searcher((query) =>
      query === 'slow' ? new Promise(() => {}) : Promise.resolve('tea'),
    );
    const { runner, store, clock } = createWorld(dialogue);
    const { createRunner } = await import('colloquy');
    expect(() => createRunner(dialogue, { store })).toThrow(
      expect.objectContaining({ code: 'store_taken' }),
    );
    const handled = runner.handle('u', 'slow');
    await clock.advance(4500);
    await handled;
    await runner.stop();
    const again = searcher(() => Promise.resolve('tea after all'));
    const next = createRunner(again, { store });
    const said: string[] = [];
    next.on('reply', ({ reply }) => said.push(formatReply(reply)));
    await next.start();
    await clock.advance(0);
    expect(said).toEqual(['found tea after all']);
  });
});

describe('a service whose result waits for its turn', () => {
  it('is not started again by what falls due in the same conversation', async () => {
    const clock = createManualClock();
    let isSlow = true;
    const persister = faulty(memory(), {
      clock,
      choose: () => (isSlow ? { beforeMs: 5 } : undefined),
    });
    const keys: string[] = [];
    const slow = setupDialogue({
      types: {} as { context: { paid?: number } },
      actors: {
        pay: fromPromise<number>(async ({ self }) => {
          keys.push(self.id);
          return keys.length;
        }),
      },
    });
    const { runner, said, data } = createWorld(
      slow.createDialogue({
        id: 'slow',
        context: {},
        initial: 'on',
        states: {
          on: { on: { 'message.text': 'paying', 'message.image': {} } },
          paying: {
            entry: slow.reply('one moment'),
            invoke: {
              src: 'pay',
              onDone: { target: 'on', actions: slow.assign({ paid: ({ event }) => event.output }) },
            },
            on: { 'message.image': {} },
          },
        },
      }),
      { clock, storeOptions: { persister } },
    );
    onTestFinished(() => void (isSlow = false));
    // No caller waits for the answer, so it is posted; its replies are due at once, and the next message has the lane.
    const first = runner.handle('u', 'pay', { id: 'm', deadlineMs: 1 });
    const second = runner.handle('u', { type: 'message.image', mediaId: 'i' });
    await clock.advance({ seconds: 1 });
    expect([(await first).outcome, (await second).outcome]).toEqual(['pending', 'silent']);
    expect(said).toEqual(['u: one moment']);
    expect(keys).toHaveLength(1);
    expect(await data('u')).toEqual({ paid: 1 });
  });
});
