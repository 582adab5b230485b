import { integer, setupDialogue, text } from 'colloquy';
import { converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

interface Booking {
  people?: number;
  name?: string;
  street?: string;
}

const words = setupDialogue({ types: {} as { context: Booking } });

const SLOTS = {
  people: { question: 'How many?', parse: integer() },
  name: { question: 'Name?', parse: text() },
  street: {
    question: 'Street?',
    parse: text(),
    when: ({ context }: { context: Booking }) => context.people === 4,
  },
} as const;

function version(number: string, keys: readonly (keyof typeof SLOTS)[], more: object = {}) {
  return words.createDialogue({
    id: 'booking',
    version: number,
    context: {},
    initial: 'form',
    states: {
      form: words.form({
        slots: Object.fromEntries(keys.map((key) => [key, SLOTS[key]])),
        target: 'end',
        ...more,
      }),
      end: words.done(({ context }) => `Done for ${context.name}.`),
    },
  });
}

async function atSummaryOf(dialogue: ReturnType<typeof version>, answers: readonly string[]) {
  const chat = converse(dialogue);
  for (const said of ['hi', ...answers]) await chat.say(said);
  expect(chat.state).toContain('confirm');
  return chat;
}

describe('a slot that a new version of a form adds', () => {
  it.each([
    [['people', 'name'] as const, 'Name?'],
    [['name', 'people'] as const, 'Name?'],
  ])('is asked of a user who confirms the summary of the old one: %j', async (keys, question) => {
    const chat = await atSummaryOf(version('1', ['people']), ['4']);
    await chat.deploy(version('2', keys));
    expect(await chat.say('yes')).toEqual([question]);
    expect((await chat.say('Ann'))[0]).toContain('Is that right?');
    expect(await chat.say('好的')).toEqual(['Done for Ann.']);
    expect(chat.context).toEqual({ people: 4, name: 'Ann' });
  });

  it('is asked if it applies, and not if it does not', async () => {
    const chat = await atSummaryOf(version('1', ['people']), ['4']);
    await chat.deploy(version('2', ['people', 'street']));
    expect(await chat.say('是的')).toEqual(['Street?']);
    const other = await atSummaryOf(version('1', ['people']), ['5']);
    await other.deploy(version('2', ['people', 'street']));
    expect(await other.say('yes')).toEqual(['Done for undefined.']);
  });

  it('is asked after a correction, too', async () => {
    const chat = await atSummaryOf(version('1', ['people']), ['4']);
    await chat.deploy(version('2', ['people', 'name']));
    expect(await chat.say('no, 6')).toEqual(['Name?']);
  });

  it('is asked where nothing may be changed, too', async () => {
    const fixed = { correct: false };
    const chat = await atSummaryOf(version('1', ['people'], fixed), ['4']);
    await chat.deploy(version('2', ['people', 'name'], fixed));
    expect(await chat.say('yes')).toEqual(['Name?']);
    expect((await chat.say('Ann'))[0]).toContain('Is that right?');
  });

  it('is among what can be changed', async () => {
    const chat = await atSummaryOf(version('1', ['people']), ['4']);
    await chat.deploy(version('2', ['people', 'name']));
    expect(await chat.say('change the name')).toEqual(['Name?']);
  });
});
