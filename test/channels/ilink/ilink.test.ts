import { ColloquyError, createContextStore, createRunner, setupDialogue } from 'colloquy';
import { type IlinkOptions, ilink } from 'colloquy/channels/ilink';
import { createSource } from 'colloquy/channels/source';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { fromPromise } from 'xstate';
import { sleep } from '../../../src/internal/async.ts';
import type { Message } from '../../../src/message.ts';
import type { Reply } from '../../../src/reply.ts';
import { type IlinkServer, startIlinkServer } from '../../support/ilink-server.ts';

const TOKEN = 'canary-token';
const ANN = 'ann@im.wechat';

const { assign, createDialogue, forget, reply } = setupDialogue({
  types: {} as { context: { heard: readonly string[] } },
});

/** Says back what it hears, counts it, reminds a user who says "later" in an hour, and forgets one who says "forget". */
const echo = createDialogue({
  id: 'echo',
  version: '1',
  context: { heard: [] },
  initial: 'hearing',
  states: {
    hearing: {
      on: {
        'message.text': [
          { guard: ({ event }) => event.text === 'later', target: 'waiting' },
          { guard: ({ event }) => event.text === 'forget', actions: [reply('Gone.'), forget()] },
          {
            actions: [
              assign({ heard: ({ context, event }) => [...context.heard, event.text] }),
              reply(({ event }) => event.text),
            ],
          },
        ],
      },
    },
    waiting: {
      after: { 3_600_000: { target: 'hearing', actions: reply('It is time.') } },
      on: { 'message.text': { target: 'hearing', actions: reply('Never mind.') } },
    },
  },
});

async function createWorld() {
  const server = await startIlinkServer(TOKEN);
  onTestFinished(() => server.close());
  const clock = createManualClock();
  const disk = createDisk();

  /** Repeats a check until it holds. Time passes meanwhile, if it has to. */
  function until(check: () => void, stepMs = 0): Promise<void> {
    const once = async (): Promise<void> => {
      await clock.advance(stepMs);
      check();
    };
    return vi.waitFor(once, { interval: 2, timeout: 8000 });
  }

  async function start({
    dialogue = echo,
    typing = false,
    ...options
  }: Partial<IlinkOptions> & {
    readonly dialogue?: Parameters<typeof createRunner>[0];
    readonly typing?: boolean;
  } = {}) {
    const store = createContextStore({ persister: memory(disk, { clock }), clock });
    const runner = createRunner(dialogue, { store });
    const errors: unknown[] = [];
    const channel = ilink({ token: TOKEN, baseUrl: server.url, ...options });
    const onError = (error: unknown) => errors.push(error);
    const source = createSource(runner, channel, { clock, onError, typing });
    await runner.start();
    const stop = async (): Promise<void> => {
      await source.stop();
      await runner.stop();
      await store.close();
    };
    onTestFinished(stop);
    const codes = () =>
      errors.map((error) => (ColloquyError.is(error) ? error.code : String(error)));
    return { source, runner, store, errors, codes, stop };
  }
  return { server, clock, until, start };
}

const textsOf = ({ shown }: IlinkServer) =>
  shown.map((sent) => `${sent.to_user_id}: ${sent.item_list[0]?.text_item?.text}`);

