import { type Reply, createContextStore, createRunner, formatReply, setupDialogue } from 'colloquy';
import { jsonWebhook } from 'colloquy/channels/json';
import { slack } from 'colloquy/channels/slack';
import { telegram } from 'colloquy/channels/telegram';
import { type Pace, type WebhookOptions, createWebhook } from 'colloquy/channels/webhook';
import { wecom } from 'colloquy/channels/wecom';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Channel } from '../../src/channels/channel.ts';
import { Pacer } from '../../src/channels/pacing.ts';
import { atRest } from '../../src/internal/async.ts';
import { textChannel } from './stubs.ts';

const words = setupDialogue({ types: {} as { context: object } });
const deaf = words.createDialogue({ id: 'deaf', context: {}, on: { 'message.*': {} } });

interface Options {
  readonly paces: (openid: string, reply: Reply) => readonly Pace[];
  readonly pace?: WebhookOptions['pace'];
  readonly disk?: ReturnType<typeof createDisk>;
  readonly clock?: ReturnType<typeof createManualClock>;
}

/** A bot whose channel notes what it pushes, and when. */
function open({ paces, pace = true, disk = createDisk(), clock = createManualClock() }: Options) {
  const startedAt = clock.now();
  const pushed: { at: number; openid: string; text: string }[] = [];
  const errors: unknown[] = [];
  const store = createContextStore({ persister: memory(disk), clock, age: 1e7 });
  const runner = createRunner(deaf, { store });
  const close = async (): Promise<void> => {
    await runner.stop();
    await store.close();
  };
  onTestFinished(close);
  runner.on('error', ({ error }) => errors.push(error));
  const channel: Channel = {
    ...textChannel(),
    pace: paces,
    async push(openid, reply) {
      pushed.push({ at: clock.now() - startedAt, openid, text: formatReply(reply) });
    },
  };
  createWebhook(runner, channel, { pace });
  const say = (name: string, text: string): Promise<boolean> =>
    runner.say(`${channel.prefix}${name}`, text);
  return { clock, runner, pushed, errors, say, close, disk };
}

const inChat = (openid: string): readonly Pace[] => [{ key: openid, count: 1, perMs: 1000 }];

