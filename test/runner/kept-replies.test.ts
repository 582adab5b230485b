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
import { texts } from './world.ts';

const words = setupDialogue({ types: {} as { context: object } });

/** Says two things a minute after each message, and echoes every text but `nothing`. */
const reminding = words.createDialogue({
  id: 'reminding',
  context: {},
  initial: 'waiting',
  states: {
    waiting: {
      on: {
        'message.text': [
          { guard: ({ event }) => event.text === 'forget', actions: words.forget() },
          { guard: ({ event }) => event.text === 'nothing', target: 'waiting', reenter: true },
          {
            target: 'waiting',
            reenter: true,
            actions: words.reply(({ event }) => `You said ${event.text}.`),
          },
        ],
      },
      after: { 60_000: { actions: [words.reply('one'), words.reply('two')] } },
    },
  },
});

const closed = (): never => {
  throw new DeliveryError('push_closed', 'The platform takes nothing until the user writes.');
};

function start(persister?: Persister) {
  const clock = createManualClock();
  const store = createContextStore({ clock, ...(persister && { persister }) });
  const runner = createRunner(reminding, { store });
  const errors: unknown[] = [];
  runner.on('error', ({ error }) => errors.push((error as { code?: unknown }).code));
  onTestFinished(() => store.close());
  return { clock, store, runner, errors };
}

describe.each([
  ['in memory', () => undefined],
  ['over a persister', () => memory(createDisk())],
])('a reply that a platform does not take until the user writes, %s', (_, persister) => {
  it('is delivered when the message before comes again, to whose answer nothing can be added', async () => {
    const { runner, clock } = start(persister());
    const taken: string[] = [];
    let isClosed = true;
    runner.on('reply', ({ reply }) => {
      if (isClosed) closed();
      taken.push(...texts([reply]));
    });
    const once = { id: '1', awaitServices: false };
    const { replies } = await runner.handle('ann', 'hi', once);
    await runner.say('ann', replies, { id: '1' });
    await clock.advance(0);
    isClosed = false;
    const again = await runner.handle('ann', 'hi', once);
    // As a channel does that has no place for replies in its answer: what was said before is not said again.
    if (again.replies.length > 0) await runner.say('ann', again.replies, { id: '1' });
    await clock.advance(0);
    expect(taken).toEqual(['You said hi.']);
  });

  it('is kept, and said first with the answer to the next message', async () => {
    const { runner, clock, errors } = start(persister());
    runner.on('reply', closed);
    await runner.handle('ann', 'hi');
    await clock.advance({ minutes: 2 });
    expect((await runner.inspect('ann'))?.unsent).toBe(2);
    const turn = await runner.handle('ann', 'again', { id: 'm2' });
    expect([turn.outcome, texts(turn.replies)]).toEqual([
      'replied',
      ['one', 'two', 'You said again.'],
    ]);
    expect((await runner.inspect('ann'))?.unsent).toBe(0);
    expect(errors).toEqual([]);
  });

  it('is said once: a redelivery replays it, and the answer to the message after does not have it', async () => {
    const { runner, clock } = start(persister());
    runner.on('reply', closed);
    await runner.handle('ann', 'hi');
    await clock.advance({ minutes: 1 });
    const first = await runner.handle('ann', 'again', { id: 'm2' });
    const second = await runner.handle('ann', 'again', { id: 'm2' });
    expect([second.outcome, second.replies]).toEqual(['duplicate', first.replies]);
    expect(texts((await runner.handle('ann', 'more')).replies)).toEqual(['You said more.']);
  });

  it('answers even a message that the dialogue has nothing to say to', async () => {
    const { runner, clock } = start(persister());
    runner.on('reply', closed);
    await runner.handle('ann', 'hi');
    await clock.advance({ minutes: 1 });
    const turn = await runner.handle('ann', 'nothing');
    expect([turn.outcome, texts(turn.replies)]).toEqual(['replied', ['one', 'two']]);
  });

  it('is said with the answer to a message that asks to be forgotten', async () => {
    const { runner, clock } = start(persister());
    runner.on('reply', closed);
    await runner.handle('ann', 'hi');
    await clock.advance({ minutes: 1 });
    expect(texts((await runner.handle('ann', 'forget')).replies)).toEqual(['one', 'two']);
    expect(await runner.inspect('ann')).toBeUndefined();
  });

  it('keeps later replies behind it, and asks no listener again meanwhile', async () => {
    const { runner, clock } = start(persister());
    let asked = 0;
    runner.on('reply', () => {
      asked += 1;
      closed();
    });
    await runner.handle('ann', 'hi');
    await clock.advance({ minutes: 1 });
    await runner.say('ann', 'three');
    await clock.advance({ hours: 1 });
    expect(asked).toBe(1);
    const turn = await runner.handle('ann', 'nothing');
    expect(texts(turn.replies)).toEqual(['one', 'two', 'three']);
  });

  it('waits for a listener that may succeed later, although another one refuses', async () => {
    const { runner, clock } = start(persister());
    let isDown = true;
    const heard: string[] = [];
    runner.on('reply', ({ reply }: RunnerEvents['reply']) => {
      if (isDown) throw new Error('no network');
      heard.push(...texts([reply]));
    });
    const off = runner.on('reply', closed);
    await runner.handle('ann', 'hi');
    await clock.advance({ minutes: 1 });
    isDown = false;
    off();
    await clock.advance({ seconds: 10 });
    expect(heard).toEqual(['one', 'two']);
  });
});

