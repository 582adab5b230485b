import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { fromPromise } from 'xstate';
import { createContextStore, createRunner, setupDialogue } from 'colloquy';
import { toNodeListener } from 'colloquy/channels/node';
import { createWebhook, type WebhookOptions } from 'colloquy/channels/webhook';
import { wechat, type WechatOptions } from 'colloquy/channels/wechat';
import { memory } from 'colloquy/persist/memory';
import { createManualClock, type ManualClock } from 'colloquy/testing';
import { createCipher } from '../../../src/channels/wechat/cipher.ts';
import { parseXml } from '../../../src/channels/wechat/parse.ts';
import { signValues } from '../../../src/channels/wechat/signature.ts';
import { vector } from '../vectors.ts';
import { signedQuery, TOKEN, xml } from './pushes.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** Echoes, gives choices to `menu`, and looks up `slow` for seven seconds. */
function dialogueOf(clock: ManualClock) {
  const { createDialogue, reply, choose } = setupDialogue({
    types: {} as { context: { size?: string } },
    actors: {
      lookUp: fromPromise<string>(
        () =>
          new Promise((resolve) => void clock.wake(clock.now() + 7000, () => resolve('found it'))),
      ),
    },
  });
  return createDialogue({
    id: 'd',
    version: '1',
    context: {},
    initial: 'idle',
    states: {
      idle: {
        on: {
          'message.text': [
            { guard: ({ event }) => event.text === 'slow', target: 'looking' },
            { guard: ({ event }) => event.text === 'menu', target: 'size' },
            { actions: reply(({ event }) => event.text) },
          ],
          'message.*': { actions: reply(({ event }) => event.type) },
          'event.unknown': { actions: reply('an event') },
        },
      },
      looking: {
        invoke: {
          src: 'lookUp',
          onDone: { target: 'idle', actions: reply(({ event }) => event.output) },
        },
      },
      size: choose({
        question: 'Which size?',
        options: [{ value: 'S' }, { value: 'L' }],
        assign: 'size',
        target: 'sized',
      }),
      sized: {
        entry: reply(({ context }) => `Size ${context.size}.`),
        always: { target: 'idle' },
      },
    },
  });
}

async function startBot(channel: Partial<WechatOptions> = {}, options: WebhookOptions = {}) {
  const clock = createManualClock();
  const persister = memory();
  const load = vi.spyOn(persister, 'load');
  const store = createContextStore({ clock, persister });
  const runner = createRunner(dialogueOf(clock), { store });
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  runner.on('error', ({ error }) => onError(error));
  const handler = createWebhook(runner, wechat({ token: TOKEN, ...channel }), {
    clock,
    onError,
    ...options,
  });
  const listener = toNodeListener(handler, { onError });
  const seen = { arrived: 0, answered: 0 };
  const server = createServer((req, res) => {
    req.on('end', () => (seen.arrived += 1));
    res.on('finish', () => (seen.answered += 1));
    listener(req, res);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
    await runner.stop();
    await store.close();
  });
  return { port: (server.address() as AddressInfo).port, clock, load, errors, seen };
}

/** A request over a new socket. `answer` is its body, or undefined where the server hung up. */
function send(port: number, query: string, body: string | Uint8Array) {
  const socket: Socket = connect({ port, host: '127.0.0.1' });
  closing.push(() => socket.destroy());
  const answer = new Promise<{ status: string; body: string } | undefined>((resolve) => {
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      const [head = '', ...rest] = text.split('\r\n\r\n');
      const status = head.split(' ')[1];
      resolve(status === undefined ? undefined : { status, body: rest.join('\r\n\r\n') });
    });
  });
  const bytes = Buffer.from(body);
  socket.write(
    `POST /?${query} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${bytes.length}\r\n\r\n`,
  );
  socket.write(bytes);
  return { socket, answer };
}

const say = (port: number, Content: string, MsgId: string) =>
  send(port, signedQuery(), xml({ Content, MsgId }));

/** Lets what is on its way over real sockets arrive, while no time passes. */
const arrive = (condition: () => boolean): Promise<void> =>
  vi.waitUntil(condition, { interval: 1, timeout: 20_000 }).then(() => {});

async function contentOf(answer: Promise<{ body: string } | undefined>): Promise<unknown> {
  const body = (await answer)?.body ?? '';
  return body.startsWith('<xml>') ? parseXml(Buffer.from(body))['Content'] : body;
}

