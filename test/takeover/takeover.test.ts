import { type Recognizer, createRunner } from 'colloquy';
import {
  type TakeoverLine,
  type TakeoverNote,
  type ToldNote,
  createTakeover,
} from 'colloquy/takeover';
import { converse, createManualClock, playTranscript } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { createContextStore } from '../../src/context/store.ts';
import { createDisk, memory } from '../../src/persist/memory.ts';
import { shopWith } from './shop.ts';

async function talking(options: Parameters<typeof shopWith>[0] = {}) {
  const chat = converse(shopWith(options));
  const bob = chat.operator('bob');
  const eve = chat.operator('eve');
  await chat.say('hi');
  await chat.say('human');
  return { chat, bob, eve };
}

function linesIn(note: TakeoverNote | undefined): readonly TakeoverLine[] {
  return note !== undefined && 'lines' in note ? note.lines : [];
}

describe('a takeover', () => {
  it('tells operators that a customer waits, and keeps what the customer says until one takes the conversation', async () => {
    const { chat, bob } = await talking();
    expect(chat.replies).toEqual(['One moment, please.']);
    expect(await chat.say('My order is late.')).toEqual([]);
    chat.expectOutcome('silent');
    expect(bob.notes).toMatchObject([
      { kind: 'waiting', customer: 'ann', lines: [{ text: 'order 7' }] },
    ]);
    expect(await bob.take()).toEqual([]);
    expect(bob.heard).toEqual(['My order is late.']);
    chat.expectState('human > open.human.talking.unanswered');
  });

  it('passes what both say to the other, in order, and keeps it in the history and in its output', async () => {
    const { chat, bob } = await talking();
    await bob.take();
    expect(await bob.say('Hello, I am Bob.')).toEqual(['Hello, I am Bob.']);
    await chat.say('Where is it?');
    await chat.say('Hello?');
    expect(bob.heard).toEqual(['Where is it?', 'Hello?']);
    expect(await bob.giveBack('refund')).toEqual(['The bot is back: returned.']);
    expect(chat.context.end).toEqual({
      reason: 'returned',
      by: 'bob',
      result: 'refund',
      text: 'refund',
      lines: [
        { from: 'bot', text: 'order 7' },
        { from: 'operator', name: 'bob', text: 'Hello, I am Bob.' },
        { from: 'customer', text: 'Where is it?' },
        { from: 'customer', text: 'Hello?' },
      ],
    });
    expect(chat.emitted).toEqual([
      {
        type: 'takeover.ended',
        note: { kind: 'ended', customer: 'ann', reason: 'returned', by: 'bob' },
      },
    ]);
    expect(await chat.say('Thanks')).toEqual(['bot: Thanks']);
  });

  it('is with the first of two operators, and tells the other so', async () => {
    const { chat, bob, eve } = await talking();
    await Promise.all([bob.take(), eve.take()]);
    expect(await eve.say('Hello, I am Eve.')).toEqual([]);
    await eve.leave();
    await eve.giveBack('solved');
    expect(eve.notes.filter(({ kind }) => kind === 'refused')).toMatchObject(
      Array.from({ length: 4 }, () => ({ problem: 'taken', why: 'bob', to: 'eve' })),
    );
    expect(await bob.say('Hello, I am Bob.')).toEqual(['Hello, I am Bob.']);
    chat.expectState('human');
  });

  it('goes from an operator who leaves to the next, who reads what was said', async () => {
    const { chat, bob, eve } = await talking();
    await bob.say('Hello.');
    await chat.say('Are you there?');
    await bob.leave();
    chat.expectState('human > open.human.waiting');
    await chat.say('Anybody?');
    await eve.take();
    expect(eve.heard).toEqual(['Are you there?', 'Anybody?']);
    expect(eve.notes.at(-1)).toMatchObject({ kind: 'taken', by: 'eve', lines: { length: 4 } });
    expect(await bob.say('Me again.')).toEqual([]);
    expect(await eve.say('Here.')).toEqual(['Here.']);
  });

  it('takes a result that its parser reads, and asks the operator again for any other', async () => {
    const { chat, bob } = await talking();
    await bob.take();
    expect(await bob.giveBack('hm')).toEqual([]);
    expect(bob.notes.at(-1)).toMatchObject({
      kind: 'refused',
      problem: 'result',
      why: 'Please choose one of these: solved or refund.',
    });
    await bob.giveBack();
    chat.expectState('human');
    await bob.giveBack('SOLVED');
    chat.expectState('bot');
    expect(chat.context.end).toMatchObject({ result: 'solved' });
  });

  it('ends without a result where it has no parser', async () => {
    const { chat, bob } = await talking({ result: undefined });
    await bob.giveBack('all fine');
    expect(chat.context.end).toMatchObject({
      reason: 'returned',
      text: 'all fine',
      result: undefined,
    });
  });

  it.each(['bot', 'Bot!', '机器人'])('lets the customer go back to the bot by %s', async (word) => {
    const { chat, bob } = await talking();
    await bob.take();
    expect(await chat.say(word)).toEqual(['The bot is back: left.']);
    expect(await bob.say('Wait!')).toEqual([]);
    chat.expectOutcome('unhandled');
  });

  it('leaves commands of the dialogue around to the operator: they are what the customer says', async () => {
    const { chat, bob } = await talking();
    await bob.take();
    expect(await chat.say('cancel')).toEqual([]);
    expect(bob.heard).toEqual(['cancel']);
    chat.expectState('human');
  });

  it('has no use for a button of an earlier question', async () => {
    const chat = converse(shopWith());
    await chat.say('hi');
    await chat.say('tea');
    const [question] = chat.said;
    await chat.press(question, 'green');
    chat.expectState('human');
    await chat.press(question, 'black');
    chat.expectOutcome('stale');
    await chat.operator('bob').take();
    expect(chat.operator('bob').heard).toEqual([]);
  });

  it('tells of what is no text in words, and gives the address of a picture', async () => {
    const { chat, bob } = await talking();
    await chat.say({ type: 'message.image', url: 'https://example.com/a.png' });
    await chat.say({ type: 'message.location', latitude: 52.5, longitude: 13.4, label: 'Home' });
    await bob.take();
    expect(bob.notes.at(-1)).toMatchObject({
      lines: [
        {},
        { text: '(image)', image: 'https://example.com/a.png' },
        { text: '(location: Home: 52.5, 13.4)' },
      ],
    });
  });

  it('knows who speaks in a group', async () => {
    const { chat, bob } = await talking();
    await chat.person({ id: '7', name: 'Ann' }).say('Hello');
    await chat.person({ id: '8' }).say('Hi');
    await bob.take();
    expect(bob.notes.at(-1)).toMatchObject({
      name: 'Ann',
      lines: [{}, { name: 'Ann' }, { name: '8' }],
    });
  });

  it('calls somebody by the name that it began with, where the channel knows an id alone', async () => {
    const chat = converse(shopWith(), { openid: 'web:k3J' });
    const bob = chat.operator('bob');
    await chat.say('hi');
    await chat.person({ id: '7', name: 'Ann' }).say('human');
    await chat.person({ id: 'k3J' }).say('Hello');
    await chat.person({ id: '8' }).say('Hi');
    await bob.take();
    const [, own, other] = linesIn(bob.notes.at(-1));
    expect(own).not.toHaveProperty('name');
    expect(other).toMatchObject({ name: '8' });
    expect(bob.notes.at(-1)).toMatchObject({ name: 'Ann' });
  });

  it('refuses, in words, what is too much for an operator who does not read', async () => {
    const { chat, bob } = await talking();
    for (let said = 1; said < 50; said += 1) await chat.say(`${said}`);
    expect(await chat.say('50')).toEqual([
      'Nobody has read your last messages yet. Please wait a little before you write more.',
    ]);
    await bob.take();
    expect(bob.heard).toHaveLength(49);
    await chat.say('51');
    expect(bob.heard.at(-1)).toBe('51');
  });

  it.each([
    ['no fields', {}],
    ['nothing done', { by: 'bob' }],
    ['no operator', { by: '', does: 'take' }],
    ['an operator that is no text', { by: 7, does: 'take' }],
    ['no words', { by: 'bob', does: 'say' }],
    ['blank words', { by: 'bob', does: 'say', text: ' ' }],
    ['something unknown', { by: 'bob', does: 'dance' }],
  ])('does nothing for an operator event with %s', async (_what, event) => {
    const { chat } = await talking();
    await chat.event({ type: 'event.operator', ...event } as never);
    chat.expectOutcome('unhandled').expectState('human > open.human.waiting');
    expect(chat.replies).toEqual([]);
  });
});

