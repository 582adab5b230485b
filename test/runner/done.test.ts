import { setupDialogue } from 'colloquy';
import { expect, it } from 'vitest';
import { type AnyStateMachine, createMachine } from 'xstate';
import { memory } from '../../src/persist/memory.ts';
import { createWorld } from './world.ts';

const words = setupDialogue({
  types: {} as { context: { name?: string }; output: { name: string } },
});
const dialogue = words.createDialogue({
  id: 'ending',
  context: {},
  initial: 'name',
  states: {
    name: {
      on: {
        'message.text': {
          target: 'end',
          actions: words.assign({ name: ({ event }) => event.text }),
        },
        'message.image': { target: 'end', actions: words.forget() },
      },
      after: { 60_000: 'end' },
    },
    end: words.done('Bye.'),
  },
  output: ({ context }) => ({ name: context.name ?? 'unknown' }),
});

function listening() {
  const world = createWorld(dialogue);
  const ended: unknown[] = [];
  world.runner.on('done', (end) => ended.push(end));
  return { ...world, ended };
}

it('the done event reports the end of a dialogue and its output, once, after the commit', async () => {
  const { runner, ended } = listening();
  await runner.handle('ann', 'Ann', { id: '1' });
  expect(ended).toEqual([{ openid: 'ann', output: { name: 'Ann' } }]);
  await runner.handle('ann', 'Ann', { id: '1' });
  expect(ended).toHaveLength(1);
  await runner.handle('ann', 'Bob', { id: '2' });
  expect(ended).toHaveLength(2);
});

it('the done event also comes when a timer ends the dialogue, and when it ends by forgetting', async () => {
  const { runner, clock, ended } = listening();
  await runner.handle('ann', { type: 'message.location', latitude: 1, longitude: 2 });
  await clock.advance({ minutes: 1 });
  expect(ended).toEqual([{ openid: 'ann', output: { name: 'unknown' } }]);
  await runner.handle('bob', { type: 'message.image', mediaId: 'm' });
  expect(ended).toHaveLength(2);
});

it('no done event comes when the write fails', async () => {
  const { runner, ended } = listening();
  const tooMuch = await runner.handle('ann', 'x'.repeat(5_000_000));
  expect(tooMuch.outcome).toBe('failed');
  expect(ended).toEqual([]);
});

it('an output that cannot be stored fails its turn over a persister, and the error names its place', async () => {
  const odd = createMachine({
    id: 'odd',
    initial: 'a',
    output: { list: [() => 1] },
    states: { a: { on: { 'message.text': 'end' } }, end: { type: 'final' } },
  });
  const { runner } = createWorld(odd as AnyStateMachine, { storeOptions: { persister: memory() } });
  const { outcome, error } = await runner.handle('ann', 'x');
  expect(outcome).toBe('failed');
  expect(error).toMatchObject({
    code: 'not_plain',
    details: { path: 'dialogue.snapshot.output.list[0]' },
  });
});