describe('a bot in a personal account of WeChat', () => {
  it('answers what users say, each with what their last message brought, and asks behind it', async () => {
    const { server, until, start } = await createWorld();
    await start();
    server.say('one');
    server.say('two', 'bob@im.wechat');
    server.say('three');
    await until(() => expect(textsOf(server)).toHaveLength(3));
    expect(textsOf(server).toSorted()).toEqual([
      'ann@im.wechat: one',
      'ann@im.wechat: three',
      'bob@im.wechat: two',
    ]);
    await until(() => expect(server.waiting).toEqual([]));
    expect(server.shown[0]).toMatchObject({ from_user_id: '', message_type: 2, message_state: 2 });
  });

  it('asks once, and again only when iLink has nothing to say for as long as it waits', async () => {
    const { server, until, start } = await createWorld();
    const { codes } = await start();
    await until(() => expect(server.asking).toBe(1));
    expect(server.asked).toEqual(['']);
    server.lapse();
    await until(() => expect(server.asked).toHaveLength(2));
    expect(codes()).toEqual([]);
  });

  it('asks again without a word where no answer comes in that time', async () => {
    const { server, until, start } = await createWorld();
    server.faults.set('getupdates', ['silence']);
    const { codes } = await start();
    await until(() => expect(server.asking).toBe(1), 5000);
    server.say('hi');
    await until(() => expect(textsOf(server)).toEqual([`${ANN}: hi`]));
    expect(codes()).toEqual([]);
  });

  it.each<[string, 'cut' | { status: number; body: unknown }]>([
    ['cuts the connection', 'cut'],
    ['fails', { status: 502, body: 'a page' }],
    ['answers with a page', { status: 200, body: '<html>' }],
    ['answers with another code', { status: 200, body: { ret: -1, errmsg: 'canary' } }],
  ])('asks again after a pause where iLink %s', async (_name, fault) => {
    const { server, until, start } = await createWorld();
    server.faults.set('getupdates', [fault]);
    const { codes, errors } = await start();
    server.say('hi');
    await until(() => expect(textsOf(server)).toEqual([`${ANN}: hi`]), 500);
    expect(codes()).toEqual(['source_failed']);
    expect(String(errors[0])).not.toContain('canary');
  });

  it('ends where the login has ended, and says so without the token', async () => {
    const { server, until, start } = await createWorld();
    const { source, codes, errors } = await start();
    await until(() => expect(server.asking).toBe(1));
    server.hasEnded = true;
    server.say('hi');
    server.lapse();
    await expect(source.ended).rejects.toMatchObject({
      code: 'source_refused',
      details: { channel: 'ilink', reason: -14 },
    });
    expect(codes()).toEqual(['source_refused']);
    expect(String(errors[0])).not.toContain(TOKEN);
  });

  it('begins from the start after another login, and counts what it had heard once', async () => {
    const { server, until, start } = await createWorld();
    const before = await start();
    server.say('one');
    await until(() => expect(server.asked.length).toBeGreaterThan(1));
    await before.stop();
    const other = await startIlinkServer('another-token');
    onTestFinished(() => other.close());
    await start({ token: 'another-token', baseUrl: other.url });
    await until(() => expect(other.asked).toEqual(['']));
  });

  it('asks from where it was after a restart', async () => {
    const { server, until, start } = await createWorld();
    const before = await start();
    server.say('one');
    await until(() => expect(server.asked.length).toBeGreaterThan(1));
    await before.stop();
    const asked = server.asked.length;
    await start();
    await until(() => expect(server.asked.length).toBeGreaterThan(asked));
    expect(server.asked[asked]).toBe(server.asked[asked - 1]);
    expect(textsOf(server)).toEqual([`${ANN}: one`]);
  });

  it('keeps what a reply needs over a restart, for a reply that no message caused', async () => {
    const { server, clock, until, start } = await createWorld();
    const before = await start();
    server.say('later');
    await until(() => expect(server.asked.length).toBeGreaterThan(1));
    await before.stop();
    await start();
    await clock.advance(3_600_000);
    await until(() => expect(textsOf(server)).toEqual([`${ANN}: It is time.`]), 1000);
  });

  it('says a reply that iLink takes no more with the next message of the user', async () => {
    const { server, clock, until, start } = await createWorld();
    const { codes } = await start();
    server.say('later');
    await until(() => expect(server.asked.length).toBeGreaterThan(1));
    server.expire(ANN);
    await clock.advance(3_600_000);
    await until(() => expect(server.calls).toHaveLength(1), 1000);
    expect(server.shown).toEqual([]);
    server.say('hi');
    await until(() => expect(textsOf(server)).toEqual([`${ANN}: It is time.`, `${ANN}: hi`]));
    expect(codes()).toEqual([]);
  });

  it('keeps what is said to a user who has written nothing until they write', async () => {
    const { server, until, start } = await createWorld();
    const { runner } = await start();
    await runner.say(`ilink:${ANN}`, 'Hello?');
    await runner.idle(`ilink:${ANN}`);
    expect(server.calls).toEqual([]);
    server.say('hi');
    await until(() => expect(textsOf(server)).toEqual([`${ANN}: Hello?`, `${ANN}: hi`]));
  });

  it('says goodbye to a user that the dialogue forgets', async () => {
    const { server, until, start } = await createWorld();
    await start();
    server.say('forget');
    await until(() => expect(textsOf(server)).toEqual([`${ANN}: Gone.`]));
  });

  it('tries a reply again, under the same name, where iLink did not answer', async () => {
    const { server, until, start } = await createWorld();
    server.faults.set('sendmessage', ['cut', { status: 500, body: '' }]);
    const { runner } = await start();
    runner.on('error', () => undefined);
    server.say('hi');
    await until(() => expect(textsOf(server)).toEqual([`${ANN}: hi`]), 500);
  });

  it('hears no bot and no group, and reports what is no message', async () => {
    const { server, until, start } = await createWorld();
    const { runner, codes } = await start();
    server.send(ANN, { message_type: 2, item_list: [{ type: 1, text_item: { text: 'a' } }] });
    server.send(ANN, { group_id: 'g', item_list: [{ type: 1, text_item: { text: 'b' } }] });
    server.send(ANN, { from_user_id: 7 });
    server.say('c');
    await until(() => expect(textsOf(server)).toEqual([`${ANN}: c`]));
    expect(codes()).toEqual(['bad_body']);
    expect(await runner.inspect(`ilink:${ANN}`)).toMatchObject({ context: { heard: ['c'] } });
  });

  it('shows that it is typing, by one ticket for each user', async () => {
    const { server, clock, until, start } = await createWorld();
    const words = setupDialogue({
      types: {} as { context: object },
      actors: { think: fromPromise(() => sleep(clock, 12_000)) },
    });
    const slow = words.createDialogue({
      id: 'slow',
      version: '1',
      context: {},
      initial: 'idle',
      states: {
        idle: { on: { 'message.text': 'thinking' } },
        thinking: words.service({
          src: 'think',
          done: { target: 'idle', actions: words.reply('42') },
          failed: 'idle',
        }),
      },
    });
    await start({ dialogue: slow, typing: true });
    server.say('hi');
    await until(() => expect(textsOf(server)).toEqual([`${ANN}: 42`]), 1000);
    const methods = server.calls.map(({ method }) => method);
    expect(methods.filter((each) => each === 'getconfig')).toHaveLength(1);
    expect(methods.filter((each) => each === 'sendtyping').length).toBeGreaterThan(1);
  });
});

