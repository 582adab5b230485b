import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StepError } from 'colloquy';
import { lmdb } from 'colloquy/persist/lmdb';
import { createDisk, memory } from 'colloquy/persist/memory';
import { type ConverseOptions, converse, createManualClock, takes } from 'colloquy/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import support from '../../../examples/support-desk/dialogue.ts';
import { chatter, desk, echo, errand, weather } from './dialogues.ts';

describe('a conversation', () => {
  it('tells what is said, where it stands, what is remembered and what came of it', async () => {
    const chat = converse(weather);
    expect([chat.state, chat.context, chat.replies, chat.outcome]).toEqual([
      '(none)',
      {},
      [],
      undefined,
    ]);
    expect(await chat.say('hi')).toEqual(['Which city?']);
    expect(chat.timers).toMatchObject([{ dueAt: chat.clock.now() + 600_000 }]);
    await chat.say('Oslo');
    await chat.say('3');
    expect(chat.replies).toEqual([
      'There will be rain in Oslo.',
      'Once more?\n1. Yes, please\n2. No',
    ]);
    expect(chat.lastReply).toBe('Once more?\n1. Yes, please\n2. No');
    expect(chat.said[0]).toEqual({ type: 'text', text: 'There will be rain in Oslo.' });
    expect(chat).toMatchObject({
      state: 'again.waiting',
      context: { city: 'Oslo', days: 3 },
      outcome: 'replied',
      done: false,
    });
    await chat.choose(2);
    expect(chat).toMatchObject({ state: 'told', done: true, output: undefined });
    expect(chat.expiresAt).toBe(chat.clock.now() + 7_200_000);
    await chat.advance({ hours: 2 });
    expect(chat).toMatchObject({
      expired: true,
      state: '(none)',
      context: {},
      expiresAt: undefined,
    });
    await chat.say('hi');
    expect(chat.expired).toBe(false);
  });

  it('chooses by value, label or number, and says what there is to choose', async () => {
    for (const option of ['no', 'No', 2]) {
      const chat = converse(weather);
      for (const said of ['hi', 'Oslo', '3']) await chat.say(said);
      expect(await chat.choose(option)).toEqual(['Bye.']);
      expect(chat.transcript).toContain('> [button no]\n');
    }
  });

  it('presses a button of an earlier reply, twice and late', async () => {
    const chat = converse(weather);
    for (const said of ['hi', 'Oslo', '3']) await chat.say(said);
    const [, question] = chat.said;
    expect(await chat.press(question, 'Yes, please')).toEqual(['Bye.']);
    expect(await chat.press(question, 'yes')).toEqual([]);
    chat.expectOutcome('stale').expectSilence().expectDone();
    expect(chat.transcript).toContain('> [button yes]\n< Bye.\n> [button yes]\n! stale\n');
    // The same question, asked once more, is another one.
    for (const said of ['hi', 'Rome', '1']) await chat.say(said);
    await chat.press(question, 2);
    chat.expectOutcome('stale').expectState('again');
    const { asking } = question as { asking?: string };
    const late = `> [{"type":"message.action","value":"no","asking":"${asking}"}]\n! stale\n`;
    expect(chat.transcript).toContain(late);
    expect(await chat.choose('no')).toEqual(['Bye.']);
  });

  it('says what a reply has no button for', async () => {
    const chat = converse(weather);
    await chat.say('hi');
    const [words] = chat.said;
    await expect(chat.press(words, 'yes')).rejects.toThrow('There is nothing to choose "yes" from');
  });

  it('sends an entry of a menu by `send`, which answers nothing', async () => {
    const chat = converse(weather);
    await chat.say('hi');
    const { outcome } = await chat.send({ type: 'message.action', value: 'MENU' });
    expect([outcome, chat.state, chat.replies]).toEqual([
      'replied',
      'city.waiting',
      ['Which city?'],
    ]);
  });

  it('writes itself down', async () => {
    const chat = converse(weather);
    await chat.say('hi');
    await chat.redeliver();
    await chat.user('bob').send({ type: 'event.follow' });
    await chat.advance({ minutes: 9 });
    await chat.advance({ minutes: 1 });
    await chat.crash();
    expect(chat.transcript).toBe(
      [
        '> hi',
        '< Which city?',
        '> [again]',
        '< Which city?',
        'bob> [follow]',
        'bob< Which city?',
        '@ +10m',
        '< Are you still there?',
        'bob< Are you still there?',
        '@ crash',
        '',
      ].join('\n'),
    );
  });

  it('has several users, who share the time and nothing else', async () => {
    const chat = converse(weather);
    const bob = chat.user('bob');
    await Promise.all([chat.say('hi'), bob.say('hello')]);
    await bob.say('Bergen');
    expect([chat.replies, bob.replies]).toEqual([['Which city?'], ['How many days?']]);
    expect([chat.context, bob.context]).toEqual([{}, { city: 'Bergen' }]);
    await bob.advance({ minutes: 10 });
    expect(chat.replies).toEqual(['Are you still there?']);
    expect(chat.user('bob').state).toBe('days.waiting');
  });

  it('shows the regions of a parallel state, and what is within a sub-dialogue', async () => {
    const chat = converse(errand);
    await chat.say('hi');
    expect(chat.state).toBe('talk.asking > days.waiting, typing.idle');
    chat
      .expectState('talk')
      .expectState('talk.asking')
      .expectState('talk.asking > days')
      .expectState('typing.idle, talk');
    expect(() => chat.expectState('talk.as')).toThrow("Expected the state 'talk.as', but it is");
  });

  it('lets two years pass, and stops at everything that is due', async () => {
    const chat = converse(desk);
    await chat.say('hi');
    expect(await chat.advance({ days: 730 })).toHaveLength(730);
  });

  it('lets time pass until a state is reached, within a limit', async () => {
    const chat = converse(weather, {
      services: { forecast: takes({ seconds: 10 }, async ({ city }) => `sun in ${city}`) },
    });
    for (const said of ['hi', 'Oslo', '3']) await chat.say(said);
    expect(chat).toMatchObject({ outcome: 'waiting', state: 'asking', replies: [] });
    expect(chat.services).toMatchObject([{ src: 'forecast' }]);
    const from = chat.clock.now();
    expect(await chat.until('again')).toContain('There will be sun in Oslo.');
    expect([chat.outcome, chat.clock.now() - from]).toEqual(['pending', 10_000]);
    expect(chat.transcript).toContain('> 3\n@ +10s\n< There will be sun in Oslo.\n');
  });

  it('takes the options of a runner and of a store', async () => {
    const chat = converse(echo, {
      openid: 'eve',
      now: Date.UTC(2030, 0, 1),
      store: { age: 60 },
      onError: () => 'Sorry.',
    });
    expect(await chat.say('throw')).toEqual(['Sorry.']);
    chat.expectOutcome('failed');
    expect([chat.openid, chat.clock.now()]).toEqual(['eve', Date.UTC(2030, 0, 1)]);
    await chat.say('hi');
    chat.expectExpiryIn({ minutes: 1 });
    const clock = createManualClock();
    const other = converse(echo, { clock });
    await other.advance({ hours: 1 });
    expect(clock.now()).toBe(other.clock.now());
  });

  it('keeps the last of many lines and errors', async () => {
    const chat = converse(chatter);
    for (let count = 0; count < 102; count += 1) await chat.say('hi');
    const lines = chat.transcript.split('\n');
    expect([lines[0], lines.length]).toEqual(['# 1000 lines before it are left out', 9304]);
    const thrower = converse(echo);
    for (let count = 0; count < 1002; count += 1) await thrower.send('throw');
    expect(thrower.errors).toHaveLength(1000);
  });
});

