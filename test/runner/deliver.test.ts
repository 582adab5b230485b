import {
  DeliveryError,
  type Persister,
  type RunnerEvents,
  createContextStore,
  createRunner,
  setupDialogue,
} from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { deferred, texts } from './world.ts';

const words = setupDialogue({ types: {} as { context: object } });
const reminding = words.createDialogue({
  id: 'reminding',
  context: {},
  initial: 'waiting',
  states: {
    waiting: {
      on: { 'message.text': { target: 'waiting', reenter: true } },
      after: { 60_000: { actions: [words.reply('one'), words.reply('two')] } },
    },
  },
});

/** A user who can be reached, or not. */
function start(persister: Persister = memory(createDisk()), clock = createManualClock()) {
  const store = createContextStore({ clock, persister });
  const runner = createRunner(reminding, { store });
  const errors: unknown[] = [];
  runner.on('error', ({ error }) => errors.push((error as { code?: unknown }).code));
  onTestFinished(() => store.close());
  const line: { fault: Error | undefined } = {
    fault: new DeliveryError('push_closed', 'The page is shut.'),
  };
  const heard: string[] = [];
  const ids: string[] = [];
  runner.on('reply', ({ reply, id }: RunnerEvents['reply']) => {
    ids.push(id);
    if (line.fault !== undefined) throw line.fault;
    heard.push(...texts([reply]));
  });
  return { clock, store, runner, errors, heard, ids, line };
}

describe('runner.deliver', () => {
  it('delivers at once, in order, what waits for the next message of the user', async () => {
    const { runner, clock, heard, errors, line } = start();
    await runner.handle('ann', 'hi');
    await clock.advance({ minutes: 30 });
    expect((await runner.inspect('ann'))?.unsent).toBe(2);
    line.fault = undefined;
    await runner.deliver('ann');
    expect(heard).toEqual(['one', 'two']);
    expect((await runner.inspect('ann'))?.unsent).toBe(0);
    expect((await runner.handle('ann', 'again')).replies).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('delivers what another process left, after it ended', async () => {
    const disk = createDisk();
    const { runner, clock, store } = start(memory(disk));
    await runner.handle('ann', 'hi');
    await clock.advance({ minutes: 1 });
    await store.close();
    const next = start(memory(disk), clock);
    await next.runner.start();
    await clock.advance({ hours: 1 });
    next.line.fault = undefined;
    await next.runner.deliver('ann');
    expect(next.heard).toEqual(['one', 'two']);
  });

  it('leaves it to the next message if the user cannot be reached after all', async () => {
    const { runner, clock } = start();
    await runner.handle('ann', 'hi');
    await clock.advance({ minutes: 1 });
    await runner.deliver('ann');
    await clock.advance({ hours: 1 });
    const { replies } = await runner.handle('ann', 'again');
    expect(texts(replies)).toEqual(['one', 'two']);
  });

  it('does not wait for the pause after a try that failed', async () => {
    const { runner, clock, heard, line } = start();
    line.fault = new Error('no network');
    await runner.handle('ann', 'hi');
    await clock.advance({ minutes: 5 });
    line.fault = undefined;
    expect(heard).toEqual([]);
    await runner.deliver('ann');
    expect(heard).toEqual(['one', 'two']);
  });

  it('waits for the pause that a platform asked for', async () => {
    const { runner, clock, heard, line } = start();
    line.fault = new DeliveryError('rate_limited', 'Slower.', {
      retryable: true,
      details: { retryAfterMs: 3_600_000 },
    });
    await runner.handle('ann', 'hi');
    await clock.advance({ minutes: 1 });
    line.fault = undefined;
    await runner.deliver('ann');
    expect(heard).toEqual([]);
    await clock.advance({ hours: 1 });
    expect(heard).toEqual(['one', 'two']);
  });

  it('does not send again what the user has', async () => {
    const { runner, clock, heard, ids, line } = start();
    await runner.handle('ann', 'hi');
    await clock.advance({ minutes: 1 });
    line.fault = undefined;
    await runner.deliver('ann', { taken: [...ids, 'another'] });
    expect(heard).toEqual(['two']);
    expect((await runner.inspect('ann'))?.unsent).toBe(0);
  });

  it('comes after a delivery that is under way, and overtakes none', async () => {
    const { runner, clock, line, heard } = start();
    const gate = deferred();
    line.fault = undefined;
    runner.on('reply', async () => {
      if (heard.length > 1) return;
      await gate.promise;
      throw new DeliveryError('push_closed', 'The page is shut.');
    });
    await runner.handle('ann', 'hi');
    await clock.advance({ minutes: 1 });
    const delivery = runner.deliver('ann');
    expect(heard).toEqual(['one']);
    gate.resolve();
    await delivery;
    expect(heard).toEqual(['one', 'one', 'two']);
    expect((await runner.inspect('ann'))?.unsent).toBe(0);
  });

  it('does nothing for a stranger, or if nothing waits', async () => {
    const { runner, store, ids } = start();
    let saves = 0;
    store.on('save', () => (saves += 1));
    await runner.deliver('nobody');
    await runner.handle('ann', 'hi');
    await runner.deliver('ann');
    expect([saves, ids]).toEqual([1, []]);
  });

  it('refuses what it cannot read, and a runner that has stopped', async () => {
    const { runner } = start();
    await expect(runner.deliver('')).rejects.toMatchObject({ code: 'bad_openid' });
    const list = ['r1', undefined];
    for (const taken of ['x', null, new Set(['x']), [1], [null], list, [['r1']]]) {
      const wrong = runner.deliver('ann', { taken } as object);
      await expect(wrong).rejects.toMatchObject({ code: 'bad_option' });
    }
    for (const options of [{ take: [] }, null, ['r1'], 'r1']) {
      const wrong = runner.deliver('ann', options as object);
      await expect(wrong).rejects.toMatchObject({ code: 'bad_option' });
    }
    await runner.stop();
    await expect(runner.deliver('ann')).rejects.toMatchObject({ code: 'runner_stopped' });
  });

  it('is refused in a listener that it would wait for', async () => {
    const { runner, clock, line } = start();
    line.fault = undefined;
    const refusals: unknown[] = [];
    runner.on('reply', async ({ openid }) => {
      await runner.deliver(openid).catch((error) => refusals.push(error.code));
    });
    await runner.handle('ann', 'hi');
    await clock.advance({ minutes: 1 });
    await runner.idle('ann');
    expect(refusals).toEqual(['would_deadlock', 'would_deadlock']);
  });
});
