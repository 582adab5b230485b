import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Reply } from '../../src/reply.ts';
import { canShowPages } from '../support/browser.ts';
import { accessibilityProblems, people } from './browser-pages.ts';
import { chatScript } from './chat-script.ts';
import { ECHO, WELCOME, answerTo, json, saying, startScriptedBot } from './scripted-bot.ts';

const QUESTION: Reply = {
  type: 'choices',
  text: 'Which tea?',
  options: [{ value: 'green', label: 'Green tea' }, { value: 'black' }],
  asking: 'a1',
};

it('the script of the page has at most 15 kB, compressed', async () => {
  expect(gzipSync(await chatScript(), { level: 9 }).length).toBeLessThan(15_000);
});

describe.skipIf(!canShowPages)('the page of the web chat', () => {
  const { person } = people();

  it('shows what is said and what is answered, and has both after a reload', async () => {
    const bot = await startScriptedBot();
    const ann = await (await person()).open(bot.url);
    await ann.say('hi');
    await ann.sees('You: hi', 'Answer: You said “hi”.');
    await ann.say('<b>two</b>\nlines & more');
    const lines = [
      'You: hi',
      'Answer: You said “hi”.',
      'You: <b>two</b>\nlines & more',
      'Answer: You said “<b>two</b>\nlines & more”.',
    ];
    await ann.sees(...lines);
    await ann.page.reload();
    await ann.sees(...lines);
  });

  it('keeps nothing with memory="none"', async () => {
    const bot = await startScriptedBot(ECHO, { attributes: 'layout="page" memory="none"' });
    const ann = await (await person()).open(bot.url);
    await ann.say('hi');
    await ann.sees('You: hi', 'Answer: You said “hi”.');
    expect(await ann.page.evaluate('localStorage.length')).toBe(0);
    await ann.page.reload();
    await ann.sees();
  });

  it('shows nothing of a person to the next one', async () => {
    const bot = await startScriptedBot();
    const ann = await (await person()).open(bot.url);
    await ann.say('hi');
    await ann.sees('You: hi', 'Answer: You said “hi”.');
    bot.behave((request) =>
      request.type === 'hello' ? json({ ...WELCOME, user: 'other', isNew: true }) : ECHO(request),
    );
    await ann.page.reload();
    await ann.say('hello');
    await ann.sees('You: hello', 'Answer: You said “hello”.');
    expect(await ann.page.evaluate('JSON.stringify({ ...localStorage })')).not.toContain('“hi”');
  });

  it('keeps the last 200 entries', async () => {
    const bot = await startScriptedBot();
    const ann = await (await person()).open(bot.url);
    await ann.say('hi');
    await ann.sees('You: hi', 'Answer: You said “hi”.');
    for (let index = 0; index < 210; index += 1) {
      const reply: Reply = { type: 'text', text: `No. ${index}` };
      bot.send({ type: 'reply', id: `r${index}`, reply });
    }
    await expect.poll(async () => (await ann.lines()).at(-1)).toBe('Answer: No. 209');
    const lines = await ann.lines();
    expect([lines.length, lines[0]]).toEqual([200, 'Answer: No. 10']);
    await ann.page.reload();
    await expect.poll(() => ann.lines()).toEqual(lines);
  });

  it('takes 20 messages that wait; more stay in the field', async () => {
    const bot = await startScriptedBot((request) =>
      request.type === 'hello' ? json(WELCOME) : new Promise<Response>(() => undefined),
    );
    const ann = await (await person()).open(bot.url);
    for (let index = 1; index <= 21; index += 1) await ann.say(`No. ${index}`);
    await ann.seesNotice('Too many messages are waiting to be sent. Please wait a moment.');
    expect([(await ann.lines()).length, await ann.input.inputValue()]).toEqual([20, 'No. 21']);
  });

  it('presses a button for the question that offered it, once', async () => {
    const bot = await startScriptedBot(
      saying((words) => (words === 'hi' ? [QUESTION] : [{ type: 'text', text: `${words}!` }])),
    );
    const ann = await (await person()).open(bot.url);
    await ann.say('hi');
    await ann.button('Green tea').click();
    await ann.sees('You: hi', 'Answer: Which tea?', 'You: Green tea', 'Answer: green!');
    const message = { type: 'message.action', value: 'green', label: 'Green tea', asking: 'a1' };
    expect(bot.posted).toContainEqual(expect.objectContaining({ message }));
    await ann.button('black').click({ force: true });
    await ann.page.reload();
    await ann.button('black').click({ force: true });
    expect(await ann.button('Green tea').getAttribute('aria-pressed')).toBe('true');
    await ann.say('thanks');
    await ann.sees(
      ...['You: hi', 'Answer: Which tea?', 'You: Green tea', 'Answer: green!'],
      ...['You: thanks', 'Answer: thanks!'],
    );
  });

  it('disables the buttons of a question that is answered in words, asked again, or over', async () => {
    let asked = 0;
    const bot = await startScriptedBot((request) => {
      if (request.type !== 'message') return ECHO(request);
      if (request.message.type === 'message.action') return json(answerTo(request.id, [], 'stale'));
      asked += 1;
      return json(answerTo(request.id, [{ ...QUESTION, asking: `a${asked}` }]));
    });
    const ann = await (await person()).open(bot.url);
    const disabled = () =>
      ann.page
        .locator('.option')
        .evaluateAll((buttons) => buttons.map((each) => each.getAttribute('aria-disabled')));
    await ann.say('hi');
    await expect.poll(disabled).toEqual([null, null]);
    await ann.say('some words');
    await expect.poll(disabled).toEqual(['true', 'true', null, null]);
    await ann.button('black').last().click();
    await ann.seesNotice('This question is over.');
    expect(await disabled()).toEqual(['true', 'true', 'true', 'true']);
  });

  it('sends a message again under its id until it is answered, in order, also after a reload', async () => {
    const bot = await startScriptedBot((request) =>
      request.type === 'message'
        ? json({ type: 'error', error: 'try_again' }, { status: 503 })
        : ECHO(request),
    );
    const ann = await (await person({}, /status of 503/u)).open(bot.url);
    await ann.say('one');
    await ann.say('two');
    await expect
      .poll(() => bot.posted.filter(({ type }) => type === 'message').length)
      .toBeGreaterThan(1);
    await ann.page.reload();
    await ann.sees('You: one', 'You: two');
    bot.behave(ECHO);
    await ann.sees('You: one', 'You: two', 'Answer: You said “one”.', 'Answer: You said “two”.');
    const ids = bot.posted.flatMap((each) => (each.type === 'message' ? [each.id] : []));
    expect(new Set(ids).size).toBe(2);
    expect(ids.toSorted((a, b) => ids.indexOf(a) - ids.indexOf(b))).toEqual(ids);
  });

  it('sends nothing before its stream is open, by which comes what was said before', async () => {
    const bot = await startScriptedBot();
    bot.streaming('held');
    const ann = await (await person()).open(bot.url);
    await ann.page.clock.install();
    await ann.page.reload();
    await ann.say('one');
    await expect.poll(() => bot.posted.filter(({ type }) => type === 'hello').length).toBe(2);
    await ann.page.clock.runFor(2500);
    expect(bot.posted.some(({ type }) => type === 'message')).toBe(false);
    bot.streaming('open');
    await ann.sees('You: one', 'Answer: You said “one”.');
  });

  it('sends nothing from the end of its stream until the next one is open', async () => {
    const bot = await startScriptedBot();
    const ann = await (await person({}, /INCOMPLETE_CHUNKED/u)).open(bot.url);
    await ann.say('one');
    await ann.sees('You: one', 'Answer: You said “one”.');
    bot.streaming('held');
    bot.cut();
    await expect.poll(() => bot.posted.filter(({ type }) => type === 'hello').length).toBe(2);
    await ann.say('two');
    await ann.sees('You: one', 'Answer: You said “one”.', 'You: two');
    expect(bot.posted.filter(({ type }) => type === 'message').length).toBe(1);
    bot.streaming('open');
    await ann.sees('You: one', 'Answer: You said “one”.', 'You: two', 'Answer: You said “two”.');
  });

  it.each(['held', 'refused'] as const)('sends messages where streams are %s', async (how) => {
    const bot = await startScriptedBot();
    bot.streaming(how);
    const ann = await (await person({}, /status of 502/u)).open(bot.url);
    await ann.say('hi');
    await ann.sees('You: hi', 'Answer: You said “hi”.');
  });

  it('sends at once what is said where each stream ends at once', async () => {
    const bot = await startScriptedBot();
    bot.streaming('short');
    const ann = await (await person()).open(bot.url);
    await ann.page.clock.install();
    await ann.page.reload();
    for (let seconds = 0; seconds < 60; seconds += 1) await ann.page.clock.runFor(1000);
    // From here on, the page does not try again by itself.
    await ann.page.clock.pauseAt(Date.now() + 61_000);
    await ann.say('hi');
    await ann.sees('You: hi', 'Answer: You said “hi”.');
  });

  it('does not take for sent what the server has heard and not answered', async () => {
    const bot = await startScriptedBot();
    let attempts = 0;
    bot.behave((request) => {
      if (request.type !== 'message') return ECHO(request);
      bot.send({ type: 'said', id: request.id, message: request.message });
      attempts += 1;
      if (attempts > 1) return ECHO(request);
      return json({ type: 'error', error: 'try_again' }, { status: 503 });
    });
    const ann = await (await person({}, /status of 503/u)).open(bot.url);
    await ann.say('hi');
    await ann.sees('You: hi', 'Answer: You said “hi”.');
  });

  it('waits as long as a 429 asks for', async () => {
    let refused = 0;
    const bot = await startScriptedBot((request) => {
      if (request.type !== 'message' || refused > 0) return ECHO(request);
      refused = Date.now();
      return json(
        { type: 'error', error: 'too_many' },
        { status: 429, headers: { 'retry-after': '2' } },
      );
    });
    const ann = await (await person({}, /status of 429/u)).open(bot.url);
    await ann.say('hi');
    await expect.poll(() => refused).toBeGreaterThan(0);
    await ann.say('you');
    await ann.sees('You: hi', 'You: you', 'Answer: You said “hi”.', 'Answer: You said “you”.');
    expect(Date.now() - refused).toBeGreaterThanOrEqual(1900);
  });

  it('says hello with growing pauses in a browser that keeps no cookies', async () => {
    const bot = await startScriptedBot((request) =>
      request.type === 'hello'
        ? json(WELCOME)
        : json({ type: 'error', error: 'no_session' }, { status: 401 }),
    );
    const ann = await (await person({}, /status of 401/u)).open(bot.url);
    await ann.page.clock.install();
    await ann.say('hi');
    const hellos = () => bot.posted.filter(({ type }) => type === 'hello').length;
    for (let seconds = 0; seconds < 20; seconds += 1) await ann.page.clock.runFor(1000);
    await expect.poll(hellos).toBeGreaterThan(2);
    expect(hellos()).toBeLessThan(12);
    bot.behave(ECHO);
    for (let seconds = 0; seconds < 40; seconds += 1) await ann.page.clock.runFor(1000);
    await ann.sees('You: hi', 'Answer: You said “hi”.');
  });

  it('says that a message was refused, and sends it again when it is asked to', async () => {
    const bot = await startScriptedBot((request) =>
      request.type === 'message'
        ? json({ type: 'error', error: 'bad_request' }, { status: 400 })
        : ECHO(request),
    );
    const ann = await (await person({}, /status of 400/u)).open(bot.url);
    await ann.say('hi');
    await expect.poll(() => ann.page.locator('.note').textContent()).toContain('Not sent.');
    bot.behave(ECHO);
    await ann.button('Send again').click();
    await ann.sees('You: hi', 'Answer: You said “hi”.');
    expect(await ann.page.locator('.note').count()).toBe(0);
  });

  it('says that it is offline, and sends what was written when it is back', async () => {
    const bot = await startScriptedBot();
    const somebody = await person({}, /INTERNET_DISCONNECTED|INCOMPLETE_CHUNKED/u);
    const ann = await somebody.open(bot.url);
    await ann.say('one');
    await ann.sees('You: one', 'Answer: You said “one”.');
    await somebody.offline(true);
    bot.cut();
    await ann.say('two');
    await ann.seesNotice('You are offline. Your messages will be sent when you are back.');
    await somebody.offline(false);
    await ann.sees('You: one', 'Answer: You said “one”.', 'You: two', 'Answer: You said “two”.');
    await ann.seesNotice('');
  });

  it('shows a reply of the stream once, and acknowledges it each time it comes', async () => {
    const bot = await startScriptedBot();
    const ann = await (await person()).open(bot.url);
    await ann.say('hi');
    await ann.sees('You: hi', 'Answer: You said “hi”.');
    const reply = {
      type: 'reply' as const,
      id: 'r1',
      reply: { type: 'text' as const, text: 'Tea?' },
    };
    const acks = () =>
      bot.posted.filter((each) => each.type === 'ack' && each.shown.includes('r1'));
    bot.send(reply);
    await expect.poll(() => acks().length).toBe(1);
    bot.send(reply);
    await expect.poll(() => acks().length).toBe(2);
    await ann.sees('You: hi', 'Answer: You said “hi”.', 'Answer: Tea?');
  });

  it('says with each message which replies of the stream it has shown, also after a reload: the server may have been killed', async () => {
    const bot = await startScriptedBot();
    const ann = await (await person()).open(bot.url);
    await ann.say('one');
    await ann.sees('You: one', 'Answer: You said “one”.');
    const posted = (type: string) =>
      bot.posted.flatMap((each) => (each.type === type && 'shown' in each ? [each.shown] : []));
    bot.send({ type: 'reply', id: 'r1', reply: { type: 'text', text: 'Tea?' } });
    await expect.poll(() => posted('ack')).toEqual([['r1']]);
    await ann.say('two');
    await expect.poll(() => posted('message')).toEqual([['r1']]);
    // A page that is loaded again before the answer is there would say it again.
    await ann.page.getByText('You said “two”.').waitFor();
    await ann.page.reload();
    await ann.say('three');
    await expect.poll(() => posted('message')).toEqual([['r1'], ['r1']]);
  });

  it('shows that a reply is being made', async () => {
    const bot = await startScriptedBot();
    const ann = await (await person()).open(bot.url);
    const typing = ann.page.getByText('Writing…');
    await ann.say('hi');
    await ann.sees('You: hi', 'Answer: You said “hi”.');
    bot.send({ type: 'typing', isTyping: true });
    await typing.waitFor({ state: 'attached' });
    bot.send({ type: 'typing', isTyping: false });
    await typing.waitFor({ state: 'detached' });
  });

  it('shows the text of a reply that is being made below all others, until the reply is there', async () => {
    const bot = await startScriptedBot();
    const ann = await (await person({}, /INCOMPLETE_CHUNKED/u)).open(bot.url);
    const draft = ann.page.locator('.draft');
    await ann.say('hi');
    await ann.sees('You: hi', 'Answer: You said “hi”.');
    for (const texts of [['It <b>is'], ['It <b>is</b> late'], []]) {
      bot.send({ type: 'draft', text: texts.join('') });
      await expect.poll(() => draft.allTextContents()).toEqual(texts);
    }
    bot.send({ type: 'draft', text: 'It is la' });
    await draft.waitFor();
    bot.send({ type: 'reply', id: 'r1', reply: { type: 'text', text: 'It is late.' } });
    await ann.sees('You: hi', 'Answer: You said “hi”.', 'Answer: It is late.');
    expect(await draft.isVisible()).toBe(false);
    bot.send({ type: 'draft', text: 'Or is' });
    await draft.waitFor();
    await ann.say('hi');
    await draft.waitFor({ state: 'hidden' });
    bot.send({ type: 'draft', text: 'Once more' });
    await draft.waitFor();
    bot.cut();
    await draft.waitFor({ state: 'hidden' });
  });

  it('keeps the end in sight of a person who reads along', async () => {
    const bot = await startScriptedBot();
    const ann = await (await person()).open(bot.url);
    await ann.say('hi');
    await ann.sees('You: hi', 'Answer: You said “hi”.');
    bot.send({ type: 'draft', text: `${'A long story.\n'.repeat(100)}The end` });
    await ann.page.locator('.draft').waitFor();
    const isAtEnd = () =>
      ann.page.evaluate(
        '(() => { const log = document.querySelector("colloquy-chat").shadowRoot.querySelector(".log"); return log.scrollHeight - log.scrollTop - log.clientHeight < 2; })()',
      );
    await expect.poll(isAtEnd).toBe(true);
  });

  it('keeps two tabs of a person in step, whichever of them says something', async () => {
    const bot = await startScriptedBot();
    bot.behave((request) => {
      if (request.type !== 'message') return ECHO(request);
      bot.send({ type: 'said', id: request.id, message: request.message });
      const answer = answerTo(request.id, [{ type: 'text', text: 'Noted.' }]);
      bot.send(answer);
      return json(answer);
    });
    const somebody = await person();
    const [one, other] = [await somebody.open(bot.url), await somebody.open(bot.url)];
    await one.say('from one');
    await other.sees('You: from one', 'Answer: Noted.');
    await other.say('from the other');
    const lines = ['You: from one', 'Answer: Noted.', 'You: from the other', 'Answer: Noted.'];
    await one.sees(...lines);
    await other.sees(...lines);
    await one.page.reload();
    await one.sees(...lines);
  });

  it('lets its stream go while it is hidden, and has all of it when it is seen again', async () => {
    const bot = await startScriptedBot();
    const ann = await (await person()).open(bot.url);
    await ann.page.clock.install();
    await ann.page.reload();
    const turn = (state: string) =>
      ann.page.evaluate(
        `Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true }); document.dispatchEvent(new Event('visibilitychange'));`,
      );
    await expect.poll(() => bot.streams).toBe(1);
    await turn('hidden');
    await ann.page.clock.fastForward(30_000);
    expect(bot.streams).toBe(1);
    await ann.page.clock.fastForward(31_000);
    await expect.poll(() => bot.streams).toBe(0);
    await turn('visible');
    await expect.poll(() => bot.streams).toBe(1);
  });

  it('takes on the messages of a tab that was closed before it could send them', async () => {
    const bot = await startScriptedBot();
    const somebody = await person({}, /status of 503/u);
    const [one, other] = [await somebody.open(bot.url), await somebody.open(bot.url)];
    await one.say('one');
    await one.sees('You: one', 'Answer: You said “one”.');
    bot.behave((request) =>
      request.type === 'message'
        ? json({ type: 'error', error: 'try_again' }, { status: 503 })
        : ECHO(request),
    );
    await one.say('two');
    await expect.poll(() => bot.posted.at(-1)?.type).toBe('message');
    await one.page.close();
    bot.behave(ECHO);
    await other.sees('You: one', 'Answer: You said “one”.', 'You: two', 'Answer: You said “two”.');
  });
});

