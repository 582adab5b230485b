import { createContextStore, createRunner, setupDialogue } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createWorld } from './world.ts';

const { createDialogue, forget, reply } = setupDialogue({ types: {} as { context: object } });
const talk = createDialogue({
  id: 'talk',
  context: {},
  initial: 'first',
  states: {
    first: { entry: reply('First?'), on: { 'message.text': 'second' } },
    second: {
      entry: reply('Second?'),
      on: {
        'message.text': 'end',
        'message.image': { target: 'end', actions: forget() },
      },
    },
    end: { type: 'final' },
  },
});

const NOWHERE = { isKept: false, isActive: false, hasHeard: false, restedMs: 0 };

describe('runner.standing', () => {
  it('tells nothing of a stranger', async () => {
    const { runner } = createWorld(talk);
    expect(await runner.standing('ann', ['1'])).toEqual(NOWHERE);
    await expect(runner.standing('', [])).rejects.toMatchObject({ code: 'bad_openid' });
  });

  it('tells whether a dialogue is under way, how long it rests, and what it heard', async () => {
    const { runner, clock } = createWorld(talk);
    await runner.handle('ann', 'hi', { id: '1' });
    await clock.advance(5000);
    const standing = { isKept: true, isActive: true, hasHeard: true, restedMs: 5000 };
    expect(await runner.standing('ann', ['0', '1'])).toEqual(standing);
    expect(await runner.standing('ann', ['0'])).toEqual({ ...standing, hasHeard: false });
    expect(await runner.standing('ann', [])).toEqual({ ...standing, hasHeard: false });
    await runner.handle('ann', 'one', { id: '2' });
    await runner.handle('ann', 'two', { id: '3' });
    expect(await runner.standing('ann', ['3'])).toEqual({
      isKept: true,
      isActive: false,
      hasHeard: true,
      restedMs: 0,
    });
  });

  it('waits for the turns that were taken in before', async () => {
    const { runner } = createWorld(talk);
    const turns = ['1', '2', '3'].map((id) => runner.handle('ann', id, { id }));
    expect(await runner.standing('ann', ['3'])).toMatchObject({ isActive: false, hasHeard: true });
    await Promise.all(turns);
  });

  it('knows what a forgotten user said, and nothing else of them', async () => {
    const { runner } = createWorld(talk);
    await runner.handle('ann', 'hi', { id: '1' });
    await runner.handle('ann', 'one', { id: '2' });
    await runner.handle('ann', { type: 'message.image' }, { id: '3' });
    expect(await runner.standing('ann', ['3'])).toMatchObject({
      isKept: false,
      isActive: false,
      hasHeard: true,
    });
  });

  it('tells the same of what another process left', async () => {
    const clock = createManualClock();
    const disk = createDisk();
    const seen: unknown[] = [];
    for (const isFirst of [true, false]) {
      const store = createContextStore({ clock, persister: memory(disk) });
      onTestFinished(() => store.close());
      const runner = createRunner(talk, { store });
      if (isFirst) await runner.handle('ann', 'hi', { id: '1' });
      seen.push(await runner.standing('ann', ['1']));
      await runner.stop();
    }
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[1]).toMatchObject({ isActive: true, hasHeard: true });
  });
});
