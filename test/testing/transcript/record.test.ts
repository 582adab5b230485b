import { type Runner, createRunner, integer, setupDialogue } from 'colloquy';
import { createManualClock, playTranscript, recordTranscript } from 'colloquy/testing';
import { fromPromise } from 'xstate';
import { type MockInstance, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const { ask, createDialogue, done, expireIn, reply } = setupDialogue({
  actors: {
    price: fromPromise<string>(async () => {
      throw new Error('no connection');
    }),
  },
  actions: {
    log: () => {
      throw new Error('the log is full');
    },
  },
});

/** Fails in every way that a conversation can: an action, a guard, a service; and it expires. */
const shop = createDialogue({
  id: 'shop',
  context: {},
  initial: 'open',
  states: {
    open: {
      on: {
        'message.image': {
          guard: () => {
            throw new TypeError('no eyes');
          },
          target: 'paying',
        },
        'message.text': [
          { guard: ({ event }) => event.text === 'pay', target: 'paying' },
          { guard: ({ event }) => event.text === 'count', target: 'counting' },
          { actions: ['log', reply('Noted.'), expireIn({ hours: 1 })] },
        ],
      },
    },
    paying: { invoke: { src: 'price', onDone: 'open' } },
    counting: ask({ question: 'How many?', parse: integer(), target: 'gone', otherwise: 'gone' }),
    gone: done('Bye.'),
  },
});

interface Recorded {
  readonly runner: Runner;
  readonly clock: ReturnType<typeof createManualClock>;
  readonly text: () => string;
  stop(): void;
}

function recorded(): Recorded {
  const clock = createManualClock();
  const live = createRunner(shop, { clock });
  const recording = recordTranscript(live, { clock, openid: 'ann' });
  return {
    runner: recording.runner as Runner,
    clock,
    text: () => recording.text.replace(/^@ .+\n/u, ''),
    stop: () => recording.stop(),
  };
}

describe('an error without a listener', () => {
  const warned = () =>
    emitWarning.mock.calls.map(([, options]) => (options as { readonly code?: string }).code);
  let emitWarning: MockInstance<typeof process.emitWarning>;
  beforeEach(() => {
    emitWarning = vi.spyOn(process, 'emitWarning').mockReturnValue();
  });
  afterEach(() => emitWarning.mockRestore());

  it('stays unheard while the runner is recorded, and is a line of the recording', async () => {
    const { runner, text } = recorded();
    await runner.handle('ann', 'hi');
    await runner.idle('ann');
    expect(warned()).toEqual(['unheard_error']);
    expect(text()).toContain('! error: ');
    await runner.stop();
  });

  it('is no warning where the program hears it', async () => {
    const { runner, text } = recorded();
    const errors: unknown[] = [];
    runner.on('error', ({ error }) => errors.push(error));
    await runner.handle('ann', 'hi');
    expect(warned()).toEqual([]);
    expect(errors).toHaveLength(1);
    expect(text()).toContain('! error: ');
    await runner.stop();
  });

  it('is no line of the recording of another runner, nor of one that was stopped', async () => {
    const [first, second] = [recorded(), recorded()];
    await first.runner.handle('ann', 'hi');
    expect(second.text()).toBe('');
    second.stop();
    await second.runner.handle('ann', 'hi');
    expect(second.text()).toBe('');
    for (const { runner } of [first, second]) await runner.stop();
  });
});

describe('what a recording has written can be played', () => {
  it.each<[what: string, messages: readonly Parameters<Runner['handle']>[1][], line: string]>([
    ['an action that throws', ['hi', 'hi'], '! error: the log is full'],
    [
      'a guard that throws',
      [{ type: 'message.image', mediaId: 'image' }],
      '! failed: step_failed: ',
    ],
    ['a service that fails', ['pay'], '! error: step_failed: no connection'],
    ['a message that is refused', [{ type: 'event.hologram' }, 'hi'], '! refused: bad_message'],
    ['a message that no state takes', [{ type: 'message.voice', mediaId: 'x' }], '! unhandled'],
    ['what expires', ['hi'], '@ +1h\n! expired'],
  ])('%s', async (_, messages, line) => {
    const { runner, clock, text } = recorded();
    runner.on('error', () => {});
    for (const message of messages) await runner.handle('ann', message).catch(() => {});
    await runner.idle('ann');
    await clock.advance({ hours: 2 });
    await runner.handle('ann', 'count');
    expect(text()).toContain(line);
    expect((await playTranscript(text(), shop)).diff).toBe('');
    await runner.stop();
  });
});

it('what a recording rounds off its times does not add up', async () => {
  const { runner, clock, text } = recorded();
  runner.on('error', () => {});
  for (let count = 0; count <= 100; count += 1) {
    await runner.handle('ann', 'hi');
    await clock.advance(1400);
  }
  const seconds = [...text().matchAll(/^@ \+(\d+)s$/gmu)].map(([, each]) => Number(each));
  expect(seconds.reduce((sum, each) => sum + each, 0)).toBe(140);
  await runner.stop();
});
