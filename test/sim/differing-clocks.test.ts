import fc from 'fast-check';
import { it } from 'vitest';
import { calm, sharedFaults } from './commands.ts';
import { type Happening, crashes, history } from './happenings.ts';
import { LONGEST_MS, anyRoom, anySkewMs, expectNoBreach } from './runs.ts';
import { type Command, play } from './world.ts';

const worlds: readonly (readonly [string, readonly Happening<Command>[]])[] = [
  ['two processes', calm],
  ['two processes that crash', [...calm, ...crashes]],
  ['two processes, with a persister on a bad day', [...calm, ...sharedFaults]],
];

it.each(worlds)(
  'the six promises hold for %s whose clocks differ, by the time of the persister',
  async (_who, happenings) => {
    const options = {
      ...anyRoom,
      nodes: fc.constant(2 as const),
      behindMs: fc.constant(0),
      skewMs: anySkewMs,
    };
    await expectNoBreach(play, history(happenings), options);
  },
  LONGEST_MS,
);