describe('what is said to a person', () => {
  const asking = (options: Parameters<typeof shopWith>[0] = {}) => {
    const asked: string[] = [];
    const recognize: Recognizer = (message) => {
      asked.push(message.type === 'message.text' ? message.text : message.type);
      return [{ intent: 'cancel' }];
    };
    return { asked, chat: converse(shopWith(options), { recognize }) };
  };

  it.each([
    ['with words for the bot', {}],
    ['without', { backWords: undefined }],
  ])('is read by no recognizer, %s', async (_how, options) => {
    const { asked, chat } = asking(options);
    await chat.seed('human', { openid: 'ann' });
    await chat.say('My secret');
    await chat.operator('bob').take();
    await chat.say('Another one');
    expect(asked).toEqual([]);
    expect(chat.operator('bob').heard).toEqual(['My secret', 'Another one']);
    await chat.operator('bob').giveBack('solved');
    await chat.send('And this is for the bot');
    expect(asked).toEqual(['And this is for the bot']);
  });

  it('is one message where it comes in parts, and the word for the bot is its own', async () => {
    const chat = converse(shopWith(), { gather: { quietMs: 1500 } });
    const bob = chat.operator('bob');
    await chat.seed('human', { openid: 'ann' });
    await bob.take();
    await chat.say('One');
    await chat.say('two');
    await chat.advance({ seconds: 2 });
    await chat.say('three');
    await chat.say('Bot!');
    expect(bob.heard).toEqual(['One\ntwo', 'three']);
    expect(chat.lastReply).toBe('The bot is back: left.');
    chat.expectState('bot');
  });
});

