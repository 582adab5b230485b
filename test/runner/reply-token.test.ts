import { DeliveryError, createContextStore, createRunner, setupDialogue } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it, onTestFinished } from 'vitest';

const words = setupDialogue({ types: {} as { context: object } });
/** Says back what it hears, and something by itself a minute later. */
const echo = words.createDialogue({
  id: 'echo',
  version: '1',
  context: {},
  initial: 'idle',
  states: {
    idle: { on: { 'message.text': 'said' } },
    said: {
      entry: words.reply('Now.'),
      on: { 'message.text': { actions: words.reply(({ event }) => event.text) } },
      after: { 60_000: { target: 'idle', actions: words.reply('Later.') } },
    },
  },
});

/** A process on a disk that outlives it; `refused` are the tokens that the platform takes no more. */
function start(disk = createDisk(), clock = createManualClock(), gather = false) {
  const store = createContextStore({ clock, persister: memory(disk) });
  const runner = createRunner(echo, { store, ...(gather && { gather: { quietMs: 1000 } }) });
  const said: string[] = [];
  const refused = new Set<string | undefined>();
  runner.on('reply', ({ reply, replyToken }) => {
    if (refused.has(replyToken)) throw new DeliveryError('push_closed', 'It takes no more.');
    if (reply.type === 'text') said.push(`${reply.text} ${replyToken}`);
  });
  const stop = async (): Promise<void> => {
    await runner.stop();
    await store.close();
  };
  onTestFinished(stop);
  const handle = (text: string, replyToken?: string) =>
    runner.handle('ann', text, { id: `${text}!`, ...(replyToken !== undefined && { replyToken }) });
  return { disk, clock, runner, store, said, refused, stop, handle };
}

describe('what a platform wants back with replies', () => {
  it('is that of the last message, also for replies of timers and of the program', async () => {
    const { clock, runner, said, handle } = start();
    await handle('one', 'a');
    await handle('two', 'b');
    await runner.say('ann', 'By the way.');
    await clock.advance(60_000);
    await runner.idle('ann');
    expect(said).toEqual(['By the way. b', 'Later. b']);
  });

  it('stays where a message brings none', async () => {
    const { runner, said, handle } = start();
    await handle('one', 'a');
    await handle('two');
    await runner.say('ann', 'By the way.');
    expect(said).toEqual(['By the way. a']);
  });

  it('is absent where no message has brought one', async () => {
    const { runner, said, handle } = start();
    await handle('one');
    await runner.say('ann', 'By the way.');
    expect(said).toEqual(['By the way. undefined']);
  });

  it('is there after a restart', async () => {
    const first = start();
    await first.handle('one', 'a');
    await first.stop();
    const { clock, runner, said } = start(first.disk, first.clock);
    await runner.start();
    await clock.advance(60_000);
    await runner.idle('ann');
    expect(said).toEqual(['Later. a']);
  });

  it('is that of the last part of a burst', async () => {
    const { clock, runner, said, handle } = start(createDisk(), createManualClock(), true);
    void handle('one', 'a');
    void handle('two', 'b');
    await runner.idle('ann');
    await clock.advance(1000);
    await runner.idle('ann');
    await runner.say('ann', 'By the way.');
    expect(said).toEqual(['By the way. b']);
  });

  it('is tried again where a message has brought another one, and nothing waits for the next', async () => {
    const { runner, said, refused, handle } = start();
    await handle('one', 'a');
    refused.add('a');
    const saying = runner.say('ann', 'By the way.');
    const answer = handle('two', 'b');
    await Promise.all([saying, answer]);
    await runner.idle('ann');
    expect([...said, ...(await answer).replies]).toEqual([
      'By the way. b',
      { type: 'text', text: 'two' },
    ]);
  });

  it('goes with everything else of the user', async () => {
    const { runner, store, said, handle } = start();
    await handle('one', 'a');
    await store.erase('ann');
    await runner.say('ann', 'By the way.');
    expect(said).toEqual(['By the way. undefined']);
  });

  it.each([
    ['a number', 7],
    ['too long', 'a'.repeat(4097)],
  ])('is refused where it is %s', async (_name, token) => {
    const { runner } = start();
    const options = { replyToken: token } as { replyToken: string };
    await expect(async () => runner.handle('ann', 'a', options)).rejects.toMatchObject({
      code: 'bad_option',
    });
  });
});
