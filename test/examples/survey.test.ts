import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import survey from '../../examples/survey/dialogue.ts';
import { createChat } from '../support/chat.ts';
import { playTranscript } from '../support/transcript.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = `${root}examples/survey/`;

describe('the transcripts', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.chat'));

  test('are there', () => expect(names).not.toEqual([]));

  test.each(names)('%s is what happens', async (name) => {
    const transcript = readFileSync(folder + name, 'utf8');
    expect(await playTranscript(transcript, survey)).toBe(transcript);
  });
});

test('answers are kept as what they are', async () => {
  const chat = createChat(survey);
  for (const said of ['hi', 'yes', '３４', 'both', 'train', '7', '50', 'a@b.example'])
    await chat.say(said);
  expect(await chat.data()).toMatchObject({
    rounds: 1,
    age: 34,
    place: 'both',
    travel: 'train',
    rating: 7,
    minutes: 50,
    email: 'a@b.example',
  });
});

test('a new round begins without the answers of the one before', async () => {
  const chat = createChat(survey);
  for (const said of ['hi', 'yes', '34', 'home', 'restart']) await chat.say(said);
  const left = Object.entries(await chat.data()).filter(([, value]) => value !== undefined);
  expect(left).toEqual([['rounds', 2]]);
});

test.each(['no', 'forget me'])('“%s” leaves nothing behind', async (said) => {
  const chat = createChat(survey);
  await chat.say('hi');
  await chat.say(said);
  expect(await chat.world.store.exists('ann')).toBe(false);
});

test('the program talks', { timeout: 60_000 }, () => {
  const { stdout, status } = spawnSync('node_modules/.bin/tsx', ['examples/survey/main.ts'], {
    cwd: root,
    input: 'hi\nno\n',
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  expect(stdout).toContain('< We keep nothing about you.\n');
});
