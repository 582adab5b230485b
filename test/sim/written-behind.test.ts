import fc from 'fast-check';
import { it } from 'vitest';
import { calm, faults } from './commands.ts';
import { type Happening, crashes, history } from './happenings.ts';
import { LONGEST_MS, anyRoom, expectNoBreach } from './runs.ts';
import { type Command, play } from './world.ts';

const worlds: readonly (readonly [string, readonly Happening<Command>[]])[] = [
  ['a process that writes behind', calm],
  ['one that writes behind, with a persister on a bad day', [...calm, ...faults]],
  ['one that writes behind and crashes', [...calm, ...crashes]],
  [
    'one that writes behind and crashes, with a persister on a bad day',
    [...calm, ...faults, ...crashes],
  ],
];

it.each(worlds)(
  'the promises hold for %s, but for what was said not to be durable',
  async (_who, happenings) => {
    const options = {
      max: anyRoom.max,
      latencyMs: fc.constant(0),
      nodes: fc.constant(1 as const),
      behindMs: fc.constantFrom(1, 1000, 30_000),
    };
    await expectNoBreach(play, history(happenings), options);
  },
  LONGEST_MS,
);
