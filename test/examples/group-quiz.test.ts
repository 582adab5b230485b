import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { converse, playTranscript } from 'colloquy/testing';
import { describe, expect, test } from 'vitest';
import quiz from '../../examples/group-quiz/dialogue.ts';
import { rounds } from '../../examples/group-quiz/rounds.ts';
import { startProgram } from '../support/program.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = `${root}examples/group-quiz/`;

describe('the transcripts', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.chat'));

  test('are there', () => expect(names).not.toEqual([]));

  test.each(names)('%s is what happens', async (name) => {
    const transcript = readFileSync(folder + name, 'utf8');
    expect((await playTranscript(transcript, quiz)).text).toBe(transcript);
  });
});

async function openGame() {
  const group = converse(quiz);
  const ann = group.person({ id: '1', name: 'Ann' });
  const bob = group.person({ id: '2', name: 'Bob' });
  await group.say('hi');
  for (const player of [ann, bob]) await player.say('join');
  await ann.say('start');
  return { group, ann, bob };
}

test('each right answer is among the options', () => {
  for (const { options, right } of rounds) expect(options).toContain(right);
});

test('the first question is solved as soon as all have answered it', async () => {
  const { ann, bob } = await openGame();
  expect(await ann.choose('Jupiter')).toEqual([]);
  expect(await bob.choose('Mars')).toEqual(['The answer: Jupiter.\nAnn: 1\nBob: 0']);
});

test('a second answer, by the same button or another, does not count', async () => {
  const { group, ann, bob } = await openGame();
  const [question] = group.said;
  await ann.press(question, 'Mars');
  for (const option of ['Mars', 'Jupiter']) expect(await ann.press(question, option)).toEqual([]);
  expect(await bob.press(question, 'Venus')).toEqual(['The answer: Jupiter.\nAnn: 0\nBob: 0']);
});

test('a button of a question that is over is stale', async () => {
  const { group, ann, bob } = await openGame();
  const [question] = group.said;
  for (const player of [ann, bob]) await player.choose('Jupiter');
  await group.until('asking');
  expect(await ann.press(question, 'Jupiter')).toEqual([]);
  group.expectOutcome('stale');
});

test('words that are no answer do not stop the clock', async () => {
  const { group, ann } = await openGame();
  await group.advance({ seconds: 15 });
  expect((await ann.say('hm'))[0]).toContain('Please choose one of these');
  expect(await group.advance({ seconds: 5 })).toEqual(['The answer: Jupiter.\nAnn: 0\nBob: 0']);
});

test('a game continues after a crash, with its points and its time', async () => {
  const { group, ann } = await openGame();
  await ann.choose('Jupiter');
  await group.crash();
  expect(await group.advance({ seconds: 20 })).toEqual([
    'Ten seconds left.',
    'The answer: Jupiter.\nAnn: 1\nBob: 0',
  ]);
});

test('groups play their own games', async () => {
  const { group } = await openGame();
  const other = group.user('another group');
  expect((await other.say('hi'))[0]).toContain('A quiz!');
  expect(group.state).toBe('asking.question.waiting');
});

test('the program talks', async () => {
  const lines = ['hi', 'Ann: join', 'Ann: start', 'Ann: 2', '/forward 5s', 'Ann: 2', 'Ann: stop'];
  const { exit, output } = await startProgram('group-quiz', { lines });
  expect(await exit).toBe(0);
  expect(output()).toContain('< The game is over.\n  Ann: 2\n');
});
