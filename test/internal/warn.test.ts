import { createRunner, setupDialogue } from 'colloquy';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Warnings } from '../../src/internal/warn.ts';
import { createManualClock } from '../../src/testing/clock.ts';

const MINUTE = 60_000;

function open() {
  const clock = createManualClock();
  const lines: string[] = [];
  const warnings = new Warnings(clock, (code, text) => void lines.push(`${code}: ${text}`));
  const say = (count: number, code = 'broken', text = 'It broke.'): void => {
    for (let index = 0; index < count; index += 1) warnings.say(code, text);
  };
  return { clock, lines, warnings, say };
}

describe('a warning of the process', () => {
  it('is said at once, and those that follow are counted for a minute', async () => {
    const { clock, lines, say } = open();
    say(60);
    expect(lines).toEqual(['broken: It broke.']);
    await clock.advance(MINUTE - 1);
    expect(lines).toHaveLength(1);
    await clock.advance(1);
    expect(lines.slice(1)).toEqual(['broken: 59 more in the last minute. The last one: It broke.']);
  });

  it('has at most one line a minute while it comes again and again', async () => {
    const { clock, lines, say } = open();
    for (let second = 0; second < 180; second += 1) {
      say(10);
      await clock.advance(1000);
    }
    expect(lines).toEqual([
      'broken: It broke.',
      'broken: 599 more in the last minute. The last one: It broke.',
      'broken: 600 more in the last minute. The last one: It broke.',
      'broken: 600 more in the last minute. The last one: It broke.',
    ]);
  });

  it('is said at once again after a minute without one', async () => {
    const { clock, lines, say } = open();
    say(2);
    await clock.advance(3 * MINUTE);
    say(1);
    expect(lines).toEqual([
      'broken: It broke.',
      'broken: 1 more in the last minute. The last one: It broke.',
      'broken: It broke.',
    ]);
  });

  it('does not wait behind one with another code, and shows the last text with its own code', async () => {
    const { clock, lines, say } = open();
    say(1, 'not_shared', 'The first folder.');
    say(1, 'broken');
    say(1, 'not_shared', 'The second folder.');
    expect(lines).toEqual(['not_shared: The first folder.', 'broken: It broke.']);
    await clock.advance(MINUTE);
    expect(lines.slice(2)).toEqual([
      'not_shared: 1 more in the last minute. The last one: The second folder.',
    ]);
  });

  it('of a code beyond the first 64 of a minute is counted with the others', async () => {
    const { clock, lines, say } = open();
    const wakes = vi.spyOn(clock, 'wake');
    for (let index = 0; index < 100_000; index += 1) say(1, `code${index}`);
    // 64 codes, and one for all others.
    expect([lines.length, wakes.mock.calls.length]).toEqual([65, 65]);
    await clock.advance(MINUTE);
    expect(lines.slice(65)).toEqual([
      'code99999: 99935 more in the last minute. The last one: It broke.',
    ]);
    await clock.advance(MINUTE);
    say(1, 'code7');
    expect(lines.at(-1)).toBe('code7: It broke.');
  });

  it.each([
    ['where timers end with a request', 2 * MINUTE],
    ['where the clock is set back', -2 * MINUTE],
  ])('says the count with the next one %s', (_where, jumpMs) => {
    let now = 10 * MINUTE;
    const lines: string[] = [];
    const clock = { now: () => now, wake: () => () => {} };
    const warnings = new Warnings(clock, (_code, text) => void lines.push(text));
    warnings.say('broken', 'It broke.');
    warnings.say('broken', 'It broke.');
    now += jumpMs;
    warnings.say('broken', 'It broke.');
    expect(lines).toEqual(['It broke.', '2 more in the last minute. The last one: It broke.']);
  });
});

describe('the errors of a runner that are not listened for', () => {
  afterEach(() => vi.useRealTimers());

  it('are one warning, and a count a minute later', async () => {
    vi.useFakeTimers();
    const emitWarning = vi.spyOn(process, 'emitWarning').mockReturnValue();
    const { createDialogue, assign } = setupDialogue({ types: {} as { context: object } });
    const broken = createDialogue({
      id: 'broken',
      context: {},
      initial: 'a',
      states: {
        a: {
          on: {
            'message.text': {
              actions: assign(() => {
                throw new Error('of ann: my PIN is 1234');
              }),
            },
          },
        },
      },
    });
    const runner = createRunner(broken);
    for (let user = 0; user < 60; user += 1) await runner.handle(`user${user}`, 'hi');
    expect(emitWarning.mock.calls).toEqual([
      [expect.stringContaining('unheard'), { type: 'ColloquyWarning', code: 'unheard_error' }],
    ]);
    vi.advanceTimersByTime(MINUTE);
    expect(emitWarning).toHaveBeenCalledTimes(2);
    expect(emitWarning.mock.lastCall?.[0]).toMatch(/^59 more in the last minute\./u);
    expect(JSON.stringify(emitWarning.mock.calls)).not.toContain('PIN');
    emitWarning.mockRestore();
  });
});
