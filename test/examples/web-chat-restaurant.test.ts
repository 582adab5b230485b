import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { converse, createManualClock, playTranscript } from 'colloquy/testing';
import { describe, expect, test } from 'vitest';
import { createRestaurant } from '../../examples/web-chat/dialogue.ts';
import { type FakeOptions, type Tables, createTables } from '../../examples/web-chat/tables.ts';
import { cli } from '../cli/program.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = `${root}examples/web-chat/`;

/** The reservation book of each transcript; in all of them it is full at 8 in the evening. */
const transcripts: Readonly<Record<string, FakeOptions>> = {
  'booking.chat': {},
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

describe('the dialogue in the terminal', () => {
  test('answers piped lines, and waits for the last answer', async () => {
    const lines = ['a table for two tomorrow at noon', 'Ann', '', '+44 20 7946 0958', 'yes', ''];
    const { code, out, err } = await cli(['chat'], { cwd: folder, input: lines.join('\n') });
    expect(err).toBe('');
    expect(out).toMatch(
      /^> a table for two tomorrow at noon\n< In what name\?\n> Ann\n< At what number/,
    );
    expect(out).toMatch(
      /\n> yes\n< One moment.*\n< Done! .*, 12:00, table W1 for 2, in the name of Ann\.\n$/,
    );
    expect(code).toBe(0);
  });

  test('ends without a word if the input is empty', async () => {
    expect(await cli(['chat'], { cwd: folder })).toEqual({ code: 0, out: '', err: '' });
  });
});