test('the safe-mode conversation of the published vectors', async () => {
  const { token, encodingAESKey, receiveId, timestamp, nonce, ...rest } = vector('A5');
  const random = Buffer.from('707722b803182950');
  const { port, clock, errors } = await startBot({
    token,
    encodingAESKey,
    appId: receiveId,
    mode: 'safe',
    random: () => random,
  });
  const { signature, msg_signature, encrypt } = rest;
  const query = new URLSearchParams({ signature, timestamp, nonce, msg_signature });
  query.set('encrypt_type', 'aes');
  const body = `<xml><ToUserName><![CDATA[gh_97417a04a28d]]></ToUserName><Encrypt><![CDATA[${encrypt}]]></Encrypt></xml>`;
  const answer = await send(port, query.toString(), body).answer;
  const seconds = Math.floor(clock.now() / 1000);
  const plain =
    '<xml><ToUserName><![CDATA[o9AgO5Kd5ggOC-bXrbNODIiE3bGY]]></ToUserName><FromUserName><![CDATA[gh_97417a04a28d]]></FromUserName>' +
    `<CreateTime>${seconds}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[an event]]></Content></xml>`;
  const sealed = createCipher({ keys: [encodingAESKey], receiveId, random: () => random }).seal(
    plain,
  );
  expect(answer?.body).toBe(
    `<xml><Encrypt><![CDATA[${sealed}]]></Encrypt><MsgSignature><![CDATA[${signValues([token, `${seconds}`, nonce, sealed])}]]></MsgSignature>` +
      `<TimeStamp>${seconds}</TimeStamp><Nonce><![CDATA[${nonce}]]></Nonce></xml>`,
  );
  expect(errors).toEqual([]);
});

test('a redelivery in safe mode has the recorded reply, encrypted and signed for itself', async () => {
  const { token, encodingAESKey, receiveId } = vector('A5');
  const cipher = createCipher({ keys: [encodingAESKey], receiveId });
  const { port, clock } = await startBot({ token, encodingAESKey, appId: receiveId, mode: 'safe' });
  const sealed = cipher.seal(xml({ Content: 'hi' }));
  const deliver = async (nonce: string): Promise<readonly unknown[]> => {
    const timestamp = String(Math.floor(clock.now() / 1000));
    const query = new URLSearchParams({ timestamp, nonce, encrypt_type: 'aes' });
    query.set('signature', signValues([token, timestamp, nonce]));
    query.set('msg_signature', signValues([token, timestamp, nonce, sealed]));
    const body = `<xml><ToUserName>gh_account</ToUserName><Encrypt>${sealed}</Encrypt></xml>`;
    const answer = await send(port, query.toString(), body).answer;
    const fields = parseXml(Buffer.from(answer?.body ?? ''));
    const { Encrypt: encrypted, MsgSignature, TimeStamp, Nonce } = fields;
    expect(MsgSignature).toBe(signValues([token, timestamp, nonce, encrypted as string]));
    const plain = parseXml(cipher.open(encrypted as string) ?? new Uint8Array());
    return [TimeStamp === timestamp, Nonce, plain['Content']];
  };
  expect(await deliver('1')).toEqual([true, '1', 'hi']);
  await clock.advance(5000);
  expect(await deliver('2')).toEqual([true, '2', 'hi']);
});

describe('what users write comes back as they wrote it', () => {
  test.each([
    'hi]]></Content><MsgType><![CDATA[transfer_customer_service]]></MsgType><Content><![CDATA[',
    '0012e5',
    '1.0',
    '0x1F',
    '  x  ',
    '你好，😀',
  ])('%j', async (content) => {
    const { port } = await startBot();
    const safe = content.replaceAll(']]>', ']]]]><![CDATA[>');
    const { answer } = send(port, signedQuery(), xml({ Content: safe }));
    const fields = parseXml(Buffer.from((await answer)?.body ?? ''));
    expect(fields).toMatchObject({ MsgType: 'text', Content: content });
  });
});

test('choices are numbered, and their number is an answer', async () => {
  const { port } = await startBot();
  const question = await contentOf(say(port, 'menu', '1').answer);
  expect(question).toBe('Which size?\n1. S\n2. L');
  expect(await contentOf(say(port, '2', '2').answer)).toBe('Size L.');
});

test('the same MsgId from two accounts counts twice, and twice from one counts once', async () => {
  const { port } = await startBot();
  for (const [ToUserName, Content, expected] of [
    ['gh_1', 'a', 'a'],
    ['gh_2', 'b', 'b'],
    ['gh_1', 'c', 'a'],
  ] as const) {
    const { answer } = send(port, signedQuery(), xml({ ToUserName, Content }));
    expect(await contentOf(answer)).toBe(expected);
  }
});

