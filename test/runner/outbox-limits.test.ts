import { describe, expect, it } from 'vitest';
import { type Reply, setupDialogue } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createWorld } from './world.ts';

const words = setupDialogue({ types: {} as { context: object } });
const quiet = words.createDialogue({
  id: 'quiet',
  context: {},
  initial: 'on',
  states: { on: { on: { 'message.text': {} } } },
});

const wide = (payload: unknown): Reply => ({ type: 'raw', channel: 'x', payload });

/** A user to whom nothing can be delivered: each listener throws for as long as `isDown`. */
function start(isPersisted: boolean) {
  const disk = createDisk();
  const world = createWorld(
    quiet,
    isPersisted ? { storeOptions: { persister: memory(disk) } } : {},
  );
  const state = { isDown: true };
  const told: string[] = [];
  world.runner.on('reply', ({ reply }) => {
    if (state.isDown) throw new Error('503');
    told.push(reply.type === 'text' ? reply.text : reply.type);
  });
  const say = (said: string | Reply): Promise<string> =>
    world.runner.say('u', said).then(
      () => 'said',
      (error: { code: string }) => error.code,
    );
  return { ...world, state, told, say, disk };
}

describe.each([
  ['in memory', false],
  ['over a persister', true],
])('replies that no listener takes, %s', (_where, isPersisted) => {
  it('all arrive later and in order, also where the bot says more meanwhile', async () => {
    const { clock, state, told, say, errors } = start(isPersisted);
    for (let n = 0; n < 30; n += 1) {
      expect(await say(`${n}`)).toBe('said');
      await clock.advance({ seconds: 2 });
    }
    state.isDown = false;
    await clock.advance({ minutes: 6 });
    expect(told).toEqual(Array.from({ length: 30 }, (_, n) => `${n}`));
    expect(errors.filter((error) => (error as { code?: unknown }).code === 'undelivered')).toEqual(
      [],
    );
  });

  it('are refused behind 256, and taken again once those are delivered', async () => {
    const { clock, state, told, say } = start(isPersisted);
    const outcomes: string[] = [];
    for (let n = 0; n < 300; n += 1) outcomes.push(await say(`${n}`));
    expect(outcomes.indexOf('too_many_unsent')).toBe(256);
    expect(new Set(outcomes.slice(256))).toEqual(new Set(['too_many_unsent']));
    state.isDown = false;
    await clock.advance({ minutes: 6 });
    expect(told.length).toBe(256);
    expect(await say('after')).toBe('said');
  });

  it.each<[string, string | Reply, number]>([
    ['texts', 'x'.repeat(500_000), 4],
    ['choices', { type: 'choices', text: 'x', options: [{ value: 'y'.repeat(500_000) }] }, 4],
    ['raw replies', wide({ k: ['x'.repeat(500_000)] }), 4],
    ['texts that are each over all of it', 'x'.repeat(3_000_000), 1],
  ])('are refused over four MiB: %s', async (_what, said, most) => {
    const { say, disk } = start(isPersisted);
    const outcomes: string[] = [];
    for (let n = 0; n < 8; n += 1) outcomes.push(await say(said));
    expect(outcomes.indexOf('too_many_unsent')).toBe(most);
    if (isPersisted) expect(disk.records.get('u')?.body.length).toBeLessThan(most * 3_100_000);
  });
});