describe('a webhook that keeps to the limits of its platform', () => {
  it('pushes at once while there is room, and else in order, each as soon as there is', async () => {
    const { clock, pushed, say, runner, errors } = open({ paces: inChat });
    for (const text of ['1', '2', '3']) await say('ann', text);
    await say('bob', '1');
    await clock.advance(0);
    expect(pushed.map(({ at, text }) => `${text} ${at}`)).toEqual(['1 0', '1 0']);
    await clock.advance(10_000);
    expect(pushed.map(({ at, text }) => `${text} ${at}`)).toEqual([
      '1 0',
      '1 0',
      '2 1000',
      '3 2000',
    ]);
    expect((await runner.inspect(pushed[0]?.openid ?? ''))?.unsent).toBe(0);
    expect(errors).toEqual([]);
  });

  it('holds no lane while a push waits: the next message is answered', async () => {
    const { clock, pushed, say, runner } = open({ paces: inChat });
    for (const text of ['1', '2']) await say('ann', text);
    await clock.advance(0);
    const openid = pushed[0]?.openid ?? '';
    expect((await runner.handle(openid, 'hi')).outcome).toBe('silent');
    expect(pushed).toHaveLength(1);
    await clock.advance(1000);
    expect(pushed).toHaveLength(2);
  });

  it('leaves what would wait for long in its record, without a try or an error, over a restart too', async () => {
    const rates = { count: 2, perMs: 60_000 };
    const first = open({ paces: () => [{ key: 'bot', ...rates }] });
    const { clock, disk } = first;
    for (const name of ['a', 'b', 'c', 'd', 'e']) await first.say(name, 'News!');
    await clock.advance(4000);
    expect(first.pushed).toHaveLength(2);
    expect(first.errors).toEqual([]);
    await first.close();
    const next = open({ paces: () => [{ key: 'bot', ...rates }], disk, clock });
    await next.runner.start();
    await clock.advance({ minutes: 3 });
    expect(next.errors).toEqual([]);
    const all = [...first.pushed, ...next.pushed].map(({ openid }) => openid);
    expect(new Set(all).size).toBe(5);
    expect(all).toHaveLength(5);
  });

  it('asks for room once, however much is said to the user meanwhile, and keeps the order', async () => {
    let asked = 0;
    const { clock, pushed, say } = open({
      paces: () => {
        asked += 1;
        return [{ key: 'bot', count: 1, perMs: 60_000 }];
      },
    });
    await say('ann', '1');
    await say('bob', '1');
    await clock.advance(0);
    for (const text of ['2', '3']) {
      await say('bob', text);
      await clock.advance(1);
    }
    expect(asked).toBe(2);
    await clock.advance({ minutes: 6 });
    const ofBob = pushed.slice(1).map(({ text }) => text);
    expect(ofBob).toEqual(['1', '2', '3']);
  });

  it('spreads what it sends back over the time that it needs, and gives none up', async () => {
    const { clock, pushed, errors, say } = open({
      paces: () => [{ key: 'bot', count: 10, perMs: 1000 }],
    });
    const users = Array.from({ length: 1000 }, (_, index) => `u${index}`);
    for (const name of users) await say(name, 'News!');
    await clock.advance({ seconds: 300 });
    expect(errors).toEqual([]);
    expect(new Set(pushed.map(({ openid }) => openid)).size).toBe(1000);
    expect(pushed).toHaveLength(1000);
    // A hundred seconds are the least that there could be.
    expect(pushed.at(-1)?.at).toBeLessThan(200_000);
  });

  it('counts each message of a reply that goes out in several', async () => {
    const { clock, pushed, say } = open({
      paces: (openid) => [{ key: openid, count: 1, perMs: 1000, cost: 3 }],
    });
    await say('ann', 'long');
    await say('ann', 'next');
    await clock.advance(10_000);
    expect(pushed.map(({ at }) => at)).toEqual([0, 3000]);
  });

  it('takes its share of the limits where several processes push', async () => {
    for (const [share, rates, expected] of [
      [0.5, { count: 4, perMs: 1000 }, [0, 0, 1000, 1000]],
      [0.5, { count: 1, perMs: 1000 }, [0, 2000, 4000, 6000]],
      [1 / 3, { count: 4, perMs: 1000 }, [0, 750, 1500, 2250]],
    ] as const) {
      const { clock, pushed, say } = open({
        paces: () => [{ key: 'bot', ...rates }],
        pace: { share },
      });
      for (const text of ['1', '2', '3', '4']) await say('ann', text);
      await clock.advance(20_000);
      expect(pushed.map(({ at }) => at)).toEqual(expected);
    }
  });

  it('never goes over a limit, keeps the order of a chat, and says everything once', async () => {
    const says = fc.array(
      fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 900 }), fc.integer({ min: 1, max: 2 })),
      { maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(says, async (list) => {
        const limits = {
          chat: { count: 1, perMs: 1000 },
          group: { count: 5, perMs: 20_000 },
          bot: { count: 3, perMs: 1000 },
        };
        const { clock, pushed, say, errors } = open({
          paces: (openid) => [
            { key: `group ${openid}`, ...limits.group },
            { key: `chat ${openid}`, ...limits.chat },
            { key: 'bot', ...limits.bot },
          ],
        });
        const said = new Map<string, string[]>();
        for (const [index, [who, pauseMs, parts]] of list.entries()) {
          for (let part = 0; part < parts; part += 1) {
            const text = `${index}.${part}`;
            await say(`u${who}`, text);
            said.set(`u${who}`, [...(said.get(`u${who}`) ?? []), text]);
          }
          await clock.advance(pauseMs);
        }
        await clock.advance({ minutes: 20 });
        expect(errors).toEqual([]);
        const users = [...new Set(pushed.map(({ openid }) => openid))];
        const byUser = users.map((user) => pushed.filter(({ openid }) => openid === user));
        const all = byUser.map((of) => of.map(({ text }) => text).join());
        const expected = [...said.values()].map((of) => of.join());
        expect(all.toSorted()).toEqual(expected.toSorted());
        const within = (of: typeof pushed, { count, perMs }: { count: number; perMs: number }) =>
          of.every(({ at }, index) => at - (of[index - count]?.at ?? -Infinity) >= perMs);
        expect(within(pushed, limits.bot)).toBe(true);
        for (const of of byUser) {
          expect(within(of, limits.chat)).toBe(true);
          expect(within(of, limits.group)).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  it('is refused on a channel that knows of no limits, and with a share that is none', () => {
    const runner = createRunner(deaf);
    onTestFinished(() => runner.stop());
    const json = jsonWebhook({ secret: 'shared' });
    expect(() => createWebhook(runner, json, { pace: true })).toThrow(
      expect.objectContaining({ code: 'cannot_pace' }) as Error,
    );
    const bot = telegram({ token: '1:a', secret: 'secretOfSetWebhook' });
    for (const share of [0, -1, 1.1, Number.NaN, '1']) {
      expect(() => createWebhook(runner, bot, { pace: { share } as never })).toThrow(
        expect.objectContaining({ code: 'bad_option' }) as Error,
      );
    }
  });
});

it('counts ten thousand limits, and begins again with the one that was used least recently', async () => {
  const clock = createManualClock();
  const pacer = new Pacer({ clock, share: 1 });
  const send = (key: string): Promise<void> =>
    pacer.take('ann', [{ key, count: 1, perMs: 1_000_000 }]);
  await send('first');
  await expect(send('first')).rejects.toMatchObject({ code: 'paced' });
  for (let index = 0; index < 10_000; index += 1) await send(`chat ${index}`);
  await send('first');
});

describe('the limits that a platform publishes', () => {
  const hello: Reply = { type: 'text', text: 'Hello.' };
  const long: Reply = { type: 'text', text: 'x'.repeat(9000) };

  it('are, on Telegram, 30 a second for the bot, one a second for a chat, 20 a minute for a group', () => {
    const bot = telegram({ token: '1:a', secret: 'secretOfSetWebhook' });
    const chat = { count: 1, perMs: 1000, cost: 1 };
    expect(bot.pace?.('telegram:1:7:7', hello)).toEqual([
      { key: 'chat 7', ...chat },
      { key: 'bot', count: 30, perMs: 1000, cost: 1 },
    ]);
    expect(bot.pace?.('telegram:1:-9.4:7', hello)).toEqual([
      { key: 'group -9', count: 20, perMs: 60_000, cost: 1 },
      { key: 'chat -9', ...chat },
      { key: 'bot', count: 30, perMs: 1000, cost: 1 },
    ]);
    expect(bot.pace?.('telegram:1:7:7', long)[0]).toMatchObject({ cost: 3 });
  });

  it('are, on Slack, one a second for a channel', () => {
    const app = slack({ signingSecret: 'x'.repeat(32), token: 'xoxb-1' });
    expect(app.pace?.('slack:T1:C1:U1', hello)).toEqual([
      { key: 'T1:C1', count: 1, perMs: 1000, cost: 1 },
    ]);
  });

  it('are, on WeCom, 30 a minute and 1000 an hour for a member', () => {
    const app = wecom({
      corpId: 'corp',
      agentId: 1,
      token: 'token',
      encodingAESKey: 'a'.repeat(43),
      push: { accessToken: { get: async () => 'token', renew: async () => 'token' } },
    });
    expect(app.pace?.('wecom:corp:1:ann', hello)).toEqual([
      { key: 'hour wecom:corp:1:ann', count: 1000, perMs: 3_600_000, cost: 1 },
      { key: 'minute wecom:corp:1:ann', count: 30, perMs: 60_000, cost: 1 },
    ]);
  });
});

it('a broadcast through a paced webhook is said once to everyone', async () => {
  const { clock, runner, pushed, errors } = open({
    paces: () => [{ key: 'bot', count: 5, perMs: 1000 }],
  });
  for (let index = 0; index < 60; index += 1) await runner.handle(`text:u${index}`, 'hi');
  const call = runner.broadcast(() => true, 'News!', { id: 'news', perSecond: 1000 });
  await clock.advance({ minutes: 2 });
  await atRest();
  expect(await call).toMatchObject({ said: 60, done: true });
  expect(pushed).toHaveLength(60);
  expect(new Set(pushed.map(({ openid }) => openid)).size).toBe(60);
  expect(errors).toEqual([]);
});
