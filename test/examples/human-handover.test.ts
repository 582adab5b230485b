import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Recognizer } from 'colloquy';
import { converse, playTranscript } from 'colloquy/testing';
import { describe, expect, test } from 'vitest';
import desk from '../../examples/human-handover/dialogue.ts';
import { askModel } from '../../examples/human-handover/model.ts';
import { startProgram } from '../support/program.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = `${root}examples/human-handover/`;

describe('the transcripts', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.chat'));

  test('are there', () => expect(names).not.toEqual([]));

  test.each(names)('%s is what happens', async (name) => {
    const transcript = readFileSync(folder + name, 'utf8');
    const { text } = await playTranscript(transcript, desk, { services: { open: () => 'T-7' } });
    expect(text).toBe(transcript);
  });
});

test('a colleague is called, gets what the user says, and answers', async () => {
  const chat = converse(desk);
  await chat.say('let me talk to a person');
  expect(chat.emitted).toEqual([{ type: 'called' }]);
  await chat.event({ type: 'event.joined', agent: 'Ann' });
  await chat.say('My kettle smokes');
  expect(chat.emitted).toEqual([{ type: 'said', text: 'My kettle smokes' }]);
  expect(await chat.event({ type: 'event.said', text: 'Oh!' }, { id: 'a-1' })).toEqual([
    'Ann: Oh!',
  ]);
  await chat.event({ type: 'event.said', text: 'Oh!' }, { id: 'a-1' });
  chat.expectOutcome('duplicate').expectState('talking');
});

test('what a colleague says while the process restarts is not lost', async () => {
  const chat = converse(desk);
  await chat.seed('talking', { agent: 'Ann' });
  await chat.crash();
  expect(await chat.event({ type: 'event.said', text: 'Hello?' })).toEqual(['Ann: Hello?']);
});

test('the model is not called for what a colleague reads', async () => {
  const read: string[] = [];
  const recognize: Recognizer = (message, about) => {
    if (message.type === 'message.text') read.push(message.text);
    return askModel(message, about);
  };
  const chat = converse(desk, { recognize });
  for (const said of ['my toaster', 'it smokes']) await chat.say(said);
  chat.expectContext({ device: 'toaster', problem: 'It smokes.' });
  await chat.seed('talking', { agent: 'Ann' });
  for (const text of ['cancel', 'my kettle', 'another person']) {
    await chat.say(text);
    expect(chat.emitted).toEqual([{ type: 'said', text }]);
  }
  chat.expectState('talking');
  expect(read).toEqual(['my toaster', 'it smokes']);
});

test('a model that fails leaves the form to its questions', async () => {
  const recognize: Recognizer = () => Promise.reject(new Error('no model'));
  const chat = converse(desk, { recognize, services: { open: () => 'T-7' } });
  await chat.seed('report');
  for (const said of ['kettle', 'It smokes for 4 days', '4', 'yes']) await chat.say(said);
  chat
    .expectState('noted')
    .expectContext({ device: 'kettle', problem: 'It smokes for 4 days', days: 4, ticket: 'T-7' });
  expect(chat.errors.length).toBeGreaterThan(0);
});

test('the program talks', async () => {
  const lines = ['a person', '/join Ann', 'Hello Ann', '/agent Hello you', '/leave', 'yes'];
  const { exit, output } = await startProgram('human-handover', { lines });
  expect(await exit).toBe(0);
  expect(output()).toContain("to the colleagues: { type: 'said', text: 'Hello Ann' }");
  expect(output()).toContain('Ann: Hello you');
});
