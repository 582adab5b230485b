import { createWebChat } from 'colloquy/channels/web';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startRunner } from '../drafting.ts';
import { BrowserPage, SECRET } from './browser-page.ts';
import { UiClient } from './ui-client.ts';

/** A web chat over a dialogue whose services the test runs by hand. */
function openChat() {
  const bot = startRunner();
  const chat = createWebChat(bot.runner, {
    secret: SECRET,
    onError: (error) => bot.errors.push(error),
  });
  onTestFinished(() => chat.close());
  return { ...bot, chat, page: () => new BrowserPage(chat) };
}

/** The events of a page that say something, as `(draft)` and `reply`. */
const told = ({ events }: BrowserPage): readonly string[] =>
  events.flatMap((event) => {
    if (event.type === 'draft') return `(${event.text})`;
    if (event.type === 'reply' && event.reply.type === 'text') return event.reply.text;
    if (event.type !== 'answer') return [];
    return event.replies.map(({ reply }) => (reply.type === 'text' ? reply.text : reply.type));
  });

describe('a page', () => {
  it('reads along four times a second, and gets the reply as ever', async () => {
    const { clock, run, page: open, errors } = openChat();
    const page = open();
    await page.open();
    await page.say('ask');
    for (const text of ['It', 'It is', 'It is half', 'It is half past']) {
      await run().draft(text);
      await clock.advance({ milliseconds: 150 });
    }
    await run().end('It is half past nine.');
    await clock.advance({ minutes: 1 });
    expect(told(page)).toEqual(['(It is)', '(It is half past)', 'It is half past nine.']);
    expect(page.shown).toEqual(['> ask', 'It is half past nine.']);
    expect(errors).toEqual([]);
  });

  it('loses the draft of a service that was stopped without a word', async () => {
    const { clock, run, page: open } = openChat();
    const page = open();
    await page.open();
    await page.say('ask');
    await run().draft('It');
    await clock.advance({ seconds: 1 });
    await page.say('stop');
    await clock.advance({ seconds: 3 });
    expect(told(page)).toEqual(['(It)', '()']);
  });

  it('gets the draft again after a reply in an answer, which took its place', async () => {
    const { clock, run, page: open } = openChat();
    const page = open();
    await page.open();
    await page.say('ask');
    await run().draft('It');
    await clock.advance({ seconds: 1 });
    await page.say('hello?');
    await clock.advance({ seconds: 1 });
    expect(told(page)).toEqual(['(It)', 'one moment', '(It)']);
  });

  it('gets it when it connects, unless a reply has taken its place', async () => {
    const { clock, run, page: open } = openChat();
    const page = open();
    await page.open();
    await page.say('ask');
    await run().draft('It');
    await clock.advance({ seconds: 1 });
    const other = new BrowserPage(page.chat, page.jar);
    await other.open();
    await run().end('It is late.');
    await clock.advance({ seconds: 5 });
    const third = new BrowserPage(page.chat, page.jar);
    await third.open();
    expect([told(other), told(third)]).toEqual([['(It)', 'It is late.'], []]);
  });

  it('that reads slowly misses drafts, and keeps its connection', async () => {
    const { clock, run, page: open } = openChat();
    const page = open();
    await page.hello();
    const { body } = await page.get();
    const reader = body?.getReader();
    await page.say('ask');
    for (let at = 0; at < 20; at += 1) {
      await run().draft(`${at} ${'x'.repeat(50_000)}`);
      await clock.advance({ seconds: 1 });
    }
    await run().end('It is late.');
    await clock.advance({ seconds: 1 });
    let text = '';
    while (!text.includes('It is late.')) {
      const { value, done } = (await reader?.read()) ?? { done: true };
      expect(done).toBe(false);
      text += new TextDecoder().decode(value);
    }
    expect(text.match(/"type":"draft"/gu) ?? []).toHaveLength(0);
  });
});

describe('a client of the AI SDK', () => {
  const text = (words: string) => ({ type: 'text', text: words }) as const;

  it('reads along, and the reply continues the draft', async () => {
    const { clock, run, rest, chat } = openChat();
    const client = new UiClient(chat);
    const asking = client.send(text('ask'));
    await rest();
    for (const words of ['It', 'It is half']) {
      await run().draft(words);
      await clock.advance({ seconds: 1 });
    }
    await run().end('It is half past nine.');
    expect(await asking).toEqual([{ ...text('It is half past nine.'), state: 'done' }]);
    expect([...new Set(client.progress)]).toEqual([
      '',
      'It',
      'It is half',
      'It is half past nine.',
    ]);
    expect(client.messages.at(-1)?.metadata).toEqual({ outcome: 'replied' });
  });

  it('learns that a draft is withdrawn, if the text or the reply is another one', async () => {
    const { clock, run, rest, chat } = openChat();
    const client = new UiClient(chat);
    const asking = client.send(text('ask'));
    await rest();
    for (const words of ['It was', 'It is']) {
      await run().draft(words);
      await clock.advance({ seconds: 1 });
    }
    await run().end('I do not know.');
    const withdrawn = { state: 'done', providerMetadata: { colloquy: { withdrawn: true } } };
    expect(await asking).toEqual([
      { ...text('It was'), ...withdrawn },
      { ...text('It is'), ...withdrawn },
      { ...text('I do not know.'), state: 'done' },
    ]);
  });

  it('gets the committed reply alone, where it sends the message again', async () => {
    const { clock, run, rest, chat } = openChat();
    const client = new UiClient(chat);
    const asking = client.send(text('ask'));
    await rest();
    await run().draft('It was');
    await clock.advance({ seconds: 1 });
    await run().end('It is late.');
    await asking;
    expect(await client.regenerate()).toEqual([{ ...text('It is late.'), state: 'done' }]);
  });

  it('gets an answer in time, where the service takes too long', async () => {
    const { clock, run, rest, chat } = openChat();
    const client = new UiClient(chat);
    const asking = client.send(text('ask'));
    await rest();
    await run().draft('It');
    await clock.advance({ seconds: 51 });
    expect(await asking).toMatchObject([{ text: 'It', state: 'done' }]);
    expect(client.messages.at(-1)?.metadata).toEqual({ outcome: 'pending' });
  });
});
