import { createContextStore, createRunner, formatReply, setupDialogue } from 'colloquy';
import { createWebhook } from 'colloquy/channels/webhook';
import { wechat } from 'colloquy/channels/wechat';
import { createManualClock } from 'colloquy/testing';
import { expect, it, onTestFinished } from 'vitest';
import { fromPromise } from 'xstate';
import { TOKEN, push, xml } from './pushes.ts';

interface Call {
  readonly path: string;
  readonly token: string | null;
  readonly data: unknown;
}

/** An account, and what it sent to WeChat; each call is answered in turn, then with `{ errcode: 0 }`. */
function account(answers: readonly object[] = [], prefix = '') {
  const calls: Call[] = [];
  const left = [...answers];
  let made = 0;
  const channel = wechat({
    token: TOKEN,
    prefix,
    push: {
      accessToken: { get: async () => `t${made}`, renew: async () => `t${(made += 1)}` },
      async fetch(url, { body }) {
        const { pathname: path, searchParams } = new URL(url);
        calls.push({ path, token: searchParams.get('access_token'), data: JSON.parse(body) });
        return Response.json(left.shift() ?? { errcode: 0, errmsg: 'ok' });
      },
    },
  });
  const { signal } = new AbortController();
  const typing = async (openid: string): Promise<void> => channel.typing?.(openid, { signal });
  return { channel, calls, typing };
}

it('an account types by the customer-service interface', async () => {
  const { calls, typing } = account([], 'wechat:shop:');
  await typing('wechat:shop:openid-1');
  expect(calls).toEqual([
    {
      path: '/cgi-bin/message/custom/typing',
      token: 't0',
      data: { touser: 'openid-1', command: 'Typing' },
    },
  ]);
});

it('an account types with the next token after one that is refused', async () => {
  const { calls, typing } = account([{ errcode: 42_001, errmsg: 'expired' }]);
  await typing('openid-1');
  expect(calls.map(({ token }) => token)).toEqual(['t0', 't1']);
});

it('an account that types already does so', async () => {
  const { typing } = account([{ errcode: 45_081, errmsg: 'already typing' }]);
  await expect(typing('openid-1')).resolves.toBeUndefined();
});

it.each([
  ['the user said nothing for 30 seconds', 45_080],
  ['the account has not the right', 48_001],
  ['the user wrote too long ago', 45_015],
])('an account does not type where %s', async (_what, errcode) => {
  const { typing } = account([{ errcode, errmsg: 'no' }]);
  await expect(typing('openid-1')).rejects.toMatchObject({
    name: 'DeliveryError',
    details: { reason: errcode },
  });
});

it.each([
  ['', 'telegram:1:101'],
  ['', ''],
  ['wechat:shop:', 'openid-1'],
  ['wechat:shop:', 'wechat:shop:'],
])('an account with the prefix "%s" does not type for "%s"', async (prefix, openid) => {
  const { calls, typing } = account([], prefix);
  await expect(typing(openid)).rejects.toMatchObject({ code: 'unknown_openid' });
  expect(calls).toEqual([]);
});

it('a webhook types again when WeChat has taken it off, for as long as WeChat lets it', async () => {
  const clock = createManualClock();
  const startedAt = clock.now();
  const typedAt: number[] = [];
  const { channel, calls } = account([{ errcode: 0 }, { errcode: 0 }, { errcode: 45_080 }]);
  const { createDialogue, reply } = setupDialogue({
    types: {} as { context: object },
    actors: {
      work: fromPromise(
        () =>
          new Promise<string>((resolve) => void clock.wake(startedAt + 60_000, () => resolve(''))),
      ),
    },
  });
  const worker = createDialogue({
    id: 'worker',
    context: {},
    initial: 'ready',
    states: {
      ready: { on: { 'message.text': 'working' } },
      working: { invoke: { src: 'work', onDone: { target: 'ready', actions: reply('done') } } },
    },
  });
  const store = createContextStore({ clock });
  const runner = createRunner(worker, { store });
  const noted = {
    ...channel,
    typing: async (...[openid, options]: Parameters<NonNullable<typeof channel.typing>>) => {
      typedAt.push((clock.now() - startedAt) / 1000);
      await channel.typing?.(openid, options);
    },
  };
  const handler = createWebhook(runner, noted, { clock, typing: true });
  onTestFinished(() => store.close());
  const said: string[] = [];
  runner.on('reply', ({ reply: each }) => void said.push(formatReply(each)));
  const answering = handler(push(xml()));
  await clock.advance({ minutes: 2 });
  expect((await answering).status).toBe(200);
  expect(typedAt).toEqual([0.3, 15.3, 30.3]);
  expect(said).toEqual(['done']);
  expect(calls.map(({ path }) => path)).toEqual([
    ...Array<string>(3).fill('/cgi-bin/message/custom/typing'),
    '/cgi-bin/message/custom/send',
  ]);
});
