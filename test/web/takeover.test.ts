import { describe, expect, it } from 'vitest';
import { canShowPages } from '../support/browser.ts';
import { people } from './browser-pages.ts';
import type { ChatPage } from './chat-page.ts';
import { type KilledServer, startServer } from './killed-server.ts';

/** The server, and the windows of two customers and an operator. */
interface Office {
  readonly server: KilledServer;
  readonly ann: ChatPage;
  readonly carl: ChatPage;
  readonly bob: ChatPage;
}

interface Lines {
  readonly said: readonly string[];
  readonly read: readonly string[];
}

/** What somebody said, and what they read, each in the order of their window. */
async function linesOf(window: ChatPage): Promise<Lines> {
  const lines = await window.lines();
  const after = (prefix: string): string[] =>
    lines.flatMap((line) => (line.startsWith(prefix) ? line.slice(prefix.length) : []));
  return { said: after('You: '), read: after('Answer: ') };
}

const BEGUN =
  'You are talking with Ann. “/back” gives the conversation back to the bot, “/leave” leaves it to another operator.';

/** Numbered messages, so that one that comes twice, or too late, is seen. */
const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name} ${index + 1}`);

describe.skipIf(!canShowPages)('two customers and an operator, in three windows', () => {
  const { person } = people();

  async function openOffice(): Promise<Office> {
    const server = await startServer('test/web/office.fixture.ts');
    const open = async (id: string, path = ''): Promise<ChatPage> => {
      const options = { extraHTTPHeaders: { 'x-user': id } };
      return (await person(options, /ERR_|Failed to load/u)).open(server.url + path);
    };
    const ann = await open('ann');
    const carl = await open('carl');
    const bob = await open('bob', 'desk');
    return { server, ann, carl, bob };
  }

  const everybodySays = ({ ann, carl, bob }: Office, count: number): Promise<unknown> =>
    Promise.all([ann.say(`ann ${count}`), bob.say(`bob ${count}`), carl.say(`carl ${count}`)]);

  /** The windows do not wait until they connect again. */
  const hurry = ({ ann, carl, bob }: Office): Promise<unknown> =>
    Promise.all(
      [ann, carl, bob].map(({ page }) => page.evaluate('dispatchEvent(new Event("online"))')),
    );

  /** Ann asks for a person, Bob takes her, and the bot answers Carl. */
  async function begin({ ann, carl, bob }: Office): Promise<void> {
    await ann.say('human');
    await bob.button('Ann').click();
    await expect.poll(async () => (await linesOf(bob)).read.at(-1)).toContain(BEGUN);
    await carl.say('hi');
    await carl.sees('You: hi', 'Answer: bot: hi');
  }

  /** Waits until all of it has arrived, gives Ann back to the bot, and looks into all windows. */
  async function end(
    { ann, carl, bob }: Office,
    count: number,
  ): Promise<{ readonly before: readonly Lines[]; readonly after: readonly Lines[] }> {
    const wait = { timeout: 90_000 };
    await expect.poll(async () => (await linesOf(ann)).read, wait).toContain(`bob ${count}`);
    await expect.poll(async () => (await linesOf(bob)).read, wait).toContain(`Ann: ann ${count}`);
    await expect.poll(async () => (await linesOf(carl)).read, wait).toContain(`bot: carl ${count}`);
    await bob.say('/back refund');
    await expect
      .poll(async () => (await linesOf(ann)).read, wait)
      .toContain('The bot is back: returned.');
    await expect
      .poll(async () => (await linesOf(bob)).read, wait)
      .toContain('The bot has Ann again.');
    await ann.say('thanks');
    await expect.poll(async () => (await linesOf(ann)).read, wait).toContain('bot: thanks');
    const windows = [ann, bob, carl];
    const before = await Promise.all(windows.map(linesOf));
    await Promise.all(windows.map(({ page }) => page.reload()));
    const after = await Promise.all(windows.map(linesOf));
    return { before, after };
  }

  /** What is in the windows of Ann, Bob and Carl if each message is there once and in order. */
  function linesAfter(count: number): readonly Lines[] {
    const annSaid = numbered('ann', count);
    const bobSaid = numbered('bob', count);
    const carlSaid = numbered('carl', count);
    return [
      {
        said: ['human', ...annSaid, 'thanks'],
        read: ['One moment, please.', ...bobSaid, 'The bot is back: returned.', 'bot: thanks'],
      },
      {
        said: ['Ann', ...bobSaid, '/back refund'],
        read: [
          'Who do you take?',
          `${BEGUN}\nBot: order 7`,
          ...annSaid.map((text) => `Ann: ${text}`),
          'The bot has Ann again.',
        ],
      },
      { said: ['hi', ...carlSaid], read: ['bot: hi', ...carlSaid.map((text) => `bot: ${text}`)] },
    ];
  }

  it('have every message once and in order, though the server is killed while messages are under way', async () => {
    const office = await openOffice();
    const { server, ann, bob } = office;
    await begin(office);
    // When the server is killed: two messages of each are under way, or one has just arrived.
    const moments = [
      async () => {},
      async () => expect.poll(() => ann.lines()).toContain('Answer: bob 3'),
      async () => expect.poll(() => bob.lines()).toContain('Answer: Ann: ann 5'),
    ];
    let count = 0;
    for (const moment of moments) {
      await everybodySays(office, (count += 1));
      await moment();
      const killed = server.kill();
      await everybodySays(office, (count += 1));
      await killed;
      await server.start();
      await hurry(office);
    }
    const { before, after } = await end(office, count);
    expect(before).toEqual(linesAfter(count));
    expect(after).toEqual(before);
  }, 180_000);

  it.each([
    ['after', [3, 1, 4, 2, 5, 3]],
    ['before', [-3, -2, -4, -2, -5, -3]],
  ])(
    'have it, though the server dies again and again right %s a write',
    async (_when, deaths) => {
      const office = await openOffice();
      const { server } = office;
      await begin(office);
      await server.kill();
      let count = 0;
      for (const death of deaths) {
        await everybodySays(office, (count += 1));
        await server.start(String(death));
        await hurry(office);
        await server.died();
      }
      await server.start();
      await hurry(office);
      const { before, after } = await end(office, count);
      expect(before).toEqual(linesAfter(count));
      expect(after).toEqual(before);
    },
    180_000,
  );
});
