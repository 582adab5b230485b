import { setupDialogue } from 'colloquy';
import { describe, expect, it } from 'vitest';
import { createWorld } from './world.ts';

const { createDialogue, reply } = setupDialogue({ types: {} as { context: object } });
const echo = createDialogue({
  id: 'echo',
  context: {},
  on: { 'message.text': { actions: reply(({ event }) => event.text) } },
});

describe('runner.idle', () => {
  it('resolves for everybody who waits for the same user', async () => {
    const { runner } = createWorld(echo);
    const order: string[] = [];
    const turn = runner.handle('ann', 'hi').then(() => order.push('turn'));
    const waits = ['a', 'b', 'c', 'd'].map((name) =>
      runner.idle('ann').then(() => order.push(name)),
    );
    await Promise.all([turn, ...waits]);
    expect(order.toSorted()).toEqual(['a', 'b', 'c', 'd', 'turn']);
  });

  it('waits for what begins after others have waited', async () => {
    const { runner } = createWorld(echo);
    await Promise.all([runner.idle('ann'), runner.idle('ann')]);
    let isOver = false;
    const turn = runner.handle('ann', 'hi').then(() => (isOver = true));
    await runner.idle('ann');
    expect(isOver).toBe(true);
    await turn;
  });
});
