import { createDisk, memory } from 'colloquy/persist/memory';
import { describe, expect, it } from 'vitest';
import { atRest } from '../../../src/internal/async.ts';
import { BrowserPage } from './browser-page.ts';
import { createChatWorld, holdService, openidOf } from './world.ts';

const started = () => createChatWorld({ persister: memory(createDisk()) });

describe('replies that are said at about the same time', () => {
  it('stand in the order in which they were said: an answer has what the stream may bring later', async () => {
    const { page: open, clock } = started();
    const page = open();
    await page.open();
    await page.say('remind');
    // The stream is slow: the page does not see, and does not acknowledge, what is on its way.
    await page.disconnect();
    const slow = await page.get();
    await clock.advance({ seconds: 61 });
    const saying = page.say('hi');
    await clock.advance({ seconds: 3 });
    const { pushed, replies } = await saying;
    expect(pushed.map(({ reply }) => reply)).toEqual([{ type: 'text', text: 'Reminder 1' }]);
    expect(replies).toHaveLength(1);
    await clock.advance(1);
    expect(page.shown).toEqual(['> remind', 'I will.', '> hi', 'Reminder 1', 'Echo hi']);
    await slow.body?.cancel();
    await page.connect();
    await clock.advance(1);
    expect(page.shown.slice(-1)).toEqual(['Reminder 2']);
  });

  it('wait for one another: a message is heard after all that was said before it is shown', async () => {
    const { page: open, clock } = started();
    const page = open();
    await page.open();
    await page.say('remind');
    await page.disconnect();
    await clock.advance({ minutes: 2 });
    // At the same time: the reminders come, and the person writes.
    await Promise.all([page.connect(), page.say('hi')]);
    const replies = page.shown.filter((text) => !text.startsWith('>'));
    expect(replies).toEqual(['I will.', 'Reminder 1', 'Reminder 2', 'Echo hi']);
  });

  it('are in the answer, first, where no page is connected', async () => {
    const { page: open, clock } = started();
    const page = open();
    await page.hello();
    await page.say('remind');
    await clock.advance({ minutes: 2 });
    const { pushed, replies } = await page.say('hi');
    expect([pushed.length, replies.length]).toEqual([0, 3]);
    expect(page.shown.slice(-3)).toEqual(['Reminder 1', 'Reminder 2', 'Echo hi']);
    await page.connect();
    await clock.advance({ minutes: 1 });
    expect(page.shown.slice(-3)).toEqual(['Reminder 1', 'Reminder 2', 'Echo hi']);
  });
});

describe('a reply that no page acknowledges', () => {
  it('is sent again when a page connects, under the same id', async () => {
    const { page: open, chat, clock, errors, runner } = started();
    const frozen = open();
    await frozen.open();
    await frozen.say('remind');
    frozen.acknowledges = false;
    await clock.advance({ minutes: 2 });
    expect(frozen.isConnected).toBe(false);
    expect((await runner.inspect(openidOf(frozen)))?.unsent).toBe(2);
    const other = new BrowserPage(chat, frozen.jar);
    await other.open();
    await clock.advance(1);
    expect(other.shown).toEqual(['Reminder 1', 'Reminder 2']);
    await frozen.open();
    await clock.advance(1);
    expect(frozen.shown).toEqual(['> remind', 'I will.', 'Reminder 1']);
    expect((await runner.inspect(openidOf(frozen)))?.unsent).toBe(0);
    expect(errors).toEqual([]);
  });

  it('is not lost, however long the page is closed within the life of the conversation', async () => {
    const { page: open, clock, errors } = started();
    const page = open();
    await page.open();
    await page.say('remind');
    await page.disconnect();
    await clock.advance({ minutes: 55 });
    await page.open();
    await clock.advance(1);
    expect(page.shown.slice(-2)).toEqual(['Reminder 1', 'Reminder 2']);
    expect(errors).toEqual([]);
  });

  it('reaches a page that connects while it waits', async () => {
    const { page: open, chat, clock } = started();
    const frozen = open();
    await frozen.open();
    await frozen.say('remind');
    frozen.acknowledges = false;
    await clock.advance({ seconds: 62 });
    const other = new BrowserPage(chat, frozen.jar);
    await other.open();
    await clock.advance(1);
    expect(other.shown).toEqual(['Reminder 1', 'Reminder 2']);
    expect(frozen.isConnected).toBe(true);
  });

  it('is not repeated, if a later message says that it was shown', async () => {
    const disk = createDisk();
    const first = createChatWorld({ persister: memory(disk) });
    const page = first.page();
    await page.open();
    await page.say('remind');
    page.acknowledges = false;
    await first.clock.advance({ seconds: 61 });
    const [reply] = page.events.filter(({ type }) => type === 'reply');
    await first.kill();
    const next = createChatWorld({ persister: memory(disk), clock: first.clock });
    await next.runner.start();
    await next.clock.advance({ seconds: 30 });
    page.chat = next.chat;
    const response = await page.post({
      type: 'message',
      id: 'x1',
      message: { type: 'message.text', text: 'hi' },
      shown: [(reply as { id: string }).id],
    });
    const { replies } = (await response.json()) as { replies: readonly { reply: unknown }[] };
    expect(replies.map((each) => each.reply)).toEqual([
      { type: 'text', text: 'Reminder 2' },
      { type: 'text', text: 'Echo hi' },
    ]);
  });
});

