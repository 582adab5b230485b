import { toMermaid } from 'colloquy';
import { converse, createCoverage, explore, fails, hangs, lintDialogue } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { createActor, setup } from 'xstate';
import plain from './xstate/plain.ts';
import words from './xstate/words.ts';

const price = (people: number): Promise<number> => Promise.resolve(people * 10);

describe.each([
  ['by XState’s own setup', plain],
  ['by the words', words],
])('a booking %s', (_, dialogue) => {
  it('asks, calls the service, and ends with an output', async () => {
    const chat = converse(dialogue, { services: { price } });
    expect(await chat.say('hi')).toEqual(['For how many?']);
    expect((await chat.say('4'))[0]).toMatch(/^That is 40\./);
    expect(await chat.say('yes')).toEqual(['Booked.']);
    chat.expectContext({ openid: 'ann', people: 4, total: 40 }).expectDone();
  });

  it('asks again after a bad answer, and gives up after three', async () => {
    const chat = converse(dialogue, { services: { price } });
    await chat.say('hi');
    for (const said of ['many', 'very many']) expect(await chat.say(said)).toHaveLength(1);
    expect(await chat.say('no idea')).toEqual(['A colleague will help you.']);
  });

  it('reminds after ten minutes, and not after an answer', async () => {
    const chat = converse(dialogue, { services: { price } });
    await chat.say('hi');
    expect(await chat.advance({ minutes: 10 })).toEqual(['Are you still there?']);
    const other = converse(dialogue, { services: { price } });
    await other.say('hi');
    await other.say('4');
    other.expectNoTimer();
  });

  it('tries the service again, and says so meanwhile', async () => {
    const chat = converse(dialogue, { services: { price: fails(2, price) } });
    await chat.say('hi');
    await chat.say('4');
    expect(await chat.say('Well?')).toEqual(['One moment.']);
    expect((await chat.advance({ seconds: 3 }))[0]).toMatch(/^That is 40\./);
    const broken = converse(dialogue, { services: { price: fails(9, price) } });
    await broken.say('hi');
    await broken.say('4');
    expect(await broken.advance({ seconds: 10 })).toEqual(['A colleague will help you.']);
  });

  it('helps, and asks the open question again', async () => {
    const chat = converse(dialogue, { services: { price } });
    await chat.say('hi');
    expect(await chat.say('help')).toEqual(['Say a number, or “yes” or “no”.', 'For how many?']);
    await chat.say('4');
    const [, question] = await chat.say('help');
    expect(question).toMatch(/^That is 40\./);
  });

  it('begins again after a no', async () => {
    const chat = converse(dialogue, { services: { price } });
    for (const said of ['hi', '4']) await chat.say(said);
    expect(await chat.say('no')).toEqual(['For how many?']);
    expect((await chat.say('5'))[0]).toMatch(/^That is 50\./);
  });

  it('goes on after a crash, in the middle of a service', async () => {
    const chat = converse(dialogue, { services: { price: hangs() } });
    await chat.say('hi');
    await chat.say('4');
    await chat.crash();
    expect(await chat.say('Well?')).toEqual(['One moment.']);
  });

  it('is linted, explored, covered and drawn', async () => {
    expect(lintDialogue(dialogue)).toEqual([]);
    const options = { services: { price: [40] }, samples: ['4', 'help'], budget: 1500 };
    const { failures } = await explore(dialogue, options);
    expect(failures).toEqual([]);
    const coverage = createCoverage(dialogue);
    await converse(dialogue).say('hi');
    expect(coverage.summary().states.walked).toBeGreaterThan(0);
    coverage.stop();
    expect(toMermaid(dialogue)).toContain('people');
  });
});

it('runs the machine of XState’s own setup in an actor, unchanged', () => {
  const said: unknown[] = [];
  const actor = createActor(plain, { input: { openid: 'ann' } });
  actor.on('reply', ({ reply }) => said.push(reply));
  actor.start();
  actor.send({ type: 'message.text', text: 'many' });
  actor.stop();
  expect(said).toEqual([
    { type: 'text', text: 'For how many?' },
    { type: 'text', text: 'A number from 1 to 9, please.' },
  ]);
});

it('fails the turn where a child machine throws, and its parent does not take that as an error', async () => {
  const child = setup({}).createMachine({
    id: 'child',
    initial: 'a',
    states: {
      a: {
        on: {
          'message.text': {
            actions: () => {},
            guard: () => {
              throw new Error('broken');
            },
          },
        },
      },
    },
  });
  const parent = setup({ actors: { child } }).createMachine({
    id: 'parent',
    initial: 'a',
    states: { a: { invoke: { src: 'child', onError: 'b' } }, b: {} },
  });
  const chat = converse(parent);
  await chat.send({ type: 'message.image', url: 'https://a.example/b' });
  expect((await chat.send('hi')).outcome).toBe('failed');
  expect(chat.state).toBe('a > a');
});
