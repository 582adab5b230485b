import { setupDialogue, text } from 'colloquy';
import { createManualClock } from 'colloquy/testing';
import { fromPromise } from 'xstate';
import { describe, expect, it, onTestFinished } from 'vitest';
import { canShowPages } from '../support/browser.ts';
import { people } from './browser-pages.ts';
import { counting } from './counting.ts';
import { startServer } from './killed-server.ts';
import { type WebBotOptions, type WebBot, startWebBot } from './web-bot.ts';

async function start(
  ...args: [dialogue: Parameters<typeof startWebBot>[0], options?: WebBotOptions]
): Promise<WebBot> {
  const bot = await startWebBot(...args);
  onTestFinished(() => bot.close());
  return bot;
}

/** What is seen of messages that each counted once, and in this order. */
function counted(...texts: readonly string[]): string[] {
  return texts.flatMap((text, index) => [`You: ${text}`, `Answer: ${index + 1}: ${text}`]);
}

describe.skipIf(!canShowPages)('a chat in the browser', () => {
  const { person } = people();

  it('is another conversation for each person', async () => {
    const bot = await start(counting);
    const [ann, bob] = [await (await person()).open(bot.url), await (await person()).open(bot.url)];
    await ann.say('one');
    await bob.say('eins');
    await ann.sees(...counted('one'));
    await ann.say('two');
    await ann.sees(...counted('one', 'two'));
    await bob.sees(...counted('eins'));
    await bob.page.reload();
    await bob.sees(...counted('eins'));
    await bob.say('zwei');
    await bob.sees(...counted('eins', 'zwei'));
    await ann.sees(...counted('one', 'two'));
  });

  it('is the same conversation in each tab of a person', async () => {
    const bot = await start(counting);
    const ann = await person();
    const one = await ann.open(bot.url);
    await one.say('one');
    await one.sees(...counted('one'));
    const other = await ann.open(bot.url);
    await other.sees(...counted('one'));
    await other.say('two');
    await one.sees(...counted('one', 'two'));
    await one.say('three');
    for (const tab of [one, other]) await tab.sees(...counted('one', 'two', 'three'));
  });

  it('has a reminder that fell due while its page was closed', async () => {
    const clock = createManualClock();
    const { ask, createDialogue, done } = setupDialogue({
      types: {} as { context: { name?: string } },
    });
    const asking = createDialogue({
      id: 'asking',
      context: {},
      initial: 'name',
      states: {
        name: ask({
          question: 'Your name?',
          parse: text(),
          assign: 'name',
          target: 'hello',
          timeout: { after: { minutes: 10 }, say: 'Are you still there?' },
        }),
        hello: done(({ context }) => `Hello, ${context.name}.`),
      },
    });
    const bot = await start(asking, { clock });
    const somebody = await person();
    const ann = await somebody.open(bot.url);
    await ann.say('hi');
    await ann.sees('You: hi', 'Answer: Your name?');
    await ann.page.close();
    await clock.advance(600_000);
    const again = await somebody.open(bot.url);
    const lines = ['You: hi', 'Answer: Your name?', 'Answer: Are you still there?'];
    await again.sees(...lines);
    await again.page.reload();
    await again.say('Ann');
    await again.sees(...lines, 'You: Ann', 'Answer: Hello, Ann.');
  });

  it('shows that a service runs, and what it brings, also to a page that was loaded meanwhile', async () => {
    let finish: (text: string) => void = () => undefined;
    const { createDialogue, reply } = setupDialogue({
      actors: {
        look: fromPromise<string>(() => new Promise<string>((resolve) => (finish = resolve))),
      },
    });
    const looking = createDialogue({
      id: 'looking',
      context: {},
      initial: 'open',
      states: {
        open: { on: { 'message.text': 'looking' } },
        looking: {
          entry: reply('One moment.'),
          invoke: {
            src: 'look',
            onDone: { target: 'open', actions: reply(({ event }) => event.output) },
          },
        },
      },
    });
    const bot = await start(looking, { chat: { answerMs: 500 } });
    const ann = await (await person()).open(bot.url);
    await ann.say('hi');
    await ann.page.getByText('Writing…').waitFor({ state: 'attached' });
    await ann.page.reload();
    await ann.page.getByText('Writing…').waitFor({ state: 'attached' });
    finish('Here it is.');
    await ann.sees('You: hi', 'Answer: One moment.', 'Answer: Here it is.');
    await ann.page.getByText('Writing…').waitFor({ state: 'detached' });
  });

  it('has every message once and in order, though its server is killed in the middle', async () => {
    const server = await startServer('test/web/lmdb-bot.fixture.ts');
    const ann = await (await person({}, /ERR_|Failed to load/u)).open(server.url);
    await ann.say('one');
    await ann.sees(...counted('one'));
    await ann.say('two');
    const killed = server.kill();
    await ann.say('three');
    await killed;
    await ann.say('four');
    await ann.seesNotice('The connection was lost. Connecting again…');
    await server.start();
    await expect.poll(() => ann.lines(), { timeout: 45_000 }).toContain('Answer: 4: four');
    await ann.say('five');
    await expect.poll(() => ann.lines()).toContain('Answer: 5: five');
    const lines = await ann.lines();
    const said = ['one', 'two', 'three', 'four', 'five'];
    expect(lines.filter((line) => line.startsWith('You'))).toEqual(
      said.map((each) => `You: ${each}`),
    );
    expect(lines.filter((line) => line.startsWith('Answer'))).toEqual(
      said.map((each, index) => `Answer: ${index + 1}: ${each}`),
    );
    await ann.page.reload();
    await ann.sees(...lines);
  });
});
