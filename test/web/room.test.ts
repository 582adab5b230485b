import { describe, expect, it } from 'vitest';
import { canShowPages } from '../support/browser.ts';
import { accessibilityProblems, people } from './browser-pages.ts';
import type { ChatPage } from './chat-page.ts';
import { startServer } from './killed-server.ts';

const NAMES = ['Ann', 'Bob', 'Carl'] as const;
type Name = (typeof NAMES)[number];

/** What each person said, as a window shows it, and what the bot said, but for the ten seconds that may pass. */
async function seenBy(name: Name, window: ChatPage): Promise<Readonly<Record<string, string[]>>> {
  const lines = await window.lines();
  const after = (prefix: string): string[] =>
    lines.flatMap((line) => (line.startsWith(prefix) ? line.slice(prefix.length) : []));
  const said = NAMES.map((each) => [each, after(each === name ? 'You: ' : `${each}: `)]);
  const bot = after('Answer: ').filter((text) => text !== 'Ten seconds left.');
  return Object.fromEntries([...said, ['bot', bot]]) as Record<string, string[]>;
}

describe.skipIf(!canShowPages)('a quiz in three windows', () => {
  const { person } = people();

  it('has in each of them all that was said, once and in order, though the server is killed in the middle', async () => {
    const server = await startServer('test/web/quiz.fixture.ts');
    const open = async (id: string): Promise<ChatPage> => {
      const options = { extraHTTPHeaders: { 'x-user': id } };
      return (await person(options, /ERR_|Failed to load/u)).open(server.url);
    };
    const [ann, bob, carl] = [await open('ann'), await open('bob'), await open('carl')];
    const windows = { Ann: ann, Bob: bob, Carl: carl };
    const all = Object.values(windows);
    const allSee = (text: string): Promise<unknown> =>
      Promise.all(
        all.map((each) =>
          expect.poll(() => each.lines()).toEqual(expect.arrayContaining([`Answer: ${text}`])),
        ),
      );
    /** Kills the server while somebody does something, and starts it again. */
    const killDuring = async (...does: readonly (() => Promise<unknown>)[]): Promise<void> => {
      const killed = server.kill();
      for (const each of does) await each();
      await killed;
      await server.start();
      await Promise.all(all.map(({ page }) => page.evaluate('dispatchEvent(new Event("online"))')));
    };

    await ann.say('hello everybody');
    await allSee('A quiz! Say “join” to play, and “start” when all are there.');
    await ann.say('join');
    await allSee('Welcome, Ann!');
    await killDuring(
      () => bob.say('join'),
      () => carl.say('good luck'),
    );
    await allSee('Welcome, Bob!');
    await ann.say('start');
    await allSee('Which planet is the largest?');
    await ann.button('Jupiter').click();
    await killDuring(
      () => bob.button('Mars').click(),
      () => carl.say('hm'),
    );
    await allSee('The answer: Jupiter.\nAnn: 1\nBob: 0');
    await killDuring();
    await allSee('Which of them has eight legs?');
    await Promise.all([ann.say('spider'), bob.say('spider'), carl.say('easy')]);
    await killDuring(() => carl.say('well done'));
    await allSee('The answer: spider.\nAnn: 2\nBob: 1');
    await allSee('Where is the Eiffel Tower?');
    await bob.button('Paris').click();
    await killDuring(() => ann.say('Paris'));
    await allSee('The game is over.\nAnn: 3\nBob: 2');

    const seen = {
      Ann: ['hello everybody', 'join', 'start', 'Jupiter', 'spider', 'Paris'],
      Bob: ['join', 'Mars', 'spider', 'Paris'],
      Carl: ['good luck', 'hm', 'easy', 'well done'],
      bot: [
        'A quiz! Say “join” to play, and “start” when all are there.',
        ...['Welcome, Ann!', 'Welcome, Bob!'],
        ...['Which planet is the largest?', 'The answer: Jupiter.\nAnn: 1\nBob: 0'],
        ...['Which of them has eight legs?', 'The answer: spider.\nAnn: 2\nBob: 1'],
        ...['Where is the Eiffel Tower?', 'The answer: Paris.\nAnn: 3\nBob: 2'],
        'The game is over.\nAnn: 3\nBob: 2',
      ],
    };
    for (const name of NAMES) {
      await expect.poll(() => seenBy(name, windows[name])).toEqual(seen);
      expect(await accessibilityProblems(windows[name].page)).toEqual([]);
    }
  }, 180_000);
});
