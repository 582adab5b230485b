import { basename } from 'node:path';
import { defineConfig } from 'colloquy/cli';
import { type Stub, takes } from 'colloquy/testing';
import { createRestaurant } from './dialogue.ts';
import { createTables } from './tables.ts';

type FindTable = Stub<{ readonly when: Date; readonly people: number }>;

/** The reservation book of a transcript: it has a full hour, and in one transcript it does not always answer. */
function bookOf(transcript: string): FindTable {
  const isFailing = transcript === 'service-failure.chat';
  const tables = createTables({
    fails: (call) => isFailing && (call === 2 || call > 3),
    pause: async () => {},
  });
  const find: FindTable = ({ when, people }, { signal }) => tables.find(when, people, signal);
  return transcript === 'slow.chat' ? takes({ seconds: 10 }, find) : find;
}

export default defineConfig({
  dialogue: createRestaurant(createTables()),
  transcripts: ['*.chat'],
  converse: (transcript) => ({ services: { findTable: bookOf(basename(transcript)) } }),
  explore: {
    samples: ['a table for 4 tomorrow at 7pm', 'hours', 'human', '我要订位'],
    services: { findTable: [{ table: 'G3' }, undefined] },
    budget: 2000,
  },
});