describe('a service of seven seconds', () => {
  /** Attempts as WeChat makes them: each given up after five seconds, until one is answered. */
  async function attempts({ port, clock, seen }: Awaited<ReturnType<typeof startBot>>) {
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const { socket, answer } = say(port, 'slow', 'm1');
      await arrive(() => seen.arrived === attempt);
      for (let second = 0; second < 5; second += 1) {
        // What a second sets off goes over several turns of the event loop to its end.
        for (let turn = 0; turn < 20; turn += 1) await clock.advance(turn === 10 ? 1000 : 0);
        if (seen.answered > 0) return [attempt, await contentOf(answer)];
      }
      socket.destroy();
    }
    return [];
  }

  test('is answered in a later attempt, once, by a webhook that holds', async () => {
    const bot = await startBot({}, { hold: true });
    const { port, clock, errors } = bot;
    expect(await attempts(bot)).toEqual([2, 'found it']);
    await clock.advance({ minutes: 2 });
    expect(await contentOf(say(port, 'hi', 'm2').answer)).toBe('hi');
    expect(errors).toEqual([]);
  });

  test('is said in the third attempt where the answer to the second was lost', async () => {
    const bot = await startBot({}, { hold: true });
    expect(await attempts(bot)).toEqual([2, 'found it']);
    expect(await contentOf(say(bot.port, 'slow', 'm1').answer)).toBe('found it');
    await bot.clock.advance({ minutes: 2 });
    expect(await contentOf(say(bot.port, 'hi', 'm2').answer)).toBe('hi');
    expect(bot.errors).toEqual([]);
  });

  test('is acknowledged in time and pushed, once, by a channel that can', async () => {
    const pushed: string[] = [];
    const push: NonNullable<WechatOptions['push']> = {
      accessToken: { get: async () => 'token', renew: async () => 'token' },
      fetch: async (_url, init) => {
        pushed.push(init.body as string);
        return Response.json({ errcode: 0 });
      },
    };
    const bot = await startBot({ push });
    const { port, clock, errors } = bot;
    expect(await attempts(bot)).toEqual([1, 'success']);
    // The acknowledgement was lost on its way: it comes again.
    expect(await contentOf(say(port, 'slow', 'm1').answer)).toBe('success');
    await clock.advance({ minutes: 2 });
    expect(await contentOf(say(port, 'hi', 'm2').answer)).toBe('hi');
    expect(pushed.map((body) => JSON.parse(body) as unknown)).toEqual([
      { touser: 'openid-1', msgtype: 'text', text: { content: 'found it' } },
    ]);
    expect(errors).toEqual([]);
  });

  test('is said with the next message by a channel that can neither', async () => {
    const bot = await startBot();
    const { port, clock, errors } = bot;
    expect(await attempts(bot)).toEqual([1, 'success']);
    await clock.advance({ minutes: 2 });
    expect(await contentOf(say(port, 'hi', 'm2').answer)).toBe('found it\nhi');
    expect(await contentOf(say(port, 'ho', 'm3').answer)).toBe('ho');
    expect(errors).toEqual([]);
  });
});

test('a client that hangs up does not end its turn', async () => {
  const { port, clock, load } = await startBot();
  const { socket } = say(port, 'slow', 'm1');
  await arrive(() => load.mock.calls.length > 0);
  socket.destroy();
  await clock.advance(8000);
  expect(await contentOf(say(port, 'hi', 'm2').answer)).toBe('found it\nhi');
});

describe('a hostile body is refused without a look at any state', () => {
  const laughs = Array.from(
    { length: 9 },
    (_each, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`,
  ).join('');
  test.each([
    ['of 10 MB', `<xml>${'x'.repeat(10_000_000)}</xml>`, '413'],
    ['of depth 10 000', '<a>'.repeat(10_000), '400'],
    ['of JSON of depth 10 000', `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, '400'],
    ['with a document type', `<!DOCTYPE xml SYSTEM "file:///etc/passwd">${xml()}`, '400'],
    ['of a billion laughs', `<!DOCTYPE x [<!ENTITY l0 "ha">${laughs}]><xml>&l9;</xml>`, '400'],
  ])('%s', async (_name, body, status) => {
    const { port, load } = await startBot();
    expect(await send(port, signedQuery(), body).answer).toEqual({ status, body: '' });
    expect(load).not.toHaveBeenCalled();
  });
});
