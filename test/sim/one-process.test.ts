import fc from 'fast-check';
import { it } from 'vitest';
import { calm, faults } from './commands.ts';
import { type Happening, crashes, history } from './happenings.ts';
import { LONGEST_MS, anyRoom, expectNoBreach } from './runs.ts';
import { type Command, play } from './world.ts';

/**
 * The six promises again, checked by a witness of the disk: what is written there happened, and every answer and event has
 * to follow from it. A turn that failed for its caller may have been written or not; sent again, it counts once.
 */
const worlds: readonly (readonly [string, readonly Happening<Command>[]])[] = [
  ['one process, with a persister on a bad day', [...calm, ...faults]],
  ['one process that crashes, with a persister on a bad day', [...calm, ...faults, ...crashes]],
];

it.each(worlds)(
  'the six promises hold for %s',
  async (_who, happenings) => {
    const options = { ...anyRoom, nodes: fc.constant(1 as const), behindMs: fc.constant(0) };
    await expectNoBreach(play, history(happenings), options);
  },
  LONGEST_MS,
);