describe('a reply that a listener refuses for good', () => {
  it('is reported and given up, and the next reply is delivered', async () => {
    const { runner, clock, errors } = start();
    const heard: string[] = [];
    runner.on('reply', ({ reply }: RunnerEvents['reply']) => {
      const [text = ''] = texts([reply]);
      if (text === 'one') throw new DeliveryError('push_refused', 'Too long for the platform.');
      heard.push(text);
    });
    await runner.handle('ann', 'hi');
    await clock.advance({ hours: 1 });
    expect([heard, errors]).toEqual([['two'], ['push_refused']]);
  });
});

describe('a store without a persister', () => {
  it('delivers a reply again after a listener fails', async () => {
    const { runner, clock } = start();
    let isDown = true;
    const heard: string[] = [];
    runner.on('reply', async ({ reply }: RunnerEvents['reply']) => {
      await Promise.resolve();
      if (isDown) throw new Error('no network');
      heard.push(...texts([reply]));
    });
    await runner.handle('ann', 'hi');
    await clock.advance({ minutes: 1 });
    isDown = false;
    await clock.advance({ seconds: 10 });
    expect(heard).toEqual(['one', 'two']);
  });

  it('reports a reply that has no listener, and does not keep it', async () => {
    const { runner, clock, errors } = start();
    await runner.handle('ann', 'hi');
    await clock.advance({ minutes: 1 });
    expect(errors).toEqual(['no_reply_listener']);
    expect((await runner.inspect('ann'))?.unsent).toBe(0);
  });
});

describe('a message that is not committed by its deadline', () => {
  /** A persister whose saves wait for `release`. */
  function slowly() {
    const inner = memory(createDisk());
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const persister: Persister = {
      ...inner,
      save: async (record, expected) => {
        await gate;
        return inner.save(record, expected);
      },
    };
    return { persister, release };
  }

  it('is marked as uncommitted, and its later replies are delivered once', async () => {
    const { persister, release } = slowly();
    const { runner, clock } = start(persister);
    const heard: string[] = [];
    runner.on('reply', ({ reply }: RunnerEvents['reply']) => void heard.push(...texts([reply])));
    const turn = runner.handle('ann', 'hi', { id: 'm1', deadlineMs: 1000 });
    await clock.advance(1000);
    expect(await turn).toMatchObject({ outcome: 'pending', uncommitted: true });
    release();
    await runner.idle('ann');
    const again = await runner.handle('ann', 'hi', { id: 'm1' });
    expect([heard, again.outcome, again.replies]).toEqual([['You said hi.'], 'duplicate', []]);
  });

  it('is answered when it is delivered again, if no listener could take the answer', async () => {
    const { persister, release } = slowly();
    const { runner, clock } = start(persister);
    runner.on('reply', closed);
    const turn = runner.handle('ann', 'hi', { id: 'm1', deadlineMs: 1000 });
    await clock.advance(1000);
    expect((await turn).outcome).toBe('pending');
    release();
    await runner.idle('ann');
    for (const _ of ['attempt 2', 'attempt 3']) {
      const again = await runner.handle('ann', 'hi', { id: 'm1' });
      expect([again.outcome, texts(again.replies)]).toEqual(['duplicate', ['You said hi.']]);
    }
    expect(texts((await runner.handle('ann', 'more')).replies)).toEqual(['You said more.']);
  });
});
