import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { converse, createManualClock, playTranscript } from 'colloquy/testing';
import { describe, expect, test } from 'vitest';
import { createRestaurant } from '../../examples/restaurant-booking/dialogue.ts';
import {
  type FakeOptions,
  type Tables,
  createTables,
} from '../../examples/restaurant-booking/tables.ts';
import { startProgram } from '../support/program.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = `${root}examples/restaurant-booking/`;

/** The reservation book of each transcript; in all of them it is full at 8 in the evening. */
const transcripts: Readonly<Record<string, FakeOptions>> = {
  'chinese.chat': {},
  'full.chat': {},
  'handoff.chat': {},
  'happy-path.chat': {},
  'mixed-initiative.chat': {},
  'service-failure.chat': { fails: (call) => call === 2 || call > 3 },
  'silence.chat': {},
  'slow.chat': {},
};

describe('the dialogue', () => {
  test.each(Object.entries(transcripts))('does what %s says', async (name, book) => {
    const transcript = readFileSync(folder + name, 'utf8');
    const clock = createManualClock();
    const tenSeconds = () =>
      new Promise<void>((resolve) => clock.wake(clock.now() + 10_000, resolve));
    const tables = createTables({
      fails: () => false,
      pause: name === 'slow.chat' ? tenSeconds : async () => {},
      ...book,
    });
    const played = await playTranscript(transcript, createRestaurant(tables), { clock });
    expect(played.text).toBe(transcript);
  });

  test('has no transcript that these tests do not play', () => {
    const found = readdirSync(folder).filter((name) => name.endsWith('.chat'));
    expect(found.toSorted()).toEqual(Object.keys(transcripts));
  });

  test.each([
    '2026-11-22 18:30',
    'a table for four on 2026-11-22 at 18:30',
    'order 20261122000123, a table for four',
  ])('asks for the telephone number after “%s”', async (said) => {
    const chat = converse(createRestaurant(createTables()));
    await chat.say('book');
    await chat.say(said);
    await chat.say('my name is Ann');
    expect(chat.context).not.toHaveProperty('phone');
  });

  test('finds a telephone number beside other words, unless the guest denies it', async () => {
    const chat = converse(createRestaurant(createTables()));
    await chat.say('a table for four, my name is Ann, 13800138000');
    chat.expectContext({ people: 4, name: 'Ann', phone: '+8613800138000' });
    const other = converse(createRestaurant(createTables()));
    await other.say('a table for four, but do not call 13800138000');
    expect(other.context).not.toHaveProperty('phone');
  });

  test('stops the search if the guest does not want the table any more', async () => {
    const signals: AbortSignal[] = [];
    const tables: Tables = {
      find: (_, __, signal) => {
        signals.push(signal);
        return new Promise(() => {});
      },
    };
    const chat = converse(createRestaurant(tables));
    await chat.say('a table for 2 tomorrow at 7pm');
    await chat.say('Ann');
    await chat.say('13800138000');
    await chat.say('yes');
    await chat.advance({ seconds: 5 });
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    await chat.say('cancel');
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });
});

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** What the program prints for piped lines. */
async function runProgram(lines: readonly string[]): Promise<Ended> {
  const { exit, output, errors } = await startProgram('restaurant-booking', { lines });
  return { code: await exit, output: output(), errors: errors() };
}

describe('the program', { timeout: 60_000 }, () => {
  test('plays piped lines, waits for the last answer and ends by itself', async () => {
    const ended = await runProgram([
      'a table for two tomorrow at noon',
      'Ann',
      '',
      '+44 20 7946 0958',
      'yes',
    ]);
    expect(ended.errors).toBe('');
    expect(ended.output).toMatch(
      /^> a table for two tomorrow at noon\n< In what name\?\n> Ann\n< At what number/,
    );
    expect(ended.output).toMatch(
      /\n> yes\n< One moment.*\n< Done! .*, 12:00, table W1 for 2, in the name of Ann\.\n$/,
    );
    expect(ended.code).toBe(0);
  });

  test('ends without a word if the input is empty', async () => {
    expect(await runProgram([])).toEqual({ code: 0, output: '', errors: '' });
  });
});
