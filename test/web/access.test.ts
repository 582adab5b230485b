import type { BrowserContextOptions } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { canShowPages } from '../support/browser.ts';
import { accessibilityProblems, people } from './browser-pages.ts';
import type { PageOptions } from './page-with.ts';
import { saying, startScriptedBot } from './scripted-bot.ts';

const TABLES = saying((words) =>
  words === 'two'
    ? [{ type: 'text', text: 'A table for two. https://example.com/table' }]
    : [
        {
          type: 'choices',
          text: 'For how many?',
          options: [{ value: 'one' }, { value: 'two' }, { value: 'three', label: 'Three or more' }],
          asking: 'a1',
        },
      ],
);

describe.skipIf(!canShowPages)('the page of the web chat, for everybody', () => {
  const { person } = people();

  it.each<[name: string, options: BrowserContextOptions, page: PageOptions]>([
    ['in light', {}, {}],
    ['in dark', { colorScheme: 'dark' }, {}],
    ['on a phone', { viewport: { width: 360, height: 640 } }, { attributes: 'open' }],
    [
      'on a phone, dark, in Chinese',
      { viewport: { width: 360, height: 640 }, colorScheme: 'dark' },
      { lang: 'zh-CN' },
    ],
    ['in a window of a page', {}, { attributes: 'open title="Tables"' }],
    ['in a box of a page', {}, { attributes: 'layout="box"' }],
    ['with high contrast', { forcedColors: 'active' }, {}],
    ['without motion', { reducedMotion: 'reduce' }, {}],
  ])('has no fault that axe finds %s', async (_name, options, page) => {
    const bot = await startScriptedBot(TABLES, page);
    const ann = await (await person(options)).open(bot.url);
    await ann.say('hi');
    await ann.button('two').click();
    await expect.poll(() => ann.lines()).toHaveLength(4);
    await ann.say('hi');
    await expect.poll(() => ann.lines()).toHaveLength(6);
    bot.send({ type: 'typing', isTyping: true });
    await ann.page.locator('.typing.on').waitFor();
    bot.send({ type: 'draft', text: 'There are' });
    await ann.page.locator('.draft').waitFor();
    // In the colours that it has at the end of its transition.
    await ann.page.evaluate(
      'Promise.all(document.querySelector("colloquy-chat").shadowRoot.getAnimations({ subtree: true }).filter((each) => each instanceof CSSTransition).map((each) => each.finished))',
    );
    expect(await accessibilityProblems(ann.page)).toEqual([]);
  });

  it('is used by the keyboard alone', async () => {
    const bot = await startScriptedBot(TABLES, { attributes: 'title="Tables"' });
    const ann = await (await person()).open(bot.url);
    const { keyboard } = ann.page;
    const focused = () =>
      ann.page.evaluate(
        '(() => { const { activeElement: a } = document.querySelector("colloquy-chat").shadowRoot; return a && (a.ariaLabel ?? (a.textContent || a.localName)); })()',
      );
    await keyboard.press('Tab');
    expect(await focused()).toBe('Open the chat');
    await keyboard.press('Enter');
    expect(await focused()).toBe('textarea');
    await keyboard.type('hi');
    await keyboard.press('Enter');
    await ann.button('two').waitFor();
    // From the field back to the last option, and on to the one before it.
    await keyboard.press('Shift+Tab');
    expect(await focused()).toBe('Three or more');
    await keyboard.press('Shift+Tab');
    await keyboard.press('Space');
    await ann.sees(
      ...['You: hi', 'Answer: For how many?', 'You: two'],
      'Answer: A table for two. https://example.com/table',
    );
    // The button that was pressed keeps the focus, and does nothing more.
    expect(await focused()).toBe('two');
    await keyboard.press('Enter');
    await keyboard.press('Escape');
    expect(await focused()).toBe('Open the chat');
    expect(await ann.page.locator('.window').isVisible()).toBe(false);
    await keyboard.press('Space');
    expect(await ann.lines()).toHaveLength(4);
  });

  it('names what it is made of, and reads what comes, but not what it kept', async () => {
    const bot = await startScriptedBot(TABLES, { attributes: 'layout="page" title="Tables"' });
    const ann = await (await person()).open(bot.url);
    await ann.page.getByRole('region', { name: 'Tables' }).waitFor();
    await ann.page.getByRole('textbox', { name: 'Write a message' }).waitFor();
    await ann.say('hi');
    await ann.page.getByRole('group', { name: 'Answer: For how many?' }).waitFor();
    await expect.poll(() => ann.log.getAttribute('aria-live')).toBe('polite');
    expect(await ann.page.locator('.window').getAttribute('title')).toBe('');
  });

  it('does not send what an input method is still composing', async () => {
    const bot = await startScriptedBot();
    const ann = await (await person()).open(bot.url);
    await ann.input.focus();
    const session = await ann.page.context().newCDPSession(ann.page);
    await session.send('Input.imeSetComposition', {
      text: 'ni hao',
      selectionStart: 6,
      selectionEnd: 6,
    });
    await ann.input.press('Enter');
    expect(await ann.lines()).toEqual([]);
    await session.send('Input.insertText', { text: '你好' });
    expect(await ann.lines()).toEqual([]);
    await ann.input.press('Enter');
    await ann.sees('You: 你好', 'Answer: You said “你好”.');
    expect(await ann.input.inputValue()).toBe('');
  });

  it('begins a new line with Shift and Enter, and sends no empty message', async () => {
    const bot = await startScriptedBot();
    const ann = await (await person()).open(bot.url);
    await ann.input.press('Enter');
    await ann.input.fill('   ');
    await ann.input.press('Enter');
    await ann.input.fill('one');
    await ann.input.press('Shift+Enter');
    await ann.page.keyboard.type('two');
    await ann.input.press('Enter');
    await ann.sees('You: one\ntwo', 'Answer: You said “one\ntwo”.');
  });

  it.each([
    ['zh-CN', '输入消息'],
    ['zh-Hans', '输入消息'],
    ['en-GB', 'Write a message'],
    ['fr', 'Write a message'],
  ])('speaks the language of its page: %s', async (lang, label) => {
    const bot = await startScriptedBot(undefined, { lang });
    const ann = await (await person()).open(bot.url);
    await expect.poll(() => ann.page.getByRole('textbox', { name: label }).count()).toBe(1);
  });

  it.each([
    ['360 pixels', { width: 360, height: 640 }, ':root { font-size: 100% }'],
    ['letters of twice the size', { width: 800, height: 700 }, ':root { font-size: 200% }'],
    ['both', { width: 360, height: 640 }, ':root { font-size: 200% }'],
  ])('needs no scrolling to the side with %s', async (_name, viewport, css) => {
    const bot = await startScriptedBot(
      saying(() => [
        {
          type: 'text',
          text: `${'Donaudampfschifffahrt'.repeat(5)} https://example.com/${'a'.repeat(90)}`,
        },
        {
          type: 'choices',
          text: 'Which?',
          options: [
            {
              value: 'a',
              label: 'An option that has very many words in it, too many for one line',
            },
            { value: 'b'.repeat(80) },
          ],
        },
      ]),
    );
    const ann = await (await person({ viewport, bypassCSP: true })).open(bot.url);
    await ann.page.addStyleTag({ content: css });
    await ann.say('hi');
    await expect.poll(() => ann.page.locator('.option').count()).toBe(2);
    const overflowing = await ann.page
      .locator('.window, .window *')
      .evaluateAll((all) =>
        all
          .filter(
            (each) =>
              each.className !== 'hidden' &&
              each.scrollWidth > each.clientWidth + 1 &&
              each.clientWidth > 0,
          )
          .map((each) => String(each.className)),
      );
    expect(overflowing).toEqual([]);
    await ann.button('Send').click({ trial: true });
  });

  it('counts on its button what came while it was closed', async () => {
    const bot = await startScriptedBot(undefined, { attributes: 'open' });
    const ann = await (await person()).open(bot.url);
    await ann.say('hi');
    await ann.sees('You: hi', 'Answer: You said “hi”.');
    await ann.button('Close the chat').click();
    bot.send({ type: 'reply', id: 'r1', reply: { type: 'text', text: 'Are you still there?' } });
    await ann.button('Open the chat (New messages: 1)').click();
    await ann.sees('You: hi', 'Answer: You said “hi”.', 'Answer: Are you still there?');
    await ann.button('Close the chat').click();
    await ann.button('Open the chat').waitFor();
  });

  it('asks the server for nothing before a visitor opens it', async () => {
    const bot = await startScriptedBot(undefined, { attributes: '' });
    const ann = await (await person()).open(bot.url);
    await ann.button('Open the chat').waitFor();
    expect(bot.posted).toEqual([]);
    await ann.button('Open the chat').click();
    await expect.poll(() => bot.posted.map(({ type }) => type)).toEqual(['hello']);
  });

  it('does not move what a visitor reads, and says that there is more', async () => {
    const bot = await startScriptedBot(saying(() => [{ type: 'text', text: 'word\n'.repeat(80) }]));
    const ann = await (await person()).open(bot.url);
    const fromEnd = () =>
      ann.log.evaluate((log) => Math.round(log.scrollHeight - log.scrollTop - log.clientHeight));
    await ann.say('hi');
    await expect.poll(() => ann.lines()).toHaveLength(2);
    await expect.poll(fromEnd).toBeLessThan(2);
    // Also to somebody who scrolls by a little at a time.
    for (let step = 0; step < 30; step += 1) {
      await ann.log.evaluate((log) => (log.scrollTop -= 30));
    }
    await expect.poll(fromEnd).toBeGreaterThan(500);
    bot.send({ type: 'reply', id: 'r1', reply: { type: 'text', text: 'One more.' } });
    await ann.button('New messages').click();
    await expect.poll(fromEnd).toBeLessThan(2);
  });
});
