import fc from 'fast-check';
import { it } from 'vitest';
import { calm, pauses, sharedFaults } from './commands.ts';
import { type Happening, crashes, history } from './happenings.ts';
import { LONGEST_MS, anyRoom, expectNoBreach } from './runs.ts';
import { type Command, play } from './world.ts';

const worlds: readonly (readonly [string, readonly Happening<Command>[]])[] = [
  ['two processes on one persister', calm],
  ['two processes, with a persister on a bad day', [...calm, ...sharedFaults]],
  [
    'two processes that crash and pause, with a persister that fails',
    [...calm, ...sharedFaults, ...crashes, ...pauses],
  ],
];

it.each(worlds)(
  'the six promises hold for %s',
  async (_who, happenings) => {
    const options = { ...anyRoom, nodes: fc.constant(2 as const), behindMs: fc.constant(0) };
    await expectNoBreach(play, history(happenings), options);
  },
  LONGEST_MS,
);
