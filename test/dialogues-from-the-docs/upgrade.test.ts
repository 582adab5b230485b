import { createRunner, migrateTo, renameState } from 'colloquy';
import { converse, hangs, lintDialogue, takes } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import v1 from './upgrade/v1.ts';
import v2, { migrate } from './upgrade/v2.ts';

async function inVersion1(...messages: string[]) {
  const chat = converse(v1, { services: { find: hangs() } });
  for (const message of messages) await chat.say(message);
  return chat;
}

describe('a user of version 1 goes on in version 2', () => {
  it('in the middle of a question with options, by the button of version 1', async () => {
    const chat = await inVersion1('hi');
    const [question] = chat.said;
    if (question === undefined) throw new Error('Nothing was asked.');
    await chat.deploy(v2, { migrate });
    expect(await chat.press(question, 'book')).toEqual(['For how many?']);
  });

  it('in the middle of the form, with the attempts and the timer of version 1', async () => {
    const chat = await inVersion1('hi', 'book', 'many');
    await chat.advance({ minutes: 4 });
    await chat.deploy(v2, { migrate });
    chat.expectTimer({ minutes: 6 });
    expect(await chat.advance({ minutes: 6 })).toEqual(['Are you still there?']);
    expect(await chat.say('very many')).toHaveLength(1);
    expect((await chat.say('no idea'))[0]).toMatch(/^Table undefined/);
  });

  it('at the summary, with what was filled', async () => {
    const chat = await inVersion1('hi', 'book', '4');
    const next = await chat.deploy(v2, { migrate, services: { reserve: async () => 'T7' } });
    expect((await next.say('no, 5'))[0]).toMatch(/guests: 5/);
    next.expectContext({ guests: 5 });
    expect(next.context).not.toHaveProperty('people');
    expect(await next.say('yes')).toEqual(['Table T7 for 5.']);
  });

  it('while the service runs, which runs again under its new name', async () => {
    const chat = await inVersion1('hi', 'book', '4', 'yes');
    chat.expectState('finding');
    const reserve = takes({ seconds: 2 }, async () => 'T7');
    await chat.deploy(v2, { migrate, services: { reserve } });
    expect(await chat.say('Well?')).toEqual(['I am looking for a table.']);
    expect(await chat.until('end')).toEqual(['Table T7 for 4.']);
  });

  it('and nobody does without the migration', async () => {
    const chat = await inVersion1('hi', 'book', '4');
    await chat.deploy(v2);
    expect((await chat.say('yes'))[0]).toMatch(/^Menu/);
  });
});

it('is refused with a rename to a state that version 2 does not have', () => {
  const wrong = { 1: migrateTo('2', renameState('table', 'detials')) };
  expect(() => createRunner(v2, { migrate: wrong })).toThrow(/detials/);
});

it.each([
  ['version 1', v1],
  ['version 2', v2],
])('finds nothing to lint in %s', (_, dialogue) => {
  expect(lintDialogue(dialogue)).toEqual([]);
});
