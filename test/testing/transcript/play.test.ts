import { createContextStore, createRunner, setupDialogue } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import {
  converse,
  createManualClock,
  formatTranscript,
  fromLog,
  fromRecord,
  playTranscript,
  recordTranscript,
  takes,
} from 'colloquy/testing';
import { throughWechat } from 'colloquy/testing/wechat';
import { describe, expect, it } from 'vitest';
import { fromPromise } from 'xstate';
import { echo, weather } from '../converse/dialogues.ts';

const text = (...lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

const talk = text(
  '# Two people and the weather.',
  '',
  '> hi',
  '< Which city?',
  '= city',
  'bob> hello',
  'bob< Which city?',
  '@ +10m',
  '< Are you still there?',
  'bob< Are you still there?',
  '> Oslo',
  '< How many days?',
  '> 3',
  '< There will be rain in Oslo.',
  '< Once more?',
  '  1. Yes, please',
  '  2. No',
  '> [again]',
  '< There will be rain in Oslo.',
  '< Once more?',
  '  1. Yes, please',
  '  2. No',
  '@ crash',
  '= again',
  'bob= city',
  '> 2',
  '< Bye.',
  '= told',
  'bob> [unfollow]',
  'bob= gone',
  'bob> hm',
  'bob! unhandled',
  '@ +2h',
  '! expired',
  'bob! expired',
  '= (none)',
);

it('shows a reply too many, or too few, without a shift of those behind it', async () => {
  const { createDialogue, reply } = setupDialogue({});
  const talker = createDialogue({
    id: 'talker',
    context: {},
    on: { 'message.*': { actions: [reply('one'), reply('two'), reply('three')] } },
  });
  const few = await playTranscript('> hi\n< two\n< three\n', talker);
  expect(few).toMatchObject({ line: 2, diff: '  > hi\n+ < one\n  < two\n  < three' });
  const many = await playTranscript('> hi\n< zero\n< one\n< two\n\n< three\n> x\n', talker);
  expect(many.diff).toContain('  > hi\n- < zero\n  < one\n  < two\n');
});

describe('a transcript that is played', () => {
  it('comes back as it is where all of it happens', async () => {
    expect(await playTranscript(talk, weather)).toMatchObject({
      same: true,
      text: talk,
      diff: '',
      line: undefined,
    });
  });

  it('comes back as it happened where something else does, and says where', async () => {
    const played = await playTranscript(
      text('# One', '> hi', '< You said ho.', '< And more.', '= closed', '', '# Two', '> ho'),
      echo,
    );
    expect(played.text).toBe(
      text('# One', '> hi', '< You said hi.', '= open', '', '# Two', '> ho', '< You said ho.'),
    );
    expect(played.line).toBe(3);
    expect(played.diff).toBe(
      [
        '  # One',
        '  > hi',
        '- < You said ho.',
        '- < And more.',
        '- = closed',
        '+ < You said hi.',
        '+ = open',
        '',
        '  # Two',
        '  > ho',
        '+ < You said ho.',
      ].join('\n'),
    );
  });

  it('presses the button that was shown last, and tells of one whose question is over', async () => {
    const chat = converse(weather);
    for (const said of ['hi', 'Oslo', '3']) await chat.say(said);
    const [, question] = chat.said;
    await chat.choose('yes');
    await chat.choose('yes');
    for (const said of ['hi', 'Rome', '1']) await chat.say(said);
    await chat.press(question as never, 'no');
    await chat.choose('no');
    const { transcript } = chat;
    expect(transcript.match(/! stale/gu)).toHaveLength(2);
    const { same, diff } = await playTranscript(transcript, weather);
    expect(diff).toBe('');
    expect(same).toBe(true);
  });

  it('takes what happened without its reason, and with it', async () => {
    for (const happened of ['! failed', '! failed: step_failed: thrown']) {
      expect(await playTranscript(text('> throw', happened), echo)).toMatchObject({ same: true });
    }
    const played = await playTranscript(text('> throw', '! failed: other'), echo);
    expect(played.text).toBe(text('> throw', '! failed: step_failed: thrown'));
  });

  it('waits for services that take virtual time', async () => {
    const slow = { forecast: takes({ seconds: 3 }, async () => 'sun') };
    const slowly = text(
      '> hi',
      '< Which city?',
      '> Oslo',
      '< How many days?',
      '> 1',
      '= asking',
      '@ +3s',
      '< There will be sun.',
      '< Once more?',
      '  1. Yes, please',
      '  2. No',
    );
    const played = await playTranscript(slowly, weather, { services: slow });
    expect(played.text).toBe(slowly);
  });

  it('has services go as it says, each call after the other, and then as they are', async () => {
    const asked = (days: string): string[] => [
      '> hi',
      '< Which city?',
      `> Oslo`,
      '< How many days?',
      `> ${days}`,
    ];
    const more = ['< Once more?', '  1. Yes, please', '  2. No', '> 2', '< Bye.'];
    const said = text(
      '~ forecast fails "no satellite"',
      '~ forecast gives "snow" after 3s',
      ...asked('1'),
      '< I do not know.',
      ...more,
      ...asked('2'),
      '= asking',
      '@ +3s',
      '< There will be snow.',
      ...more,
      ...asked('3'),
      '< There will be rain in Oslo.',
    );
    const played = await playTranscript(`${said}${text(...more)}`, weather);
    expect(played).toMatchObject({ same: true, diff: '' });
    const chat = converse(weather);
    expect(await playTranscript(`${said}${text(...more)}`, chat)).toMatchObject({ same: true });
  });

  it('does not take a service for a call of the persister by its name', async () => {
    const words = setupDialogue({
      types: {} as { context: object },
      actors: { save: fromPromise<string>(async () => 'real') },
    });
    const keeper = words.createDialogue({
      id: 'keeper',
      context: {},
      initial: 'on',
      states: {
        on: { on: { 'message.text': 'saving' } },
        saving: {
          invoke: {
            src: 'save',
            onDone: { target: 'on', actions: words.reply(({ event }) => event.output) },
          },
        },
      },
    });
    const said = text('~ save gives "stub"', '> hi', '< stub', '> hi', '< real');
    expect(await playTranscript(said, keeper)).toMatchObject({ same: true, diff: '' });
  });

  it('has answers wait for services as long as it says', async () => {
    const hung = text(
      '~ forecast hangs',
      '> hi',
      '< Which city?',
      '> Oslo',
      '< How many days?',
      '> 1',
    );
    const heard = text('> hello?', '! unhandled');
    const later = text('> hello?', '@ +5s', '! unhandled');
    for (const said of [`~ deadline 0s\n${hung}${heard}`, hung + later]) {
      expect(await playTranscript(said, weather)).toMatchObject({ same: true, diff: '' });
    }
  });

  it('is refused before anything is played where it is about services that are not there', async () => {
    const chat = converse(weather);
    await expect(playTranscript(text('> hi', '~ oracle fails'), chat)).rejects.toMatchObject({
      code: 'bad_transcript',
      message:
        "Line 2 of the transcript names a service that the dialogue does not have; it has 'forecast', 'log'.",
      details: { line: 2 },
    });
    expect(chat.transcript).toBe('');
    const through = playTranscript(text('~ deadline 1s', '> hi'), weather, {
      channel: throughWechat(),
    });
    await expect(through).rejects.toMatchObject({ code: 'bad_transcript', details: { line: 1 } });
  });

  it('begins at its first moment, and continues a chat that has begun', async () => {
    const chat = converse(weather, { now: Date.parse('2030-05-01T08:00Z') });
    await chat.say('hi');
    const written = text('@ 2030-05-01T08:09:00.000Z', '@ +1m', '< Are you still there?');
    expect((await playTranscript(written, chat)).text).toBe(written);
    expect((await playTranscript(text('@ 2030-05-01T08:00:00.000Z', '> hi'), echo)).text).toContain(
      'You said hi.',
    );
    await expect(playTranscript('@ 2029-01-01T00:00Z', chat)).rejects.toMatchObject({
      code: 'bad_transcript',
      details: { line: 1 },
    });
  });

  it('is refused before anything of it is played', async () => {
    const chat = converse(echo);
    await expect(playTranscript('> hi\nho', chat)).rejects.toMatchObject({
      code: 'bad_transcript',
    });
    expect(chat.transcript).toBe('');
  });
});

describe('a recording of a live runner', () => {
  function createLive() {
    const clock = createManualClock();
    const disk = createDisk();
    const store = createContextStore({ clock, persister: memory(disk) });
    return { clock, disk, store, runner: createRunner(weather, { store }) };
  }

  it('can be played', async () => {
    const { clock, runner } = createLive();
    const recording = recordTranscript(runner, { clock });
    await recording.runner.handle('ann', 'hi', { id: '1' });
    await recording.runner.handle('bob', { type: 'event.follow' });
    await clock.advance({ minutes: 10 });
    await recording.runner.handle('ann', 'Oslo', { id: '2' });
    await recording.runner.handle('ann', 'Oslo', { id: '2' });
    recording.stop();
    await recording.runner.handle('ann', '3');
    expect(recording.text).toBe(
      text(
        '@ 2026-01-01T00:00:00.000Z',
        'ann> hi',
        'ann< Which city?',
        'bob> [follow]',
        'bob< Which city?',
        '@ +10m',
        'ann< Are you still there?',
        'bob< Are you still there?',
        'ann> Oslo',
        'ann< How many days?',
        'ann> [again]',
        'ann< How many days?',
      ),
    );
    expect(await playTranscript(recording.transcript, weather)).toMatchObject({
      same: true,
      text: recording.text,
    });
  });

  it('writes buttons down by their value, and those that are over with their asking', async () => {
    const clock = createManualClock();
    const runner = createRunner(weather, { clock, recognizers: {} });
    const recording = recordTranscript(runner, { openid: 'ann', clock });
    const say = (message: Parameters<typeof runner.handle>[1]) =>
      recording.runner.handle('ann', message);
    await say('hi');
    await say('Oslo');
    const { replies } = await say('3');
    const question = replies.find((reply) => reply.type === 'choices');
    const yes = { type: 'message.action', value: 'yes', asking: question?.asking ?? '' } as const;
    await say(yes);
    await say({ ...yes, asking: '0' });
    expect(recording.text).toContain('> [button yes]\n< Bye.\n');
    expect(recording.text).toContain('"value":"yes","asking":"0"}]\n! stale\n');
    await runner.stop();
  });

  it('may be of one user alone', async () => {
    const { clock, runner } = createLive();
    const recording = recordTranscript(runner, { clock, openid: 'bob' });
    await recording.runner.handle('ann', 'hi');
    await recording.runner.handle('bob', 'hi');
    expect(recording.text).toBe(text('@ 2026-01-01T00:00:00.000Z', '> hi', '< Which city?'));
  });

  it('leaves the rest of the runner as it is', async () => {
    const { clock, runner } = createLive();
    const { runner: recorded } = recordTranscript(runner, { clock });
    await recorded.start();
    expect(await recorded.inspect('ann')).toBeUndefined();
    await recorded.stop();
    await expect(runner.handle('ann', 'hi')).rejects.toMatchObject({ code: 'runner_stopped' });
  });
});

describe('a transcript of what was kept', () => {
  it('tells of a stored record what there is in it', async () => {
    const clock = createManualClock();
    const disk = createDisk();
    const store = createContextStore({ clock, persister: memory(disk) });
    const runner = createRunner(weather, { store });
    await runner.handle('ann', 'hi', { id: 'm-1' });
    const record = disk.records.get('ann');
    if (record === undefined) throw new Error('nothing was stored');
    expect(formatTranscript(fromRecord(record, { dialogue: weather }))).toBe(
      text(
        '# the message m-1',
        '< Which city?',
        '# as of 2026-01-01T00:00:00.000Z',
        '= city.waiting',
        '# after 10m in weather.city is due in 10m',
      ),
    );
    expect(() => fromRecord({ openid: 'ann', body: '{' }, { dialogue: weather })).toThrow(
      expect.objectContaining({ code: 'corrupt' }),
    );
  });

  it('puts a log in the order of its times', () => {
    const at = Date.UTC(2026, 0, 1);
    const entries = [
      { at: at + 65_400, openid: 'ann', replies: [{ type: 'text', text: 'Hello.' }] },
      { at, openid: 'ann', message: 'hi' },
    ] as const;
    expect(formatTranscript(fromLog(entries))).toBe(
      text('@ 2026-01-01T00:00:00.000Z', 'ann> hi', '@ +1m5s', 'ann< Hello.'),
    );
  });
});
