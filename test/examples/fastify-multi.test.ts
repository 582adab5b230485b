import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createManualClock, playTranscript } from 'colloquy/testing';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Account, createText, deliver } from '../../examples/express-wechat/client.ts';
import { type Caller, call, sign } from '../../examples/fastify-multi/client.ts';
import tea from '../../examples/fastify-multi/dialogue.ts';
import { startBot } from '../../examples/fastify-multi/server.ts';
import { startProgram } from '../support/program.ts';
import { openRedis } from '../support/redis.ts';
import { startWechatApi } from '../support/wechat-api.ts';
import { playOverWire } from '../support/wire.ts';

const APP_SECRET = 'canary-app-secret';
const JSON_SECRET = 'canary-json-secret';
const shared = {
  token: 'canary-token',
  encodingAESKey: 'canaryKeyabcdefghijklmnopqrstuvwxyz01234567',
  appId: 'wx0123456789abcdef',
};
const needed = {
  WECHAT_TOKEN: shared.token,
  WECHAT_AES_KEY: shared.encodingAESKey,
  WECHAT_APP_ID: shared.appId,
  JSON_SECRET,
  PORT: '0',
};

/** A folder for one test. */
function openFolder(): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'colloquy-multi-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { DATA: folder };
}

const server = await openRedis();
afterAll(() => server?.stop());

/** A prefix of keys for one test, even on a shared server. */
function openPrefix(url: string): Record<string, string> {
  const prefix = `colloquy-multi-${process.pid}-${crypto.randomUUID()}`;
  onTestFinished(async () => {
    const client = new Redis(url);
    const keys = await client.keys(`${prefix}:*`);
    if (keys.length > 0) await client.del(keys);
    client.disconnect();
  });
  return { REDIS_URL: url, REDIS_PREFIX: prefix };
}

/** Both webhooks of the bot at this address. */
function frontsOf(url: string): { readonly wechat: Account; readonly json: Caller } {
  return {
    wechat: { ...shared, url: `${url}/wechat` },
    json: { url: `${url}/json`, secret: JSON_SECRET },
  };
}

/** The bot on a manual clock. */
async function boot(
  env: Readonly<Record<string, string>>,
  clock = createManualClock({ now: 1e12 }),
) {
  const bot = await startBot({ ...needed, ...env }, { clock });
  onTestFinished(() => bot.close());
  return { ...frontsOf(bot.url), bot, clock };
}

test('the transcript is what the dialogue says', async () => {
  const path = new URL('../../examples/fastify-multi/tea.chat', import.meta.url);
  const transcript = readFileSync(path, 'utf8');
  expect((await playTranscript(transcript, tea)).text).toBe(transcript);
});

test('the transcript is what a user in WeChat sees', async () => {
  const api = await startWechatApi(APP_SECRET);
  const { wechat, clock } = await boot({
    ...openFolder(),
    WECHAT_SECRET: APP_SECRET,
    WECHAT_API: api.url,
  });
  const shown: string[] = [];
  let taken = 0;
  await playOverWire('examples/fastify-multi/tea.chat', {
    clock,
    async send(message) {
      const text = typeof message === 'string' ? message : `[${message.type}]`;
      shown.push((await deliver(wechat, createText('ann', text))) ?? '(nothing)');
    },
    shown() {
      shown.push(...api.pushed.slice(taken).map(({ text }) => text));
      taken = api.pushed.length;
      return shown;
    },
  });
  expect(api.pushed).toEqual([{ openid: 'ann', text: 'Cup no. 1 is ready.' }]);
});

test('the two webhooks have different users', async () => {
  const { wechat, json, clock } = await boot(openFolder());
  const callAnn = (id: string, text: string) => call(json, { user: 'ann', id, text }, clock.now());
  await deliver(wechat, createText('ann', 'hi'));
  expect(await deliver(wechat, createText('ann', '3 min'))).toBe('I will call you.');
  expect(await callAnn('1', '3 min')).toEqual(['How long shall cup no. 1 steep?']);
  expect(await deliver(wechat, createText('ann', 'ready?'))).toBe('Not yet.');
  expect(await callAnn('1', '3 min')).toEqual(['How long shall cup no. 1 steep?']);
  expect(await callAnn('2', '4 min')).toEqual(['I will call you.']);
  const health = await fetch(new URL('/health', json.url));
  expect(await health.json()).toEqual({ records: 2 });
});

test('a request without a valid signature is refused', async () => {
  const { wechat, json, clock, bot } = await boot(openFolder());
  const message = { user: 'ann', id: '1', text: 'hi' };
  const forged = call({ ...json, secret: 'another' }, message, clock.now());
  await expect(forged).rejects.toThrow('401');
  await expect(call(json, message, clock.now() - 600_000)).rejects.toThrow('401');
  const wrong = deliver({ ...wechat, token: 'another' }, createText('ann', 'hi'));
  await expect(wrong).rejects.toThrow('403');
  expect(await (await fetch(`${bot.url}/health`)).json()).toEqual({ records: 0 });
});

test('the bot answers the requests that have arrived before it ends', async () => {
  const { json, clock, bot } = await boot(openFolder());
  const body = JSON.stringify({ user: 'ann', id: '1', text: 'hi' });
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const sent = request(json.url, {
    agent,
    method: 'POST',
    headers: {
      'content-length': Buffer.byteLength(body),
      'x-colloquy-signature': sign(JSON_SECRET, body, clock.now()),
    },
  });
  const answer = new Promise<string>((resolve, reject) => {
    sent.once('error', reject).once('response', (response) => {
      let text = `${response.statusCode} `;
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('end', () => resolve(text));
    });
  });
  await new Promise((resolve) => sent.write(body.slice(0, 9), resolve));
  // Its first half is there when another request, sent after it, has been answered.
  await fetch(`${bot.url}/health`);
  const closed = bot.close();
  sent.end(body.slice(9));
  expect(await answer).toContain('200 {"replies":[{"type":"text","text":"How long shall cup no. 1');
  await closed;
  await expect(fetch(`${bot.url}/health`)).rejects.toThrow();
});