describe('the time of a takeover', () => {
  it('is over when no operator takes the conversation, however often the customer writes', async () => {
    const { chat } = await talking();
    await chat.advance({ minutes: 9 });
    await chat.say('Hello?');
    expect(await chat.advance({ minutes: 1 })).toEqual(['The bot is back: idle.']);
    expect(chat.context.end).not.toHaveProperty('by');
  });

  it('counts from the first message that has no answer, and from what the operator said last', async () => {
    const { chat, bob } = await talking();
    await bob.say('Hello.');
    await chat.advance({ minutes: 9 });
    await chat.say('One');
    await chat.advance({ minutes: 9 });
    await chat.say('Two');
    await bob.say('Yes?');
    await chat.advance({ minutes: 9 });
    await bob.say('Are you there?');
    await chat.advance({ minutes: 9 });
    await chat.say('Three');
    await chat.advance({ minutes: 9 });
    await chat.say('Four');
    chat.expectState('human');
    expect(await chat.advance({ minutes: 1 })).toEqual(['The bot is back: idle.']);
    expect(chat.context.end).toMatchObject({ reason: 'idle', by: 'bob' });
  });

  it('goes on over a restart', async () => {
    const { chat, bob } = await talking();
    await bob.say('Hello.');
    await chat.advance({ minutes: 5 });
    await chat.crash();
    expect(await bob.say('Still here.')).toEqual(['Still here.']);
    await chat.advance({ minutes: 9 });
    await chat.crash();
    expect(await chat.advance({ minutes: 1 })).toEqual(['The bot is back: idle.']);
  });
});

