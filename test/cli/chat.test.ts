import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { cli, temporaryFolder } from './program.ts';

/** Buttons, a reminder, an end of its own, an event, an action that fails, and the openid in a reply. */
const SHOP = `
  import { setupDialogue } from 'colloquy';
  const { choose, createDialogue, done, expireIn, reply } = setupDialogue({
    events: { paid: {} },
    types: {} as { context: { who: string }, input: { openid: string } },
    actions: { log: () => { throw new Error('the log is full'); } },
  });
  export default createDialogue({
    id: 'shop',
    context: ({ input }) => ({ who: input.openid }),
    initial: 'size',
    on: {
      'event.paid': { actions: reply(({ context }) => 'Thank you, ' + context.who + '.') },
      'event.unfollow': { actions: 'log' },
      'message.image': { actions: reply('Nice.') },
    },
    states: {
      size: choose({
        question: 'Size?',
        options: [{ value: 'small', label: 'A small one' }, 'large'],
        timeout: { after: { hours: 1 }, say: 'Are you still there?' },
        target: { small: 'colour', large: 'colour' },
      }),
      colour: choose({
        question: 'Colour?',
        options: ['red', 'small'],
        target: { red: 'ended', small: 'size' },
      }),
      ended: { entry: [reply('Bye.'), expireIn({ minutes: 5 })], type: 'final' },
    },
  });`;

const folder = (): string => temporaryFolder({ 'shop.ts': SHOP });

/** Talks, saves and plays what was saved. */
async function talkAndPlay(lines: readonly string[]) {
  const cwd = folder();
  const input = [...lines, '/save a.chat', ''].join('\n');
  const { code, out } = await cli(['chat', 'shop.ts'], { cwd, input });
  expect(code).toBe(0);
  const saved = readFileSync(join(cwd, 'a.chat'), 'utf8');
  const played = await cli(['test', 'a.chat'], { cwd });
  return { out, saved, played: played.out };
}

describe('a talk that was saved plays again', () => {
  it.each<[after: string, lines: readonly string[], has: string]>([
    ['a button', ['hi', '[button large]'], '> [button large]\n< Colour?'],
    ['a button by its label', ['hi', '[button A small one]'], '> [button small]\n< Colour?'],
    ['the number of an option', ['hi', '1'], '> [button small]\n< Colour?'],
    ['a button that is pressed twice', ['hi', '[button large]', '[button large]'], '! stale\n'],
    ['a picture', ['hi', '[image]'], '> [image]\n< Please choose'],
    ['an event', ['hi', '[{"type":"event.paid"}]'], '< Thank you, ann.'],
    ['an action that fails', ['hi', '[unfollow]', '2'], '! error: the log is full'],
    ['a message that is refused', ['hi', '[{"type":"event.hologram"}]', '2'], '! refused: bad_'],
    ['a message that no state takes', ['hi', '[payment x]', '2'], '! unhandled'],
    ['several users', ['hi', '/as bob', 'hi', '2', '/as you', '1'], 'bob> [button large]\n'],
    ['a user who has the name of the first', ['hi', '/as ann', '2'], '> [button large]\n'],
    ['time', ['hi', '/forward 1h', '/forward 59m', '2'], '@ +1h\n< Are you still there?\n'],
    ['an expiry', ['hi', '2', '1', '/forward 1h', 'hi'], '! expired\n'],
    ['a message that was taken back', ['hi', 'x', '/undo', '[button large]'], '> [button large]\n'],
    [
      'a button whose press was taken back',
      ['hi', '[button large]', '[button red]', '/undo', '/undo', '2'],
      '> [button large]\n',
    ],
    [
      'time that was taken back with a message',
      ['hi', 'x', '/forward 50m', 'y', '/undo', '/undo', '/forward 1h', '2'],
      '> hi\n< Size?',
    ],
    [
      'what another user said and took back',
      ['hi', '/forward 2s', '/as bob', 'hi', '/undo', 'hi', '/forward 1h', '2', '/as you', '2'],
      'bob< Are you still there?',
    ],
    ['a user who was forgotten', ['hi', '2', '/reset', 'hi', '2'], '> hi\n< Size?'],
    [
      'one of two users who was forgotten',
      ['hi', '/as bob', 'hi', '2', '/reset', '/as you', '2', '/as bob', 'hi'],
      'bob> hi\n',
    ],
  ])('after %s', async (_, lines, has) => {
    const { saved, played } = await talkAndPlay(lines);
    expect(saved).toContain(has);
    expect(saved).not.toContain('"asking"');
    expect(played).toBe('ok       a.chat\n\nall 1 as written\n');
  });
});