test('a reply that fell due while no process ran is said at the next start', async () => {
  const api = await startWechatApi(APP_SECRET);
  const env = { ...openFolder(), WECHAT_SECRET: APP_SECRET, WECHAT_API: api.url };
  const { wechat, json, clock, bot } = await boot(env);
  await deliver(wechat, createText('ann', 'hi'));
  await deliver(wechat, createText('ann', '3 min'));
  await call(json, { user: 'bob', id: '1', text: 'hi' }, clock.now());
  await call(json, { user: 'bob', id: '2', text: '90 s' }, clock.now());
  await bot.close();
  await clock.advance({ hours: 1 });
  expect(api.pushed).toEqual([]);
  const { json: again } = await boot(env, clock);
  await expect
    .poll(() => clock.advance(0).then(() => api.pushed))
    .toEqual([{ openid: 'ann', text: 'Cup no. 1 is ready.' }]);
  // The channel cannot push to bob, so he gets the reply when he writes.
  let id = 2;
  const told: string[] = [];
  await expect
    .poll(async () => {
      id += 1;
      told.push(...(await call(again, { user: 'bob', id: `${id}`, text: '?' }, clock.now())));
      return told;
    })
    .toContain('Cup no. 1 is ready.');
  expect(told).toContain('How long shall cup no. 2 steep?');
});

describe.each([
  ['LMDB', true, openFolder],
  ['Redis', server !== undefined, () => openPrefix(server?.url ?? '')],
])('on %s', (name, isThere, open) => {
  test.runIf(!isThere)('skips its tests, because there is no server', () => {
    expect(process.env['CI'], `what CI runs has ${name}`).not.toBe('true');
  });

  test.runIf(isThere)(
    'a conversation and its timer continue in the next process',
    { timeout: 240_000 },
    async () => {
      const api = await startWechatApi(APP_SECRET);
      const env = { ...needed, ...open(), WECHAT_SECRET: APP_SECRET, WECHAT_API: api.url };
      // On a slow machine the first process may still see the timer; it cannot push the reply.
      api.isDown = true;
      const first = await startProgram('fastify-multi', { env });
      const { wechat, json } = frontsOf(await first.listening());
      await deliver(wechat, createText('ann', 'hi'));
      expect(await deliver(wechat, createText('ann', '2 s'))).toBe('I will call you.');
      await call(json, { user: 'ann', id: '1', text: 'hi' });
      expect(await first.end('SIGTERM')).toBe(0);
      await expect(fetch(wechat.url)).rejects.toThrow();
      expect(api.pushed).toEqual([]);

      api.isDown = false;
      const second = await startProgram('fastify-multi', { env });
      const next = frontsOf(await second.listening());
      expect(await call(next.json, { user: 'ann', id: '2', text: '9 min' })).toEqual([
        'I will call you.',
      ]);
      await expect
        .poll(() => api.pushed, { timeout: 90_000 })
        .toEqual([{ openid: 'ann', text: 'Cup no. 1 is ready.' }]);
      await second.end('SIGKILL');

      const third = await startProgram('fastify-multi', { env });
      const last = frontsOf(await third.listening());
      const more = createText('ann', 'one more');
      // The conversation of a dead process is free when its lease runs out; WeChat would deliver again, too.
      await vi.waitFor(
        async () => {
          const answer = await deliver(last.wechat, more);
          // A message that waits for the lease past its deadline is answered by a push.
          const said = [answer, ...api.pushed.map(({ text }) => text)];
          expect(said).toContain('How long shall cup no. 2 steep?');
        },
        { timeout: 90_000, interval: 500 },
      );
      expect(await call(last.json, { user: 'ann', id: '3', text: '?' })).toEqual(['Not yet.']);
      expect(await third.end('SIGTERM')).toBe(0);
      for (const { output } of [first, second, third]) expect(output()).not.toContain('canary');
      // Meanwhile the process may report turns that waited in vain for the lease of the dead process.
      expect(third.output()).toMatch(/^listening on \S+\n(?:leased: .*\n)*stopped\n$/);
    },
  );
});

describe('the program', () => {
  test('names all missing settings at once', async () => {
    const program = await startProgram('fastify-multi');
    expect(await program.exit).toBe(1);
    expect(program.output().match(/^ {2}\w+(?=: .)/gm)).toEqual(
      Object.keys(needed)
        .slice(0, -1)
        .map((name) => `  ${name}`),
    );
  });

  test('ends if its port is taken', async () => {
    const { bot } = await boot(openFolder());
    const env = { ...needed, ...openFolder(), PORT: new URL(bot.url).port };
    const program = await startProgram('fastify-multi', { env });
    expect(await program.exit).toBe(1);
    expect(program.output()).toMatch(/EADDRINUSE/);
    expect(program.output()).not.toMatch(/canary| {4}at /);
  });

  test('has its settings in the README of the examples', () => {
    const readme = readFileSync(new URL('../../examples/README.md', import.meta.url), 'utf8');
    const optional = ['JSON_PUSH_URL', 'REDIS_URL', 'REDIS_PREFIX', 'HOST'];
    for (const name of [...Object.keys(needed), ...optional]) {
      expect(readme).toContain(`\`${name}\``);
    }
  });
});
