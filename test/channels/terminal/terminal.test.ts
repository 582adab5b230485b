import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { type DraftEvent, createContextStore, createRunner, setupDialogue } from 'colloquy';
import { createForwardClock, runTerminal } from 'colloquy/channels/terminal';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, fromPromise } from 'xstate';
import { formatSeconds, parseForward } from '../../../src/channels/terminal/commands.ts';
import { printable } from '../../../src/channels/terminal/paint.ts';
import { UsageError } from '../../../src/errors.ts';

const { assign, createDialogue, reply } = setupDialogue({
  types: {} as { context: { said?: string } },
});
const tea = createDialogue({
  id: 'tea',
  context: {},
  initial: 'hall',
  states: {
    hall: {
      on: {
        'message.text': {
          target: 'asking',
          actions: assign({ said: ({ event }) => event.text }),
        },
      },
    },
    asking: {
      entry: reply({
        type: 'choices',
        text: 'Which?',
        options: [{ value: 'green', label: 'Green tea' }, { value: 'black' }],
      }),
      after: { 7_200_000: { actions: reply('Are you\nstill there?') } },
      on: {
        'message.action': { actions: reply(({ event }) => `pressed ${event.value}`) },
        'message.text': { actions: reply(({ event }) => `typed ${event.text}`) },
      },
    },
  },
});

/** What stands on the screen after these lines were typed into a pipe. */
async function play(
  lines: readonly string[],
  {
    isLive = false,
    colors = false,
    dialogue = tea,
  }: { isLive?: boolean; colors?: boolean; dialogue?: AnyStateMachine } = {},
): Promise<string> {
  const clock = createForwardClock(createManualClock());
  const store = createContextStore({ clock });
  const runner = createRunner(dialogue, { store });
  const input = Object.assign(new PassThrough(), { isTTY: isLive });
  const output = Object.assign(new PassThrough(), { isTTY: isLive });
  const errors = new PassThrough();
  let screen = '';
  output.setEncoding('utf8').on('data', (text: string) => (screen += text));
  errors.setEncoding('utf8').on('data', (text: string) => (screen += text));
  input.end(lines.map((line) => `${line}\n`).join(''));
  await runTerminal(runner, {
    input,
    output,
    errors,
    clock,
    colors,
    reset: (openid) => store.delete(openid),
    commands: {
      shout: { usage: '/shout word', does: 'shouts', run: async (word) => [word.toUpperCase()] },
    },
  });
  output.end();
  await once(output, 'end');
  await runner.stop();
  return screen;
}

describe('a talk in a pipe', () => {
  it('is printed as a transcript', async () => {
    expect(await play(['hi', '', 'milk'])).toBe(
      '> hi\n< Which?\n  1. Green tea\n  2. black\n> \n> milk\n< typed milk\n',
    );
  });

  it('takes the number of an option for its button, and any other number for a number', async () => {
    expect(await play(['hi', '2', '2'])).toContain('> 2\n< pressed black\n> 2\n< typed 2\n');
    expect(await play(['hi', '3'])).toContain('> 3\n< typed 3\n');
  });

  it('shows where the dialogue stands, what it knows, and what falls due', async () => {
    const screen = await play(['/state', 'hi', '/state', '/context', '/timers']);
    expect(screen).toContain('> /state\nNothing is known of you.\n');
    expect(screen).toContain('> /state\nasking\n');
    expect(screen).toContain("> /context\n{ said: 'hi' }\n");
    expect(screen).toMatch(/> \/timers\nin 2h: after 2h in \S+\n/);
  });

  it('lets time pass, and says what is said by then', async () => {
    const screen = await play(['hi', '/forward 1h59m', '/forward 1m', '/timers']);
    expect(screen).toMatch(
      /> \/forward 1h59m\nIt is 2026-01-01T01:59:00.000Z.\n> \/forward 1m\n< Are you\n {2}still there\?\nIt is 2026-01-01T02:00:00.000Z.\n> \/timers\nNo timer is running.\n/,
    );
  });

  it('forgets, ends, and says what it does not know', async () => {
    const screen = await play(['hi', '/reset', '/state', '/x', '//x', '/forward', '/quit', 'hi']);
    expect(screen).toContain('> /reset\nYou have never met.\n> /state\nNothing is known of you.\n');
    expect(screen).toContain('> /x\nThere is no /x.');
    // Said to a dialogue that begins again.
    expect(screen).toContain('> //x\n< Which?\n');
    expect(screen).toContain('> /forward\nHow far?');
    expect(screen).toMatch(/> \/quit\n$/);
  });

  it('lists its commands', async () => {
    const screen = await play(['/help']);
    for (const name of ['state', 'context', 'timers', 'forward 2h', 'reset', 'help', 'quit']) {
      expect(screen).toContain(`/${name} `);
    }
  });

  it('has commands of the program beside its own, and lists them', async () => {
    const screen = await play(['/shout now then', '/help']);
    expect(screen).toContain('> /shout now then\nNOW THEN\n');
    expect(screen).toMatch(/^\/shout word +shouts$/mu);
  });

  it('has colors where they are asked for', async () => {
    expect(await play(['hi'], { colors: true })).toContain('\u001b[36mWhich?');
    expect(await play(['hi'])).not.toContain('\u001b');
  });
});

