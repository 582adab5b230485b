import { createDisk, memory } from 'colloquy/persist/memory';
import { describe, expect, it } from 'vitest';
import { atRest } from '../../../src/internal/async.ts';
import { BrowserPage } from './browser-page.ts';
import { createChatWorld, holdService, openidOf } from './world.ts';

describe('a message of a page', () => {
  it('gets the answer of its turn', async () => {
    const page = createChatWorld().page();
    await page.open();
    const answer = await page.say('hi', 'm7');
    expect(answer).toEqual({
      type: 'answer',
      id: 'm7',
      outcome: 'replied',
      pushed: [],
      replies: [{ id: 'm7/0', reply: { type: 'text', text: 'Echo hi' } }],
    });
  });

  it('counts once, however often it is sent', async () => {
    const page = createChatWorld().page();
    await page.open();
    const first = await page.say('hi', 'm1');
    const again = await page.say('hi', 'm1');
    expect(again).toEqual({ ...first, outcome: 'duplicate' });
    expect(page.shown).toEqual(['> hi', 'Echo hi']);
  });

  it('is seen with its answer by the other pages of the person, in the same order', async () => {
    const { page: open, chat } = createChatWorld();
    const one = open();
    await one.open();
    const other = new BrowserPage(chat, one.jar);
    await other.open();
    const stranger = open();
    await stranger.open();
    await one.say('hi');
    await other.say('ho', 'x1');
    await atRest();
    const both = ['> hi', 'Echo hi', '> ho', 'Echo ho'];
    expect([one.shown, other.shown]).toEqual([both, both]);
    expect(stranger.shown).toEqual([]);
    expect(stranger.events.map(({ type }) => type)).toEqual(['open']);
  });

  it('may be a picture, a file, a place or a button, and is unknown if it is anything else', async () => {
    const page = createChatWorld().page();
    await page.open();
    await page.say({ type: 'message.image', url: 'https://a.example/1.png' });
    await page.say({ type: 'message.file', url: 'https://a.example/1.pdf', name: '1.pdf' });
    await page.say({ type: 'message.location', latitude: 1.5, longitude: 2 });
    await page.say({ type: 'event.payment' } as never);
    expect(page.shown.filter((text) => !text.startsWith('>'))).toEqual([
      'Picture https://a.example/1.png',
      'File https://a.example/1.pdf',
      'At 1.5',
      'What is that?',
    ]);
  });

  it.each([
    { type: 'message.image', url: 'javascript:alert(1)' },
    { type: 'message.image', url: 'data:image/png;base64,AAAA' },
    { type: 'message.file', url: 'file:///etc/passwd' },
    { type: 'message.text', text: 7 },
    { type: 'message.location', latitude: 91, longitude: 0 },
    { type: 'message.action', value: '' },
  ])('is refused where %j is none', async (message) => {
    const { page: open, runner } = createChatWorld();
    const page = open();
    await page.open();
    const response = await page.post({ type: 'message', id: 'm1', message });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ type: 'error', error: 'bad_request' });
    expect(runner.stats().records).toBe(0);
  });
});

describe('what a service brings late', () => {
  it('comes by the stream, behind the first words, and is acknowledged', async () => {
    const { page: open, runner, clock } = createChatWorld({ persister: memory(createDisk()) });
    const release = holdService();
    const page = open();
    await page.open();
    await page.say('look');
    expect(page.shown).toEqual(['> look', 'One moment.']);
    expect(page.events.at(-1)).toMatchObject({ type: 'answer' });
    expect(page.events).toContainEqual({ type: 'typing', isTyping: true });
    release();
    await clock.advance(1);
    expect(page.shown).toEqual(['> look', 'One moment.', 'Found.']);
    expect(page.events).toContainEqual({ type: 'typing', isTyping: false });
    expect((await runner.inspect(openidOf(page)))?.unsent).toBe(0);
  });

  it('never overtakes the first words, however fast the service is', async () => {
    const { page: open, clock } = createChatWorld({ persister: memory(createDisk()) });
    const page = open();
    await page.open();
    await page.say('look');
    await clock.advance(1);
    expect(page.shown).toEqual(['> look', 'One moment.', 'Found.']);
    const order = page.events.map(({ type }) => type).filter((type) => type !== 'typing');
    expect(order).toEqual(['open', 'said', 'answer', 'reply']);
  });

  it('is in the answer, if no stream could bring it', async () => {
    const page = createChatWorld().page();
    await page.hello();
    expect((await page.say('look')).replies.map(({ id }) => id)).toEqual(['m1/0', 'm1/1']);
  });
});