describe('what a takeover tells', () => {
  it('is told again, with the same id, until it was taken, and then never again', async () => {
    const told: ToldNote[] = [];
    let failures = 5;
    const clock = createManualClock();
    const disk = createDisk();
    const start = () =>
      createRunner(
        shopWith({
          tell(note) {
            told.push(note);
            if (note.note.kind !== 'waiting' && (failures -= 1) >= 0)
              throw new Error('The desk is down.');
          },
        }),
        { store: createContextStore({ clock, persister: memory(disk) }) },
      );
    const bot = start();
    bot.on('error', () => {});
    await bot.handle('ann', 'hi');
    await bot.handle('ann', 'human');
    await bot.idle('ann');
    await bot.send('ann', { type: 'event.operator', by: 'bob', does: 'take' });
    await bot.handle('ann', 'one');
    await bot.handle('ann', 'two');
    await clock.advance({ seconds: 60 });
    await bot.idle('ann');
    const first = told.slice(0, 6).map(({ id }) => id);
    expect(new Set(first.slice(1)).size).toBe(1);
    const taken = told.filter(({ note }) => note.kind === 'said');
    expect(taken.map(({ note }) => (note.kind === 'said' ? note.line.text : ''))).toEqual([
      'one',
      'two',
    ]);
    expect(new Set(told.map(({ id }) => id)).size).toBe(4);
    await bot.stop();
  });

  it('has other ids in the next takeover of the same customer', async () => {
    const ids: string[] = [];
    const bot = createRunner(shopWith({ tell: ({ id }) => void ids.push(id) }));
    bot.on('reply', () => {});
    await bot.handle('ann', 'hi');
    for (let count = 0; count < 2; count += 1) {
      await bot.handle('ann', 'human');
      await bot.idle('ann');
      await bot.handle('ann', 'bot');
    }
    expect(new Set(ids).size).toBe(2);
    expect(ids).toHaveLength(2);
    await bot.stop();
  });
});

describe('redelivery', () => {
  it('of what either side said counts once', async () => {
    const { chat, bob } = await talking();
    await bob.take();
    await chat.say('One');
    await chat.redeliver();
    expect(bob.heard).toEqual(['One']);
    const said = { type: 'event.operator', by: 'bob', does: 'say', text: 'Hello.' } as const;
    expect(await chat.event(said, { id: 'o-1' })).toEqual(['Hello.']);
    expect(await chat.event(said, { id: 'o-1' })).toEqual([]);
    chat.expectOutcome('duplicate');
  });
});

describe('transcripts', () => {
  const written = `> hi
< bot: hi
> human
< One moment, please.
op> [take]
> My order is late.
op> I look.
  One moment.
< I look.
  One moment.
op:eve> Hello!
op> [leave]
op:eve> \\[sic]
< [sic]
op:eve> [back refund]
< The bot is back: returned.
carl> hi
carl< bot: hi
carl> human
carl< One moment, please.
carl/op:eve> Hello Carl.
carl< Hello Carl.
`;

  it('have what operators do in lines of their own, and are played', async () => {
    const played = await playTranscript(written, shopWith());
    expect(played.diff).toBe('');
    expect(played.text).toBe(written);
  });

  it.each([
    ['op> [dance]', 'is of an operator'],
    ['op> [take now]', 'has words behind [take]'],
  ])('refuse %s', async (line, problem) => {
    await expect(playTranscript(line, shopWith())).rejects.toThrow(problem);
  });

  it('keep a user whose name is op in quotes', async () => {
    const chat = converse(shopWith(), { openid: 'ann' });
    await chat.user('op').say('hi');
    expect(chat.transcript).toBe('"op"> hi\n"op"< bot: hi\n');
    expect((await playTranscript(chat.transcript, shopWith())).same).toBe(true);
  });
});

describe('createTakeover()', () => {
  const tell = (): void => {};
  it.each([
    ['no id', { tell }, 'an `id`'],
    ['an id with a space', { id: 'a b', tell }, 'an `id`'],
    ['no tell', { id: 'human' }, '`tell`'],
    ['an unknown option', { id: 'human', tell, idel: 1 }, "did you mean 'idle'"],
    ['no time', { id: 'human', tell, idle: { seconds: 0 } }, '`idle`'],
    ['a result that is no parser', { id: 'human', tell, result: 'yes' }, '`result`'],
    ['words that are none', { id: 'human', tell, backWords: 'bot' }, '`backWords`'],
  ])('refuses %s', (_what, options, problem) => {
    expect(() => createTakeover(options as never)).toThrow(problem);
  });

  it('refuses to begin without an openid', async () => {
    const bot = createRunner(createTakeover({ id: 'human', tell }), { input: () => ({}) as never });
    bot.on('error', () => {});
    const { outcome, error } = await bot.handle('ann', 'hi');
    expect(outcome).toBe('failed');
    expect(error).toMatchObject({
      cause: { code: 'bad_option', message: expect.stringContaining('openid') },
    });
  });
});
