import { integer, setupDialogue } from 'colloquy';
import { converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

const { ask, choose, createDialogue, done, reply } = setupDialogue({
  types: {} as { context: { said: string[] } },
});

const keep = ({ context, value }: { context: { said: string[] }; value: string | number }) => ({
  said: [...context.said, String(value)],
});
const enough = ({ context }: { context: { said: string[] } }): boolean => context.said.length === 2;
const timeout = { after: { seconds: 20 }, target: 'end' } as const;

const noted = [{ guard: enough, target: 'end' }, { actions: reply('Noted.') }] as const;
const QUESTIONS = {
  'a question without a target': ask({
    question: '?',
    parse: integer(),
    assign: keep,
    attempts: 2,
    otherwise: 'end',
    timeout,
  }),
  'a choice without a target': choose({
    question: '?',
    options: ['1', '2'],
    assign: keep,
    attempts: 2,
    otherwise: 'end',
    timeout,
  }),
  'a question with a target that leads nowhere': ask({
    question: '?',
    parse: integer(),
    assign: keep,
    target: noted,
    attempts: 2,
    otherwise: 'end',
    timeout,
  }),
  'a choice with a target that leads nowhere': choose({
    question: '?',
    options: ['1', '2'],
    assign: keep,
    target: noted,
    attempts: 2,
    otherwise: 'end',
    timeout,
  }),
};

function asking(name: string) {
  return converse(
    createDialogue({
      id: 'asking',
      context: { said: [] },
      initial: 'open',
      states: { open: QUESTIONS[name as keyof typeof QUESTIONS], end: done('Enough.') },
    }),
  );
}

describe.each(Object.keys(QUESTIONS))('%s', (name) => {
  const says = name.includes('leads') ? ['Noted.'] : [];

  it('stays open after an answer, without being asked again', async () => {
    const chat = asking(name);
    await chat.say('hi');
    expect(await chat.say('1')).toEqual(says);
    expect(await chat.say('2')).toEqual(says);
    chat.expectState('open').expectContext({ said: ['1', '2'] });
  });

  it('counts the attempts, and the time, from the question', async () => {
    const chat = asking(name);
    await chat.say('hi');
    await chat.advance({ seconds: 15 });
    await chat.say('1');
    chat.expectTimer({ seconds: 5 });
    await chat.say('?');
    await chat.say('1');
    expect(await chat.say('?')).toEqual(['Enough.']);
  });
});

it('the buttons of a choice that stays open are buttons of an open question', async () => {
  const chat = asking('a choice with a target that leads nowhere');
  await chat.say('hi');
  const [question] = chat.said;
  for (const option of ['1', '2']) expect(await chat.press(question, option)).toEqual(['Noted.']);
  expect(await chat.press(question, '2')).toEqual(['Enough.']);
  chat.expectContext({ said: ['1', '2', '2'] });
});

it('the guard of a target sees the context as it was before the answer', async () => {
  const chat = asking('a question with a target that leads nowhere');
  await chat.say('hi');
  await chat.say('1');
  expect(await chat.say('2')).toEqual(['Noted.']);
  expect(await chat.say('3')).toEqual(['Enough.']);
  chat.expectContext({ said: ['1', '2', '3'] });
});