describe.skipIf(!canShowPages)('what a bot says on the page', () => {
  const { person } = people();

  it('is shown in each kind of reply', async () => {
    const replies: readonly Reply[] = [
      { type: 'text', text: 'See https://example.com/a?b=c.' },
      { type: 'image', url: 'data:image/png;base64,AAAA', alt: 'A cup' },
      { type: 'image', mediaId: 'm1' },
      { type: 'voice', url: 'https://example.com/a.mp3' },
      { type: 'video', url: 'https://example.com/a.mp4', title: 'A film' },
      { type: 'music', url: 'https://example.com/a.mp3', title: 'A song' },
      {
        type: 'news',
        articles: [{ title: 'News', url: 'https://example.com/n', description: 'More of it' }],
      },
      { type: 'handoff' },
      { type: 'raw', channel: 'wechat', payload: {} },
      { type: 'hologram' } as unknown as Reply,
    ];
    const bot = await startScriptedBot(saying(() => replies));
    const ann = await (await person({}, /Failed to load resource|ERR_/u)).open(bot.url);
    await ann.say('hi');
    await ann.sees(
      'You: hi',
      'Answer: See https://example.com/a?b=c.',
      'Answer: A cup',
      'Answer: [Picture]',
      'Answer: ',
      'Answer: A film',
      'Answer: A song',
      'Answer: NewsMore of it',
      'Answer: A person will take over this conversation.',
      'Answer: This message cannot be shown here.',
      'Answer: This message cannot be shown here.',
    );
    const links = await ann.page
      .locator('.bubble a')
      .evaluateAll((found) => found.map((each) => each.getAttribute('href')));
    expect(links).toEqual(['https://example.com/a?b=c', 'https://example.com/n']);
    expect(await accessibilityProblems(ann.page)).toEqual([]);
  });

  const ATTACKS = [
    '<img src=x onerror="window.ran = 1">',
    '"><script>window.ran = 1</script>',
    "javascript:window.ran = 1//'",
    'https://example.com/" onmouseover="window.ran = 1',
    '\u0000</textarea><svg onload=window.ran=1>',
    'data:text/html,<script>window.ran = 1</script>',
  ];

  it.each(ATTACKS)('never runs: %j', async (attack) => {
    const bot = await startScriptedBot(
      saying(() => [
        { type: 'text', text: attack },
        { type: 'image', url: attack, alt: attack },
        { type: 'voice', url: attack },
        { type: 'video', url: attack, title: attack, description: attack },
        { type: 'music', url: attack, title: attack, description: attack },
        {
          type: 'news',
          articles: [{ title: attack, url: attack, description: attack, imageUrl: attack }],
        },
        {
          type: 'choices',
          text: attack,
          options: [{ value: attack, label: attack }, { value: 'b' }],
          asking: attack,
        },
      ]),
      { attributes: `layout="page" title="${attack.replaceAll('"', '&quot;')}"` },
    );
    const ann = await (await person({}, /Failed to load|ERR_|Content Security/u)).open(bot.url);
    await ann.say(attack);
    await expect.poll(() => ann.page.locator('.options').count()).toBe(1);
    await ann.page.locator('.option').first().click();
    await ann.page.reload();
    await expect.poll(() => ann.page.locator('.options').count()).toBeGreaterThan(0);
    await ann.page
      .locator('.bubble *')
      .evaluateAll((found) => found.forEach((each) => each.dispatchEvent(new Event('mouseover'))));
    expect(await ann.page.evaluate('window.ran')).toBeUndefined();
    const addresses = await ann.page
      .locator('.window :is([href], [src])')
      .evaluateAll((found) =>
        found.map((each) => each.getAttribute('href') ?? each.getAttribute('src') ?? ''),
      );
    expect(addresses.filter((address) => !/^https?:/u.test(address))).toEqual([]);
    expect(await ann.page.locator('.window script').count()).toBe(0);
  });
});
