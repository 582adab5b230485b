import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { createContextStore, createRunner, setupDialogue } from 'colloquy';
import { toNodeListener } from 'colloquy/channels/node';
import { createWebhook } from 'colloquy/channels/webhook';
import { memory } from 'colloquy/persist/memory';
import { type ChannelSubject, createManualClock } from 'colloquy/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { jsonSubject } from './subjects/json.ts';
import { slackSubject } from './subjects/slack.ts';
import { telegramSubject } from './subjects/telegram.ts';
import { compatWechatSubject, safeWechatSubject } from './subjects/wechat.ts';
import { webSubject } from './subjects/web.ts';
import { wecomSubject } from './subjects/wecom.ts';

const { createDialogue, reply } = setupDialogue({ types: {} as { context: object } });
const dialogue = createDialogue({
  id: 'd',
  context: {},
  on: { 'message.*': { actions: reply('Hello.') } },
});

const laughs = Array.from(
  { length: 9 },
  (_each, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`,
).join('');

/** What no platform sends, with the statuses that it may be refused with. */
const bodies: readonly (readonly [what: string, body: string, statuses: readonly number[]])[] = [
  ['of 10 MB', `{"a":"${'x'.repeat(10_000_000)}"}`, [413]],
  ['of elements of depth 10 000', '<a>'.repeat(10_000), [400]],
  ['of lists of depth 10 000', `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, [400]],
  // WeChat encrypts it to more than it takes.
  ['of objects of depth 10 000', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, [400, 413]],
  ['with a document type', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><xml><a>1</a></xml>', [400]],
  ['of a billion laughs', `<!DOCTYPE x [<!ENTITY l0 "ha">${laughs}]><xml>&l9;</xml>`, [400]],
];

/** A bot over a real socket, behind which every look at stored state is counted. */
async function start(subject: ChannelSubject) {
  const clock = createManualClock();
  const persister = memory();
  const load = vi.spyOn(persister, 'load');
  const store = createContextStore({ clock, persister });
  const runner = createRunner(dialogue, { store });
  const channel = subject.open({ fetch: async () => new Response(), clock });
  const errors: unknown[] = [];
  const handler = createWebhook(runner, channel, {
    clock,
    onError: (error) => errors.push((error as { code?: unknown }).code),
  });
  const server = createServer(toNodeListener(handler)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await runner.stop();
    await store.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, clock, load, errors };
}

/** The answer to a request, however much of it is read. */
async function answerTo(
  port: number,
  { url, headers, body }: ReturnType<ChannelSubject['sign']>,
): Promise<string> {
  const { pathname, search } = new URL(url);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const head = [
    `POST ${pathname}${search} HTTP/1.1`,
    'host: bot.example',
    'connection: close',
    `content-length: ${body.length}`,
    ...lines,
  ];
  const socket = connect({ port, host: '127.0.0.1' });
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
  // What is over the limit is not waited for.
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  socket.write(body);
  await closed;
  return answer;
}

describe.each([
  ['json', jsonSubject],
  ['slack', slackSubject],
  ['telegram', telegramSubject],
  ['wechat in compat mode', compatWechatSubject],
  ['wechat in safe mode', safeWechatSubject],
  ['web', webSubject],
  ['wecom', wecomSubject],
])('%s refuses, without a look at any state, a proven body', (_name, subject) => {
  it.each(bodies)('%s', async (_what, body, statuses) => {
    const { port, clock, load, errors } = await start(subject);
    const answer = await answerTo(port, subject.sign({ body }, clock.now()));
    const [head = '', content] = answer.split('\r\n\r\n');
    expect(statuses).toContain(Number(head.split(' ')[1]));
    expect(content).toBe('');
    expect(load).not.toHaveBeenCalled();
    for (const code of errors) expect(code).toBe('bad_body');
  });
});