describe('a page', () => {
  it('hears that the connection lives, and learns when it connects whether work is under way', async () => {
    const { page: open, clock, chat } = createChatWorld();
    holdService();
    const page = open();
    await page.open();
    await clock.advance({ seconds: 31 });
    const beats = page.events.filter(({ type }) => type === 'beat');
    expect(beats).toHaveLength(2);
    await page.say('look');
    const other = new BrowserPage(chat, page.jar);
    await other.connect();
    expect(other.events).toEqual([{ type: 'open', isTyping: true, beatMs: 15_000 }]);
  });
});

describe('a `raw` reply', () => {
  it('of another channel is left out and reported; one of the web is as it was said', async () => {
    const { page: open, runner, errors, clock } = createChatWorld();
    const page = open();
    await page.open();
    const openid = openidOf(page);
    await runner.say(openid, { type: 'raw', channel: 'wechat', payload: { a: 1 } });
    await runner.say(openid, { type: 'raw', channel: 'web', payload: { b: 2 } });
    await clock.advance(1);
    expect(page.events.slice(1)).toMatchObject([{ type: 'reply', reply: { payload: { b: 2 } } }]);
    expect(errors).toMatchObject([{ code: 'unsayable_reply', openid }]);
  });
});

describe('a reminder', () => {
  it('comes by the stream, once, to every page of the person', async () => {
    const {
      page: open,
      chat,
      clock,
      errors,
    } = createChatWorld({ persister: memory(createDisk()) });
    const one = open();
    await one.open();
    const other = new BrowserPage(chat, one.jar);
    await other.open();
    await one.say('remind');
    await clock.advance({ minutes: 2 });
    const all = ['> remind', 'I will.', 'Reminder 1', 'Reminder 2'];
    expect([one.shown, other.shown]).toEqual([all, all]);
    expect(errors).toEqual([]);
  });

  it('that falls due while the page is closed is there when it opens again', async () => {
    const { page: open, clock, errors } = createChatWorld({ persister: memory(createDisk()) });
    const page = open();
    await page.open();
    await page.say('remind');
    await page.disconnect();
    await clock.advance({ minutes: 30 });
    expect(page.shown).toEqual(['> remind', 'I will.']);
    await page.open();
    await clock.advance(1);
    expect(page.shown).toEqual(['> remind', 'I will.', 'Reminder 1', 'Reminder 2']);
    const answer = await page.say('hi');
    expect(answer.replies).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  it('is there after the server was killed and started', async () => {
    const disk = createDisk();
    const first = createChatWorld({ persister: memory(disk) });
    const page = first.page();
    await page.open();
    await page.say('remind');
    await first.kill();
    const next = createChatWorld({ persister: memory(disk), clock: first.clock });
    await next.runner.start();
    await next.clock.advance({ minutes: 5 });
    page.chat = next.chat;
    expect(page.isConnected).toBe(false);
    await page.open();
    await next.clock.advance(1);
    expect(page.shown).toEqual(['> remind', 'I will.', 'Reminder 1', 'Reminder 2']);
    await page.say('hi');
    expect(page.shown.slice(-2)).toEqual(['> hi', 'Echo hi']);
    expect(next.errors).toEqual([]);
  });
});
