import fc from 'fast-check';
import { it } from 'vitest';
import {
  type Happening,
  advance,
  crashes,
  deadlineMs,
  either,
  faults,
  happening,
  history,
  leaseFaults,
  pauses,
  restart,
  story,
} from './happenings.ts';
import { type Named, type RoomCommand, playRooms } from './rooms.ts';
import { LONGEST_MS, anyRoom, expectNoBreach } from './runs.ts';

/**
 * Only the people whom a question names answer it, what is for one person goes to that person, once, and of a person who was
 * erased nothing is left.
 */

const person = fc.constantFrom('ann', 'ann', 'bob', 'eve');
const say: fc.Arbitrary<RoomCommand> = fc.record({
  do: fc.constant('say' as const),
  from: person,
  node: either,
  deadlineMs,
});
const name: fc.Arbitrary<RoomCommand> = fc.record({
  do: fc.constant('name' as const),
  named: fc.constantFrom<Named>('everybody', [], ['ann'], ['bob'], ['ann', 'bob'], ['eve', 'bob']),
  node: either,
});
const again: fc.Arbitrary<RoomCommand> = fc.record({
  do: fc.constant('again' as const),
  back: fc.constantFrom(1, 1, 2, 3, 8),
  node: either,
  deadlineMs,
});
const erase: fc.Arbitrary<RoomCommand> = fc.record({
  do: fc.constant('erase' as const),
  person,
  node: either,
});

const calm: readonly Happening<RoomCommand>[] = [
  happening(12, say),
  // Two people at the same moment, while another program says who may answer.
  story<RoomCommand>(2, say, name, say),
  happening(3, name),
  happening(4, again),
  happening(2, erase),
  happening(6, advance(0, 1, 2, 3, 5, 100, 1000, 5000, 16_000)),
  restart,
];

const worlds: readonly (readonly [string, 1 | 2, readonly Happening<RoomCommand>[]])[] = [
  ['one process that crashes, with a persister on a bad day', 1, [...calm, ...faults, ...crashes]],
  ['two processes on one persister', 2, calm],
  [
    'two processes that crash and pause, with a persister that fails',
    2,
    [...calm, ...faults, ...leaseFaults, ...crashes, ...pauses],
  ],
];

it.each(worlds)(
  'the people of a room are heard, told and erased as they are named for %s',
  async (_who, nodes, happenings) => {
    await expectNoBreach(playRooms, history(happenings), { ...anyRoom, nodes: fc.constant(nodes) });
  },
  LONGEST_MS,
);
