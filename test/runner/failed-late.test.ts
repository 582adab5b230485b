import { PersistError, setupDialogue } from 'colloquy';
import { memory } from 'colloquy/persist/memory';
import { describe, expect, it } from 'vitest';
import { createWorld, texts } from './world.ts';

const words = setupDialogue({});
const echo = words.createDialogue({
  id: 'echo',
  context: {},
  on: { 'message.text': { actions: words.reply(({ event }) => `You said ${event.text}.`) } },
});

describe('a turn that fails after its callers have left', () => {
  it('does not count its message: a redelivery is taken, and answered', async () => {
    const disk = memory();
    let isSlow = true;
    const persister = {
      ...disk,
      load: (openid: string) =>
        isSlow
          ? new Promise<never>((_resolve, reject) => {
              world.clock.wake(world.clock.now() + 2000, () => {
                isSlow = false;
                reject(new PersistError('unavailable', 'It is slow today.', { retryable: true }));
              });
            })
          : disk.load(openid),
    };
    const world = createWorld(echo, { storeOptions: { persister }, onError: () => 'Sorry.' });
    const { runner, clock, said } = world;
    const first = runner.handle('ann', 'hi', { id: '1', deadlineMs: 1000 });
    await clock.advance({ seconds: 1 });
    expect((await first).outcome).toBe('pending');
    await clock.advance({ seconds: 2 });
    expect(said).toEqual(['ann: Sorry.']);
    const { outcome, replies } = await runner.handle('ann', 'hi', { id: '1' });
    expect([outcome, texts(replies)]).toEqual(['replied', ['You said hi.']]);
  });
});
