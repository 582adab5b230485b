import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { converse, playTranscript } from 'colloquy/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createShop } from '../../examples/takeover/dialogue.ts';
import { operatorsIn } from '../../examples/takeover/operators.ts';
import { startBot } from '../../examples/takeover/server.ts';
import { canShowPages } from '../support/browser.ts';
import { startProgram } from '../support/program.ts';
import { people } from '../web/browser-pages.ts';

const folder = fileURLToPath(new URL('../../examples/takeover/', import.meta.url));

function environment(): Record<string, string> {
  const data = mkdtempSync(join(tmpdir(), 'colloquy-takeover-'));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  return { DATA: data, PORT: '0', SECRET: 'a secret of the test', OPERATORS: 'bob:a password' };
}

describe('the transcripts', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.chat'));

  test('are there', () => expect(names).not.toEqual([]));

  test.each(names)('%s is what happens', async (name) => {
    const transcript = readFileSync(folder + name, 'utf8');
    const { text } = await playTranscript(
      transcript,
      createShop(() => {}),
    );
    expect(text).toBe(transcript);
  });
});

test('an operator reads what the customer writes, over a crash, and the customer what the operator answers', async () => {
  const chat = converse(createShop(() => {}));
  const bob = chat.operator('bob');
  for (const said of ['hi', 'person', 'Ann', 'My tea is mouldy.']) await chat.say(said);
  expect(bob.notes).toMatchObject([{ kind: 'waiting', name: 'Ann' }]);
  await bob.take();
  expect(await bob.say('Oh! Which one?')).toEqual(['Oh! Which one?']);
  await chat.crash();
  await chat.say('The green one.');
  expect(bob.heard).toEqual(['My tea is mouldy.', 'The green one.']);
  expect(await bob.giveBack('refund')).toEqual(['You get your money back within a week.']);
  chat.expectState('over');
});

test('an operator who says nothing for ten minutes leaves the customer to the bot', async () => {
  const chat = converse(createShop(() => {}));
  for (const said of ['hi', 'person', 'Ann', 'Hello?']) await chat.say(said);
  await chat.operator('bob').take();
  expect(await chat.advance({ minutes: 10 })).toEqual([
    'Sorry, nobody has time now. Please call us: 555 0100.',
  ]);
});

test.each(['', 'bob', 'bob:short', 'bob:a password,:another one'])(
  'no desk is opened for %j',
  (list) => {
    expect(() => operatorsIn(list)).toThrow('OPERATORS has names and passwords');
  },
);

test('the program serves the shop to all and the desk to operators, and ends', async () => {
  const program = await startProgram('takeover', { env: environment() });
  const url = await program.listening();
  expect(await (await fetch(url)).text()).toContain('<colloquy-chat endpoint="/chat"');
  const desk = async (password: string): Promise<number> => {
    const authorization = `Basic ${Buffer.from(`bob:${password}`).toString('base64')}`;
    return (await fetch(`${url}/desk`, { headers: { authorization } })).status;
  };
  expect(await desk('a password')).toBe(200);
  expect(await desk('a guess, no more')).toBe(401);
  const body = JSON.stringify({ type: 'hello' });
  const headers = { 'content-type': 'application/json' };
  const hello = await fetch(`${url}/desk/chat`, { method: 'POST', headers, body });
  expect(hello.status).toBe(401);
  expect(await program.end('SIGTERM')).toBe(0);
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

describe.skipIf(!canShowPages)('the two pages', () => {
  const { person } = people();

  test('have what the other says', async () => {
    const bot = await startBot(environment());
    onTestFinished(() => bot.close());
    const ann = await (await person()).open(bot.url);
    const httpCredentials = { username: 'bob', password: 'a password' };
    const bob = await (await person({ httpCredentials })).open(`${bot.url}/desk`);
    await ann.button('Talk to a person').click();
    await ann.page.getByText('What is your name?').waitFor();
    await ann.say('Ann');
    await bob.button('Ann').click();
    await bob.page.getByText('You are talking with Ann.').waitFor();
    await bob.say('Good morning.');
    await ann.page.getByText('Good morning.').waitFor();
    await ann.say('My tea is mouldy.');
    await bob.page.getByText('Ann: My tea is mouldy.').waitFor();
    await bob.say('/back refund');
    await ann.page.getByText('You get your money back within a week.').waitFor();
    await expect.poll(() => bob.lines()).toContain('Answer: The bot has Ann again.');
  });
});