it('a talk on a screen greets, and leaves the echo to the terminal', async () => {
  const screen = await play(['hi'], { isLive: true });
  expect(screen).toContain('Say something.');
  expect(screen).toContain('< Which?');
});

describe('the drafts of a service', () => {
  const draft = (text: string): DraftEvent => ({ type: 'draft', text });
  const { createDialogue, reply } = setupDialogue({
    types: {} as { context: object },
    actors: {
      tell: fromPromise<string, unknown, DraftEvent>(async ({ emit }) => {
        emit(draft('It is'));
        emit(draft('It is\n\u0007late'));
        emit(draft(`${'It is late, '.repeat(20)}and 现在是晚上`));
        return 'It is late.';
      }),
    },
  });
  const teller = createDialogue({
    id: 'teller',
    context: {},
    initial: 'ready',
    states: {
      ready: { on: { 'message.text': 'telling' } },
      telling: {
        invoke: {
          src: 'tell',
          onDone: { target: 'ready', actions: reply(({ event }) => event.output) },
          onError: 'ready',
        },
      },
    },
  });

  it('are written over one another on a screen, and the reply over the last one', async () => {
    const screen = await play(['hi'], { isLive: true, dialogue: teller });
    const off = '\r\u001b[K';
    const last = '…, It is late, It is late, It is late, It is late, It is late, and 现在是晚上';
    expect(screen).toContain(`< It is${off}< It is \ufffdlate${off}< ${last}${off}< It is late.\n`);
  });

  it('are not printed in a pipe', async () => {
    expect(await play(['hi'], { dialogue: teller })).toBe('> hi\n< It is late.\n');
  });
});

it('what a dialogue says cannot steer the terminal', () => {
  expect(printable('a\u001b]0;title\u0007\r\u009b2Jb\tc\nd')).toBe(
    'a\ufffd]0;title\ufffd\ufffd\ufffd2Jb\tc\nd',
  );
});

describe('a span', () => {
  it.each([
    ['2h', 7_200_000],
    ['1d2h3m4s', 93_784_000],
    ['45s', 45_000],
  ])('%s is %i ms, and the other way', (text, ms) => {
    expect(parseForward(text)).toBe(ms);
    expect(formatSeconds(ms)).toBe(text);
  });

  it.each(['', '2', 'h', '-2h', '2 hours', '1e3s'])('%j is none', (text) => {
    expect(parseForward(text)).toBe(undefined);
  });
});

describe('a clock that is put forward', () => {
  it('rings what is due on the way, at its moment and in its order', async () => {
    const clock = createForwardClock(createManualClock({ now: 1000 }));
    const rung: number[] = [];
    for (const at of [5000, 3000, 9000]) clock.wake(at, () => rung.push(clock.now()));
    clock.wake(4000, () => rung.push(-1))();
    await clock.advance({ seconds: 6 });
    expect(rung).toEqual([3000, 5000]);
    expect(clock.now()).toBe(7000);
  });

  it('follows the clock beneath', async () => {
    const beneath = createManualClock({ now: 1000 });
    const clock = createForwardClock(beneath);
    const rung: number[] = [];
    clock.wake(9000, () => rung.push(clock.now()));
    await clock.advance(6000);
    await beneath.advance(1999);
    expect(rung).toEqual([]);
    await beneath.advance(1);
    expect(rung).toEqual([9000]);
  });

  it('does not go back', async () => {
    await expect(createForwardClock().advance(-1)).rejects.toThrow(UsageError);
  });
});
