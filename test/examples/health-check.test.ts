import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { converse, playTranscript } from 'colloquy/testing';
import { describe, expect, test } from 'vitest';
import healthCheck from '../../examples/health-check/dialogue.ts';
import { type Row, rows } from '../../examples/health-check/rows.ts';
import { cli } from '../cli/program.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = `${root}examples/health-check/`;

describe('the transcripts', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.chat'));

  test('are there', () => expect(names).not.toEqual([]));

  test.each(names)('%s is what happens', async (name) => {
    const transcript = readFileSync(folder + name, 'utf8');
    expect((await playTranscript(transcript, healthCheck)).text).toBe(transcript);
  });
});

test('there are forty questions, and what one depends on is asked before it', () => {
  expect(rows.length).toBe(40);
  for (const [index, { only }] of rows.entries()) {
    const before = rows.slice(0, index).map(({ id }) => id);
    if (only !== undefined) expect(before).toContain(only.if);
  }
});

const answerTo = ({ kind }: Row, chosen: number): string => {
  if (typeof kind !== 'string') return kind[chosen] ?? '';
  const yes = chosen === 0 ? 'yes' : 'no';
  return { text: 'As you like', number: '3', day: '2030-05-01', 'yes or no': yes }[kind];
};

test.each([
  ['the first option and yes', 0, 38],
  ['the last option and no', -1, 25],
])('a patient who always answers with %s is asked what applies', async (_, place, asked) => {
  const chat = converse(healthCheck);
  await chat.say('hi');
  let count = 0;
  while (!chat.done) {
    const row = rows.find(({ id }) => chat.state === `asking.${id}.waiting`);
    if (row === undefined) throw new Error(`The conversation stands in ${chat.state}.`);
    const chosen = place === 0 ? 0 : typeof row.kind === 'string' ? 1 : row.kind.length - 1;
    await chat.say(answerTo(row, chosen));
    count += 1;
  }
  expect(chat.replies).toEqual(['Thank you. See you soon!']);
  expect(count).toBe(asked);
  expect(Object.keys(chat.context.answers ?? {}).length).toBe(asked);
});

test('a patient who is silent is reminded, and the answers are kept for thirty days', async () => {
  const chat = converse(healthCheck);
  for (const said of ['hi', 'Ann Lee']) await chat.say(said);
  expect(await chat.advance({ hours: 1 })).toEqual(['Shall we go on? If not now, say “stop”.']);
  await chat.say('stop');
  chat.expectExpiryIn({ days: 30 }).expectContext({ answers: { name: 'Ann Lee' } });
  await chat.advance({ days: 30 });
  chat.expectExpired();
});

test('a button that is tapped twice counts once', async () => {
  const chat = converse(healthCheck);
  await chat.seed('asking.sex', { answers: { name: 'Ann Lee', born: '1980-05-01' } });
  const [question] = chat.said;
  for (const option of ['female', 'male']) await chat.press(question, option);
  expect(chat.context.answers).toMatchObject({ sex: 'female' });
  chat.expectOutcome('stale').expectState('asking.height');
});

test('it talks in the terminal', async () => {
  const { code, out } = await cli(['chat'], { cwd: folder, input: 'hi\nAnn Lee\nstop\nhi\n' });
  expect(code).toBe(0);
  expect(out.match(/When were you born\?/gu)).toHaveLength(2);
});