describe('a message', () => {
  it('counts once, also where it is delivered again', async () => {
    const chat = converse(weather);
    await chat.say('hi');
    const first = await chat.send('Oslo');
    expect(first).toMatchObject({ outcome: 'replied' });
    expect(await chat.redeliver()).toEqual({ ...first, outcome: 'duplicate' });
    await chat.send('2', { id: 'mine' });
    expect(await chat.send('2', { id: 'mine' })).toMatchObject({ outcome: 'duplicate' });
    await expect(converse(echo).redeliver()).rejects.toThrow('There is no message');
  });

  it('counts once where it comes twice at the same time', async () => {
    const chat = converse(echo);
    const { replies } = await chat.duplicate('hi');
    expect(replies).toHaveLength(2);
    expect(chat.transcript).toBe('> hi\n> [again]\n< You said hi.\n< You said hi.\n');
    chat.expectOutcome('duplicate');
  });

  it('may be overtaken', async () => {
    const chat = converse(echo);
    expect(await chat.reorder('one', 'two')).toEqual(['You said two.', 'You said one.']);
  });

  it('may be refused', async () => {
    const chat = converse(echo);
    const wrong = { type: 'event.hologram' } as const;
    expect(await chat.send(wrong as never)).toMatchObject({
      outcome: undefined,
      error: { code: 'bad_message' },
    });
    expect(chat.transcript).toBe('> [{"type":"event.hologram"}]\n! refused: bad_message\n');
    await expect(chat.say(wrong as never)).rejects.toThrow('The message was refused');
  });
});

