import { createDisk, memory } from 'colloquy/persist/memory';
import { describe, expect, it } from 'vitest';
import { BrowserPage } from './browser-page.ts';
import { createChatWorld } from './world.ts';

describe('a page that opens', () => {
  it('is greeted where the dialogue speaks first, once', async () => {
    const { page: open, clock } = createChatWorld({ greet: true });
    const page = open();
    const welcome = await page.open();
    expect(welcome).toMatchObject({
      type: 'welcome',
      isNew: true,
      replies: [{ reply: { type: 'text', text: 'Welcome!' } }],
    });
    await clock.advance({ minutes: 5 });
    await page.disconnect();
    expect(await page.open()).toMatchObject({ isNew: false, replies: [], user: welcome.user });
    expect(page.shown).toEqual(['Welcome!']);
  });

  it('is not greeted without the option, and nothing is stored', async () => {
    const { page: open, runner } = createChatWorld();
    expect(await open().open()).toMatchObject({ isNew: true, replies: [] });
    expect(runner.stats().records).toBe(0);
  });

  it('gets the same greeting in two tabs that open at once, and if the first welcome was lost', async () => {
    const { page: open, chat, runner } = createChatWorld({ greet: true, getUser: () => 'ann' });
    let turns = 0;
    runner.on('turn', ({ outcome }) => {
      if (outcome === 'replied') turns += 1;
    });
    const [one, other] = [open(), new BrowserPage(chat)];
    await Promise.all([one.open(), other.open()]);
    const third = new BrowserPage(chat);
    await third.open();
    for (const { shown } of [one, other, third]) expect(shown).toEqual(['Welcome!']);
    expect(turns).toBe(1);
  });

  it('gets the same greeting where the minute ends between the two', async () => {
    const { page: open, chat, clock } = createChatWorld({ greet: true, getUser: () => 'ann' });
    await clock.advance(60_000 - (clock.now() % 60_000) + 59_900);
    const lost = open();
    await lost.open();
    await clock.advance(200);
    const again = new BrowserPage(chat);
    await again.open();
    expect(again.shown).toEqual(lost.shown);
    expect(again.shown).toEqual(['Welcome!']);
  });

  it('is greeted again when nothing is left of the conversation', async () => {
    const { page: open, clock } = createChatWorld({
      greet: true,
      persister: memory(createDisk()),
    });
    const page = open();
    const { user } = await page.open();
    await clock.advance({ hours: 48 });
    expect(await page.open()).toMatchObject({ isNew: true, user, replies: [{}] });
    expect(page.shown).toEqual(['Welcome!', 'Welcome!']);
  });

  it('has a name for its person that is no key of theirs', async () => {
    const { page: open } = createChatWorld();
    const [page, other] = [open(), open()];
    const { user } = await page.hello();
    expect(user).toMatch(/^[\w-]{22}$/u);
    expect([...page.jar.cookies.values()].join()).not.toContain(user);
    expect((await other.hello()).user).not.toBe(user);
  });
});
