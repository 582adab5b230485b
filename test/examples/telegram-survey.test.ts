import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { converse, playTranscript } from 'colloquy/testing';
import { describe, expect, test } from 'vitest';
import survey from '../../examples/telegram/dialogue.ts';
import { cli } from '../cli/program.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = `${root}examples/telegram/`;

describe('the transcripts', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.chat'));

  test('are there', () => expect(names).not.toEqual([]));

  test.each(names)('%s is what happens', async (name) => {
    const transcript = readFileSync(folder + name, 'utf8');
    expect((await playTranscript(transcript, survey)).text).toBe(transcript);
  });
});

test('answers are stored with their types', async () => {
  const chat = converse(survey);
  for (const said of ['hi', 'yes', '３４', 'both', 'train', '7', '50', 'a@b.example'])
    await chat.say(said);
  expect(chat.context).toMatchObject({
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
  const chat = converse(survey);
  for (const said of ['hi', 'yes', '34', 'home', 'restart']) await chat.say(said);
  expect(chat.context).toEqual({ rounds: 2 });
});

test.each(['no', 'forget me'])('“%s” leaves nothing behind', async (said) => {
  const chat = converse(survey);
  await chat.say('hi');
  await chat.say(said);
  expect([chat.state, chat.context]).toEqual(['(none)', {}]);
});

test('it talks in the terminal', async () => {
  const { code, out } = await cli(['chat'], { cwd: folder, input: 'hi\nno\n' });
  expect(code).toBe(0);
  expect(out).toContain('< We keep nothing about you.\n');
});
