import { createContextStore, createRunner, setupDialogue } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createWorld } from './world.ts';

const inner = setupDialogue({ types: {} as { context: { street?: string } } });
const address = inner.createDialogue({
  id: 'address',
  context: {},
  initial: 'street',
  states: {
    street: {
      entry: inner.reply('Which street?'),
      after: { 60_000: { actions: inner.reply('Still there?') } },
      on: {
        'message.text': {
          target: 'number',
          actions: inner.assign({ street: ({ event }) => event.text }),
        },
      },
    },
    number: {
      entry: inner.reply('Which number?'),
      on: { 'message.text': 'end' },
    },
    end: { type: 'final' },
  },
});
const outer = setupDialogue({
  types: {} as { context: { name: string } },
  actors: { address },
});
const ordering = outer.createDialogue({
  id: 'ordering',
  context: { name: 'Ann' },
  initial: 'shipping',
  states: {
    shipping: { invoke: { src: 'address', id: 'to', onDone: 'done' } },
    done: { type: 'final' },
  },
});

describe('runner.inspect', () => {
  it('shows where a dialogue and its sub-dialogues stand, what they know and wait for', async () => {
    const { runner, clock } = createWorld(ordering);
    const now = clock.now();
    await runner.handle('ann', 'hi');
    expect(await runner.inspect('ann')).toEqual({
      openid: 'ann',
      history: [],
      revision: expect.any(Number) as number,
      savedAt: now,
      context: { name: 'Ann' },
      dialogue: {
        status: 'active',
        value: 'shipping',
        children: {
          to: { src: 'address', status: 'active', value: 'street', context: {}, children: {} },
        },
      },
      timers: [
        {
          actor: 'to',
          id: expect.any(String) as string,
          type: expect.stringContaining('after') as string,
          dueAt: now + 60_000,
        },
      ],
      services: [],
      unsent: 0,
    });
    await runner.handle('ann', 'Elm');
    await runner.handle('ann', '5');
    expect((await runner.inspect('ann'))?.dialogue).toEqual({
      status: 'done',
      value: 'done',
      children: {},
    });
  });

  it('shows the same of a conversation that another process left with the persister', async () => {
    const clock = createManualClock();
    const disk = createDisk();
    const seen: unknown[] = [];
    for (const isFirst of [true, false]) {
      const store = createContextStore({ clock, persister: memory(disk) });
      onTestFinished(() => store.close());
      const runner = createRunner(ordering, { store });
      if (isFirst) await runner.handle('ann', 'hi');
      seen.push(await runner.inspect('ann'));
      await runner.stop();
    }
    expect(seen[1]).toEqual(seen[0]);
  });

  it('returns a context that the caller cannot change, and nothing for an unknown user', async () => {
    const { runner } = createWorld(ordering);
    await runner.handle('ann', 'hi');
    const context = (await runner.inspect('ann'))?.context as { name: string };
    expect(() => {
      context.name = 'Eve';
    }).toThrow(TypeError);
    expect((await runner.inspect('ann'))?.context).toEqual({ name: 'Ann' });
    expect(await runner.inspect('bob')).toBeUndefined();
    await expect(runner.inspect('')).rejects.toMatchObject({ code: 'bad_openid' });
  });
});