describe('a conversation that begins anywhere', () => {
  it('has come there: asked its question, set its timers, started its services', async () => {
    const chat = converse(weather);
    expect(await chat.seed('city', { days: 4 })).toEqual(['Which city?']);
    chat.expectState('city').expectTimer({ minutes: 10 }).expectContext({ days: 4 });
    expect(await chat.advance({ minutes: 10 })).toEqual(['Are you still there?']);
    await chat.seed('asking', { city: 'Rome' });
    chat.expectReplies('There will be rain in Rome.', 'Once more?').expectState('again');
    expect(chat.transcript).toContain('# begins in asking\n< There will be rain in Rome.\n');
  });

  it('may do so in a state within a state, in several regions, and in place of another', async () => {
    const chat = converse(weather);
    await chat.seed('city.retry2');
    chat.expectState('city.retry2').expectReplies('Which city?');
    await chat.seed('told');
    expect(chat.done).toBe(true);
    const other = converse(errand);
    await other.seed('talk.over');
    expect(other.state).toBe('talk.over, typing.idle');
    await other.seed('typing.busy, talk.over');
    expect(other.state).toBe('talk.over, typing.busy');
    await other.seed('talk.asking');
    expect(other.state).toBe('talk.asking > days.waiting, typing.idle');
  });

  it('may do so within a sub-dialogue, by the words that tell where it stands', async () => {
    const chat = converse(errand);
    await chat.seed('talk.asking > days.retry1, typing.busy');
    expect(chat.state).toBe('talk.asking > days.retry1, typing.busy');
    chat.expectReplies('How many?');
    await chat.say('7');
    expect(chat.state).toBe('talk.over, typing.busy');
  });

  it('has sub-dialogues begin with the input that they are given, as deep as they go', async () => {
    const chat = converse(support, { services: { payBack: () => 'R-1' } });
    const order = { number: '1042', state: 'delivered', total: 35 };
    expect(await chat.seed('talk.refund > account > holder', { order })).toEqual([
      'And who holds the account?',
    ]);
    chat.expectState('talk.refund > account > holder.waiting');
    expect(await chat.say('back')).toEqual(['Which IBAN shall the 35.00 € go to?']);
  });

  it('says where there is no sub-dialogue to begin in', async () => {
    const chat = converse(errand);
    await expect(chat.seed('talk.over > days')).rejects.toMatchObject({
      code: 'bad_state',
      message:
        "There is no state 'talk.over > days' to begin in: 'talk.over' invokes no sub-dialogue.",
    });
    await expect(chat.seed('talk.asking > weeks')).rejects.toThrow(
      "There is no state 'weeks' to begin in. The dialogue has 'days', 'over'.",
    );
    expect(chat.state).toBe('(none)');
  });

  it('says which states there are where it is sent to another', async () => {
    const chat = converse(weather);
    await expect(chat.seed('town')).rejects.toMatchObject({
      code: 'bad_state',
      message:
        "There is no state 'town' to begin in. The dialogue has 'city', 'days', 'asking', 'again', 'told', 'gone'.",
    });
    await expect(chat.seed('gone.far')).rejects.toThrow(
      "There is no state 'gone.far' to begin in. Its state 'gone' has no states within.",
    );
  });
});

describe('a process that crashes', () => {
  it('continues with what was kept, and fires what was due', async () => {
    const chat = converse(weather);
    await chat.say('hi');
    await chat.advance({ minutes: 9 });
    await chat.crash();
    chat.expectState('city').expectSilence();
    expect(await chat.advance({ minutes: 1 })).toEqual(['Are you still there?']);
    expect(await chat.say('Oslo')).toEqual(['How many days?']);
  });

  it('starts its services again, under the same key', async () => {
    const keys: string[] = [];
    const chat = converse(weather, {
      services: {
        forecast: async (_, { idempotencyKey, clock }) => {
          keys.push(idempotencyKey);
          await new Promise<void>((resolve) => clock.wake(clock.now() + 5000, resolve));
          return 'sun';
        },
      },
    });
    await chat.seed('asking');
    await chat.crash();
    expect(chat.outcome).toBe(undefined);
    expect(await chat.advance({ seconds: 5 })).toContain('There will be sun.');
    expect(keys).toEqual([keys[0], keys[0]]);
  });

  it('loses what it has not answered, which is delivered again', async () => {
    let calls = 0;
    const chat = converse(weather, {
      services: {
        forecast: () => {
          calls += 1;
          return calls === 1 ? new Promise<never>(() => {}) : 'sun';
        },
      },
    });
    for (const said of ['hi', 'Oslo', '3']) await chat.say(said);
    await chat.crash();
    chat.expectOutcome('lost').expectReplies('There will be sun.', 'Once more?');
    expect((await chat.redeliver()).outcome).toBe('duplicate');
  });

  it('has nothing more to say', async () => {
    const chat = converse(echo);
    let isLeft = true;
    const slow = converse(weather, {
      services: {
        forecast: takes(1000, async () => {
          isLeft = false;
          return 'sun';
        }),
      },
    });
    await slow.seed('asking');
    slow.fail('forecast', undefined, { times: Infinity });
    await slow.crash();
    await slow.advance({ seconds: 2 });
    expect(isLeft).toBe(true);
    slow.expectState('again');
    await chat.crash();
    expect(await chat.say('hi')).toEqual(['You said hi.']);
  });
});

