import { fromPromise } from 'xstate';
import { setupDialogue } from 'colloquy';
import { describe, expect, it } from 'vitest';
import { playTranscript } from './transcript.ts';

const { reply, assign, choose, done, createDialogue } = setupDialogue({
  types: {} as { context: { last?: string } },
  actors: { never: fromPromise(() => new Promise(() => {})) },
});
const dialogue = createDialogue({
  id: 'echo',
  context: {},
  initial: 'open',
  states: {
    open: {
      initial: 'quiet',
      states: {
        quiet: {
          after: { 60_000: { target: 'said', actions: reply('Are you there?\n\nHello?') } },
        },
        said: {},
      },
      on: {
        'message.text': [
          { guard: ({ event }) => event.text === 'choose', target: 'choosing' },
          { guard: ({ event }) => event.text === 'wait', target: 'waiting' },
          {
            guard: ({ event }) => event.text === 'throw',
            actions: assign(() => {
              throw new Error('thrown');
            }),
          },
          { actions: reply(({ event }) => `You said ${event.text}.`) },
        ],
        'message.*': {
          actions: reply(({ event }) =>
            JSON.stringify({ ...event, raw: undefined, receivedAt: undefined }),
          ),
        },
        'event.*': { actions: reply(({ event }) => `${event.type} ${event.key ?? ''}`) },
        'event.leave': 'bye',
      },
    },
    choosing: choose({ question: 'Which?', options: ['red', 'blue'], target: 'bye' }),
    waiting: { entry: reply('Wait.'), invoke: { src: 'never' } },
    bye: done('Bye.'),
  },
});

const play = (...lines: string[]) => playTranscript(lines.join('\n'), dialogue);
const same = [
  '# Everything there is.',
  '',
  '> hi',
  '< You said hi.',
  '= open',
  '= open.quiet',
  '@ +59s',
  '@ +1s',
  '< Are you there?',
  '',
  '  Hello?',
  '= open.said',
  '> choose',
  '# What is offered has numbers.',
  '< Which?',
  '  1. red',
  '  2. blue',
  '= choosing',
  '> [unfollow]',
  '! unhandled',
  '> 2',
  '< Bye.',
  '= bye',
  '@ +1h59m60s',
  '! expired',
  '= (none)',
  '',
];

describe('a transcript', () => {
  it('comes back as it is where all of it happens', async () => {
    expect(await play(...same)).toBe(same.join('\n'));
  });

  it('comes back as it happened where something else does', async () => {
    const played = await play(
      '> hi',
      '< You said ho.',
      '< And more.',
      '= choosing',
      '@ +2m',
      '',
      '# Next',
      '> throw',
      '> wait',
      '@ +10s',
      '! expired',
    );
    expect(played.split('\n')).toEqual([
      '> hi',
      '< You said hi.',
      '= open.quiet',
      '@ +2m',
      '< Are you there?',
      '',
      '  Hello?',
      '',
      '# Next',
      '> throw',
      expect.stringMatching(/^! error: /),
      expect.stringMatching(/^! failed: /),
      '> wait',
      '@ +10s',
      '< Wait.',
    ]);
  });

  it.each([
    ['[image]', '{"type":"message.image","mediaId":"image"}'],
    ['[image m1]', '{"type":"message.image","mediaId":"m1"}'],
    ['[button yes]', '{"type":"message.action","value":"yes"}'],
    ['[voice good morning]', '{"type":"message.voice","transcript":"good morning"}'],
    ['[video]', '{"type":"message.video"}'],
    ['[file a.pdf]', '{"type":"message.file","name":"a.pdf"}'],
    ['[link https://a.example]', '{"type":"message.link","url":"https://a.example"}'],
    ['[unknown]', '{"type":"message.unknown"}'],
    [
      '[location 31.2,-121.5 The Bund]',
      '{"type":"message.location","latitude":31.2,"longitude":-121.5,"label":"The Bund"}',
    ],
    ['[follow]', 'event.follow'],
    ['[scan table 7]', 'event.scan table 7'],
    ['[leave]', 'Bye.'],
    ['[a] or b', 'You said [a] or b.'],
  ])('sends %s', async (message, said) => {
    expect(await play(`> ${message}`)).toBe(`> ${message}\n< ${said}`);
  });

  it.each([
    ['a line that begins with nothing it knows', 'hello'],
    ['a mark without a space', '>hello'],
    ['a message without words', '> '],
    ['a kind of message that is not known', '> [hologram]'],
    ['a place that is none', '> [location here]'],
    ['a time that is none', '@ 10m'],
    ['a time without an amount', '@ +'],
    ['an indented line that belongs to no reply', '  1. Yes'],
  ])('is refused with the number of %s', async (_, line) => {
    await expect(play('# one', '> two', line)).rejects.toThrow(/^Line 3 of the transcript /);
  });
});
