import { createManualClock } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { TokenBuckets } from '../../../src/channels/web/token-buckets.ts';
import { atRest } from '../../../src/internal/async.ts';
import { stubRunner } from '../stubs.ts';
import { createWebChat } from 'colloquy/channels/web';
import { BrowserPage, HOST } from './browser-page.ts';
import { createChatWorld } from './world.ts';

describe('the rate of a person', () => {
  it('is limited: what is too much is refused with the time to wait, and counts nothing', async () => {
    const { page: open, clock, runner } = createChatWorld({ rate: { perMinute: 6, burst: 2 } });
    const page = open();
    await page.open();
    await page.say('1');
    await page.say('2');
    const message = { type: 'message.text', text: '3' };
    const refused = await page.post({ type: 'message', id: 'x3', message });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '10']);
    expect(await refused.json()).toEqual({ type: 'error', error: 'too_many' });
    const other = open();
    await other.open();
    await other.say('of another person');
    await clock.advance({ seconds: 10 });
    expect((await page.say('3', 'x3')).outcome).toBe('replied');
    expect(runner.stats().records).toBe(2);
  });

  it('is limited for acknowledgements and streams as well', async () => {
    const page = createChatWorld({ rate: { perMinute: 1, burst: 1 } }).page();
    await page.open();
    const statuses: number[] = [];
    for (let index = 0; index < 10; index += 1) {
      statuses.push((await page.post({ type: 'ack', shown: ['r1'] })).status);
    }
    expect(statuses).toEqual([204, 204, 204, 204, 204, 204, 204, 204, 204, 429]);
    expect((await page.get()).status).toBe(429);
  });

  it('of new sessions is limited for each address', async () => {
    const { page: open, clock } = createChatWorld({
      rate: { sessionsPerMinute: 2 },
      getAddress: ({ headers }) => headers.get('x-address') ?? undefined,
    });
    const statusOf = async (address: string): Promise<number> =>
      (await open().post({ type: 'hello' }, { 'x-address': address })).status;
    expect([await statusOf('a'), await statusOf('a'), await statusOf('a')]).toEqual([
      200, 200, 429,
    ]);
    expect(await statusOf('b')).toBe(200);
    await clock.advance({ seconds: 30 });
    expect(await statusOf('a')).toBe(200);
  });

  it('is forgotten of the one who was counted longest ago, behind 10 000 others', () => {
    const buckets = new TokenBuckets({ clock: createManualClock(), perMinute: 1, burst: 1 });
    expect(buckets.take('ann')).toBe(0);
    for (let index = 0; index < 9999; index += 1) buckets.take(`user${index}`);
    expect(buckets.take('ann')).toBe(60_000);
    for (let index = 0; index < 10_000; index += 1) buckets.take(`other${index}`);
    expect(buckets.take('ann')).toBe(0);
  });
});

describe('a body', () => {
  it('that is longer than 256 KiB is refused', async () => {
    const page = createChatWorld().page();
    await page.open();
    const bodyOf = (length: number): string => {
      const start = '{"type":"message","id":"m","message":{"type":"message.text","text":"';
      return `${start}${'x'.repeat(length - start.length - 3)}"}}`;
    };
    expect((await page.post(bodyOf(256 * 1024))).status).toBe(200);
    const refused = await page.post(bodyOf(256 * 1024 + 1));
    expect([refused.status, await refused.json()]).toEqual([
      413,
      { type: 'error', error: 'too_large' },
    ]);
  });
});

describe('the stream of a page', () => {
  it('ends for the page that connected first, where a person opens a ninth', async () => {
    const { page: open, chat } = createChatWorld();
    const first = open();
    await first.open();
    const others = Array.from({ length: 8 }, () => new BrowserPage(chat, first.jar));
    for (const page of others) await page.open();
    expect(first.isConnected).toBe(false);
    expect(others.map(({ isConnected }) => isConnected)).not.toContain(false);
  });

  it('ends where the page reads too slowly, and holds up no other page', async () => {
    const { page: open, chat } = createChatWorld();
    const page = open();
    await page.open();
    const slow = await page.get();
    const text = 'x'.repeat(100_000);
    for (let index = 0; index < 5; index += 1) await page.say(text);
    await expect(slow.text()).rejects.toThrow('too slowly');
    await atRest();
    expect(page.isConnected).toBe(true);
    chat.close();
  });

  it('is refused beyond 10 000 connected persons', async () => {
    const getUser = ({ headers }: Request): string => headers.get('x-user') ?? '';
    const chat = createWebChat(stubRunner(), { getUser, clock: createManualClock() });
    const connect = (user: string): Promise<Response> =>
      chat(
        new Request(`${HOST}/chat`, { headers: { accept: 'text/event-stream', 'x-user': user } }),
      );
    const last = await connect('user0');
    for (let index = 1; index < 10_000; index += 1) await connect(`user${index}`);
    const refused = await connect('another');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    await last.body?.cancel();
    expect((await connect('another')).status).toBe(200);
    chat.close();
  });
});