describe('a page that is loaded again', () => {
  it('in the middle of a turn gets the answer when it sends the message again', async () => {
    const { page: open, clock } = started();
    const release = holdService();
    const page = open();
    await page.hello();
    const lost = page.say('look', 'm1').catch(() => undefined);
    await atRest();
    release();
    await lost;
    page.shown.length = 0;
    const again = new BrowserPage(page.chat, page.jar);
    await again.open();
    await again.say('look', 'm1');
    await clock.advance(1);
    expect(again.shown).toEqual(['> look', 'One moment.', 'Found.']);
  });

  it('after the server was killed between the turn and its answer gets that answer', async () => {
    const disk = createDisk();
    const first = createChatWorld({ persister: memory(disk) });
    const page = first.page();
    await page.open();
    await page.say('remind', 'm1');
    await first.kill();
    const next = createChatWorld({ persister: memory(disk), clock: first.clock });
    await next.runner.start();
    const again = new BrowserPage(next.chat, page.jar);
    await again.open();
    const answer = await again.say('remind', 'm1');
    expect([answer.outcome, answer.replies.length]).toEqual(['duplicate', 1]);
    expect(again.shown).toEqual(['> remind', 'I will.']);
  });
});

describe('a message that was not taken in', () => {
  it('is answered with 503, and counts when it comes again', async () => {
    const { page: open, runner } = started();
    const page = open();
    await page.open();
    await runner.stop();
    const message = { type: 'message.text', text: 'hi' };
    const response = await page.post({ type: 'message', id: 'm1', message });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await response.json()).toEqual({ type: 'error', error: 'try_again' });
  });
});

describe('two processes over one store', () => {
  it('bring a page what the other one said, within seconds', async () => {
    const disk = createDisk();
    const shared = () => memory(disk, { shared: true });
    const one = createChatWorld({ persister: shared() });
    const other = createChatWorld({ persister: shared(), clock: one.clock });
    const page = one.page();
    await page.open();
    await page.say('hi');
    await other.runner.say(openidOf(page), 'From elsewhere.');
    await one.clock.advance({ seconds: 16 });
    expect(page.shown).toEqual(['> hi', 'Echo hi', 'From elsewhere.']);
    await one.clock.advance({ minutes: 3 });
    expect(page.shown).toHaveLength(3);
    expect([...one.errors, ...other.errors]).toEqual([]);
  });

  it('take an acknowledgement of what the other one sent', async () => {
    const disk = createDisk();
    const shared = () => memory(disk, { shared: true });
    const one = createChatWorld({ persister: shared() });
    const other = createChatWorld({ persister: shared(), clock: one.clock });
    const page = one.page();
    await page.open();
    await page.say('remind');
    // Its stream is with one, and what it posts goes to the other.
    page.chat = other.chat;
    await one.clock.advance({ minutes: 2 });
    expect(page.isConnected).toBe(false);
    await page.open();
    await one.clock.advance({ minutes: 1 });
    expect(page.shown).toEqual(['> remind', 'I will.', 'Reminder 1', 'Reminder 2']);
    expect(page.events.filter(({ type }) => type === 'reply')).toHaveLength(2);
  });
});