describe('a button in a talk is one that its user sees', () => {
  it.each<[where: string, lines: readonly string[], says: string]>([
    ['before anything was asked', ['[button large]'], 'You see no buttons.'],
    ['of another name', ['hi', '[button huge]'], "You see no button 'huge', but small, large."],
    ['that another user sees', ['hi', '/as bob', '[button large]'], 'You see no buttons.'],
    ['that was taken back', ['hi', '/undo', '[button large]'], 'You see no buttons.'],
    [
      'of a question that was taken back',
      ['hi', '2', '/undo', '[button red]'],
      "You see no button 'red', but small, large.",
    ],
    ['of a user who was forgotten', ['hi', '/reset', '[button large]'], 'You see no buttons.'],
  ])('and not one %s', async (_, lines, says) => {
    const { out } = await cli(['chat', 'shop.ts'], {
      cwd: folder(),
      input: `${lines.join('\n')}\n`,
    });
    expect(out).toContain(`> ${lines.at(-1)}\n${says} One that is not shown is sent as [{"type":`);
    expect(out.endsWith(`"}].\n`)).toBe(true);
  });

  it('and its number is of the question to that user', async () => {
    const lines = ['hi', '/as bob', '2', '/as you', '2', '/undo', '2'];
    const { out } = await cli(['chat', 'shop.ts'], {
      cwd: folder(),
      input: `${lines.join('\n')}\n`,
    });
    const [asBob = '', afterwards = ''] = out.split('> /as you\n');
    expect(asBob).toContain('> /as bob\nYou are bob now.\nState: (none)\n> 2\n< Size?');
    expect(afterwards.match(/^> 2\n< Colour\?/gmu)).toHaveLength(2);
  });

  it('for programs, too', async () => {
    const input = '[button large]\nhi\n[button large]\n';
    const { out } = await cli(['chat', 'shop.ts', '--json'], { cwd: folder(), input });
    const answers = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(answers).toMatchObject([
      { outcome: 'refused', error: expect.stringMatching(/^You see no buttons/u) as string },
      { outcome: 'replied' },
      { outcome: 'replied' },
    ]);
  });

  it('unless it is written as JSON', async () => {
    const input = 'hi\n[{"type":"message.action","value":"huge"}]\n';
    const { out } = await cli(['chat', 'shop.ts'], { cwd: folder(), input });
    expect(out).not.toContain('You see');
  });
});

it('a message that is refused is said so, and the talk continues', async () => {
  const input = 'hi\n[{"type":"event.hologram"}]\n2\n';
  const { code, out } = await cli(['chat', 'shop.ts'], { cwd: folder(), input });
  expect(code).toBe(0);
  expect(out).toMatch(/> \[\{"type":"event\.hologram"\}\]\nThe message was refused/u);
  expect(out).toContain('> 2\n< Colour?');
});

it('a timer that ends with the talk is no reason to warn', async () => {
  const emitWarning = vi.spyOn(globalThis.process, 'emitWarning').mockReturnValue();
  onTestFinished(() => emitWarning.mockRestore());
  const { out } = await cli(['chat', 'shop.ts'], { cwd: folder(), input: 'hi\n/timers\n' });
  expect(out).toContain('after 1h in shop.size');
  expect(emitWarning.mock.calls).toEqual([]);
});

describe('a talk with a takeover', () => {
  const DESK = `
    import { setupDialogue } from 'colloquy';
    import { createDesk, createTakeover } from 'colloquy/takeover';
    const human = createTakeover({ id: 'human', tell: createDesk({ operators: ['bob'] }).tell });
    const { createDialogue, reply } = setupDialogue({
      types: {} as { context: { openid: string }, input: { openid: string } },
      actors: { human },
    });
    export default createDialogue({
      id: 'shop',
      context: ({ input }) => ({ openid: input.openid }),
      initial: 'human',
      states: {
        human: {
          entry: reply('One moment.'),
          invoke: {
            src: 'human',
            input: ({ context }) => ({ openid: context.openid }),
            onDone: { target: 'bot', actions: reply(({ event }) => 'The bot again: ' + event.output.reason) },
          },
        },
        bot: { on: { 'message.*': { actions: reply('I am a bot.') } } },
      },
    });`;

  it('has the person who talks as its operator, and plays when it was saved', async () => {
    const cwd = temporaryFolder({ 'shop.ts': DESK });
    const lines = [
      'hi',
      'Where is my tea?',
      '/op [take]',
      'Hello?',
      '/op On its way.',
      '/op [back]',
    ];
    const input = [...lines, 'Thanks', '/op Hello?', '/save a.chat', ''].join('\n');
    const { code, out, err } = await cli(['chat', 'shop.ts'], { cwd, input });
    expect(err).toBe('');
    expect(code).toBe(0);
    for (const line of [
      '(to the operator) ann waits for an operator: /op [take], or /op and what you say.',
      '(to the operator) You have ann now: /op [back] gives the conversation back, /op [leave] leaves it.',
      'ann: Where is my tea?',
      '(to the operator) ann: Hello?',
      'On its way.',
      'The bot again: returned',
      'I am a bot.',
      'ann does not wait for an operator.',
    ]) {
      expect(out).toContain(line);
    }
    const saved = readFileSync(join(cwd, 'a.chat'), 'utf8');
    expect(saved).toContain('op> [take]');
    const played = await cli(['test', 'a.chat'], { cwd });
    expect(played.out).toContain('all 1 as written');
  });

  it('takes back what the operator did, and says what no operator can do', async () => {
    const cwd = temporaryFolder({ 'shop.ts': DESK });
    const input = ['hi', '/op Hello', '/undo', '/op', '/op [dance]', '/state', ''].join('\n');
    const { out } = await cli(['chat', 'shop.ts'], { cwd, input });
    expect(out).toContain('with all that came of it: op> Hello');
    expect(out).toContain('What does the operator do?');
    expect(out).toContain('or [take], [leave] or [back]');
    expect(out).toContain('State: human > open.human.waiting');
  });
});