describe('what is remembered of “typing…”', () => {
  it('is the ticket of the last thousand users: the ticket of the oldest user is asked for again', async () => {
    const calls: string[] = [];
    const channel = ilink({
      token: TOKEN,
      fetch: (url) => {
        calls.push(url.split('/').at(-1) ?? '');
        return Promise.resolve(Response.json({ typing_ticket: 'a' }));
      },
    });
    const { signal } = new AbortController();
    const show = async (user: number): Promise<number> => {
      const before = calls.length;
      await channel.typing?.(`ilink:${user}`, { signal });
      return calls.length - before;
    };
    for (let user = 0; user <= 1000; user += 1) await show(user);
    expect(await show(1)).toBe(1);
    expect(await show(0)).toBe(2);
  });

  it('ends where iLink does not take it', async () => {
    const answers = [{ typing_ticket: 'a' }, { ret: -1 }, { typing_ticket: 'b' }, {}];
    const channel = ilink({
      token: TOKEN,
      fetch: () => Promise.resolve(Response.json(answers.shift())),
    });
    const options = { signal: new AbortController().signal };
    await expect(channel.typing?.('ilink:a', options)).rejects.toMatchObject({
      code: 'unavailable',
    });
    await channel.typing?.('ilink:a', options);
    expect(answers).toEqual([]);
  });
});