describe('a fault', () => {
  it('of the persister costs nothing but an answer', async () => {
    const chat = converse(weather);
    await chat.say('hi');
    chat.fail('save');
    expect(await chat.send('Oslo')).toMatchObject({
      outcome: 'failed',
      error: { code: 'unavailable' },
    });
    chat.expectState('city').expectContext({ city: undefined });
    expect(await chat.redeliver()).toMatchObject({ outcome: 'replied' });
    expect(chat.transcript).toContain(
      '# save fails once\n> Oslo\n! failed: unavailable\n> [again]\n',
    );
  });

  it('of a load is felt by what is not in memory', async () => {
    const chat = converse(weather);
    await chat.say('hi');
    const error = new Error('the disk is gone');
    chat.fail('load', error, { times: 2 });
    expect(await chat.say('Oslo')).toEqual(['How many days?']);
    chat.evict();
    expect(await chat.send('2')).toMatchObject({ outcome: 'failed', error: { cause: error } });
    expect(await chat.send('2')).toMatchObject({ outcome: 'failed', error: { cause: error } });
    expect((await chat.send('2')).outcome).toBe('replied');
  });

  it('of a service is the error that the test gives', async () => {
    const chat = converse(weather);
    for (const said of ['hi', 'Oslo']) await chat.say(said);
    chat.fail('forecast');
    expect(await chat.say('3')).toContain('I do not know.');
    expect(() => chat.fail('foreCast')).toThrow(
      "The dialogue has no service 'foreCast'; it has 'forecast', 'log'.",
    );
    expect(() => converse(desk).fail('log')).toThrow('it has none.');
    expect(() => chat.fail('save', undefined, { times: 0 })).toThrow('`times` must be');
  });

  it('may be chosen for each call of the persister', async () => {
    const methods: string[] = [];
    const chat = converse(echo, {
      faults: ({ method }) => {
        methods.push(method);
        return method === 'save' && methods.length < 4 ? { outcome: 'lost' } : undefined;
      },
    });
    await chat.send('hi');
    expect(chat.outcome).toBe('failed');
    expect(methods.slice(0, 2)).toEqual(['load', 'save']);
  });

  it('is no matter of a record that leaves memory', async () => {
    const chat = converse(weather);
    await chat.say('hi');
    chat.evict();
    chat.expectState('city');
    expect(await chat.advance({ minutes: 10 })).toEqual(['Are you still there?']);
    chat.evict();
    chat.user('stranger').evict();
    expect(await chat.say('Oslo')).toEqual(['How many days?']);
  });
});

describe.each<[string, () => ConverseOptions<typeof weather>]>([
  ['memory', () => ({})],
  ['a new disk', () => ({ persister: memory(createDisk()) })],
  [
    'LMDB',
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'colloquy-converse-'));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      return { persister: lmdb(folder) };
    },
  ],
])('the same conversation over %s', (_name, options) => {
  it('goes the same way', async () => {
    const chat = converse(weather, {
      ...options(),
      services: { forecast: takes({ seconds: 10 }, () => 'sun') },
    });
    await chat.say('hi');
    await chat.advance({ minutes: 10 });
    chat.expectReplies('Are you still there?');
    await chat.crash();
    await chat.say('Oslo');
    await chat.say('3');
    await chat.crash();
    await chat.until('again', { within: { seconds: 10 } });
    await chat.choose('no');
    expect(chat.transcript).toBe(
      [
        '> hi',
        '< Which city?',
        '@ +10m',
        '< Are you still there?',
        '@ crash',
        '> Oslo',
        '< How many days?',
        '> 3',
        '@ crash',
        '@ +10s',
        '< There will be sun.',
        '< Once more?',
        '  1. Yes, please',
        '  2. No',
        '> [button no]',
        '< Bye.',
        '',
      ].join('\n'),
    );
    await chat.close();
  });
});

it('a throw of the dialogue in a step that the test does not check is not passed over', async () => {
  const chat = converse(desk, { services: {} });
  await chat.say('hi');
  await chat.say('break');
  await expect(chat.advance({ days: 1 })).rejects.toMatchObject({
    name: 'ConversationError',
    cause: expect.any(StepError) as unknown,
  });
});