describe('what a user sends', () => {
  const media = { encrypt_query_param: 'q', aes_key: 'k' };
  it.each<[string, readonly object[], Partial<Message>]>([
    ['a text', [{ type: 1, text_item: { text: ' hi ' } }], { type: 'message.text', text: ' hi ' }],
    ['an image', [{ type: 2, image_item: { media } }], { type: 'message.image', mediaId: 'q' }],
    [
      'a voice',
      [{ type: 3, voice_item: { media, encode_type: 6, text: 'hi' } }],
      { type: 'message.voice', mediaId: 'q', format: 'silk', transcript: 'hi' },
    ],
    [
      'a file',
      [{ type: 4, file_item: { media, file_name: 'a.pdf', len: '12' } }],
      { type: 'message.file', mediaId: 'q', name: 'a.pdf', size: 12 },
    ],
    [
      'a video',
      [{ type: 5, video_item: { media, thumb_media: { encrypt_query_param: 't' } } }],
      { type: 'message.video', mediaId: 'q', thumbnailId: 't' },
    ],
    ['something new', [{ type: 99 }], { type: 'message.unknown' }],
    ['nothing', [], { type: 'message.unknown' }],
  ])('is %s', async (_name, items, expected) => {
    const { server, until, start } = await createWorld();
    const heard: Message[] = [];
    const listening = setupDialogue({ types: {} as { context: object } }).createDialogue({
      id: 'listening',
      version: '1',
      context: {},
      on: { 'message.*': { actions: ({ event }) => void heard.push(event) } },
    });
    await start({ dialogue: listening });
    server.send(ANN, { item_list: items });
    await until(() => expect(heard).toHaveLength(1));
    expect(heard[0]).toMatchObject({ ...expected, from: { id: ANN } });
    expect(JSON.stringify(heard[0])).not.toContain('token of');
  });
});

describe('what is said', () => {
  const send = async (said: Reply) => {
    const { server, until, start } = await createWorld();
    const words = setupDialogue({ types: {} as { context: object } });
    const dialogue = words.createDialogue({
      id: 'saying',
      version: '1',
      context: {},
      on: { 'message.text': { actions: [words.reply(said), words.reply('end')] } },
    });
    const { codes, runner } = await start({ dialogue });
    runner.on('error', () => undefined);
    server.say('hi');
    await until(() => expect(textsOf(server).at(-1)).toBe(`${ANN}: end`));
    return { items: server.shown.slice(0, -1).map((sent) => sent.item_list), codes: codes() };
  };

  it.each<[string, Reply, string]>([
    ['a text', { type: 'text', text: 'hi' }, 'hi'],
    [
      'choices',
      { type: 'choices', text: 'Which?', options: [{ value: 'a' }, { value: 'b' }] },
      'Which?\n1. a\n2. b',
    ],
    ['an image', { type: 'image', url: 'https://a.example/1' }, '[image] https://a.example/1'],
  ])('is text: %s', async (_name, said, text) => {
    const { items } = await send(said);
    expect(items).toEqual([[{ type: 1, text_item: { text } }]]);
  });

  it('is several messages where a text is long, each under its own name', async () => {
    const { items } = await send({ type: 'text', text: 'a'.repeat(4100) });
    expect(items.map(([item]) => item?.text_item?.text.length)).toEqual([2000, 2000, 100]);
  });

  it('is an item of the program as it is', async () => {
    const item = { type: 2, image_item: { media: { encrypt_query_param: 'q', aes_key: 'k' } } };
    const { items } = await send({ type: 'raw', channel: 'ilink', payload: item });
    expect(items).toEqual([[item]]);
  });

  it('is left out where iLink has no way to say it', async () => {
    const { items } = await send({ type: 'image', mediaId: 'q' });
    expect(items).toEqual([]);
  });
});

describe('the options', () => {
  it.each<[string, IlinkOptions, string]>([
    ['no token', { token: '' }, 'bad_token'],
    ['a token with a space', { token: 'a b' }, 'bad_token'],
    ['a prefix without a colon', { token: 'a', prefix: 'a' }, 'bad_prefix'],
    ['an agent without a version', { token: 'a', agent: 'Bot' }, 'bad_option'],
    ['another word', { token: 'a', secret: 'b' } as IlinkOptions, 'bad_option'],
  ])('refuse %s', (_name, options, code) => {
    expect(() => ilink(options)).toThrow(expect.objectContaining({ code }));
  });
});
