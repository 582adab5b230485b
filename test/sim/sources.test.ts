import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type Happening,
  advance,
  crashes,
  faults,
  happening,
  history,
  leaseFaults,
  pauses,
  restart,
  story,
} from './happenings.ts';
import { LONGEST_MS, anyRoom, anySkewMs, expectNoBreach } from './runs.ts';
import { type SourceCommand, USERS, playSources } from './sources.ts';

/** What a source brought counts once and in order, is confirmed after its commit, and one process asks at a time. */

const say: fc.Arbitrary<SourceCommand> = fc.record({
  do: fc.constant('say' as const),
  user: fc.constantFrom(...USERS),
  count: fc.constantFrom(1, 1, 2, 5),
});

const calm: readonly Happening<SourceCommand>[] = [
  happening(10, say),
  story<SourceCommand>(2, say, advance(0, 1, 2, 3, 4), say),
  happening(8, advance(0, 1, 2, 3, 5, 700, 1000, 5000, 7000, 16_000)),
  restart,
];

const worlds: readonly (readonly [string, 1 | 2, readonly Happening<SourceCommand>[]])[] = [
  ['one process that crashes, with a persister on a bad day', 1, [...calm, ...faults, ...crashes]],
  ['two processes on one persister', 2, calm],
  [
    'two processes that crash and pause, with a persister that fails',
    2,
    [...calm, ...faults, ...leaseFaults, ...crashes, ...pauses],
  ],
];

it.each(worlds)(
  'what a source brings counts once, before it is confirmed, for %s',
  async (_who, nodes, happenings) => {
    const options = { ...anyRoom, nodes: fc.constant(nodes) };
    await expectNoBreach(playSources, history(happenings), options);
  },
  LONGEST_MS,
);

it(
  'what a source brings counts once, before it is confirmed, for two processes that crash, and whose clocks differ',
  async () => {
    const options = { ...anyRoom, nodes: fc.constant(2 as const), skewMs: anySkewMs };
    await expectNoBreach(playSources, history([...calm, ...crashes]), options);
  },
  LONGEST_MS,
);

it('a message is not confirmed because it joined a turn that failed', async () => {
  const slow = (skip: number, afterMs: number): SourceCommand => {
    return { do: 'fault', aim: 'read', skip, fault: { afterMs } };
  };
  const found: readonly SourceCommand[] = [
    { do: 'say', user: 'ann', count: 1 },
    { do: 'advance', ms: 0 },
    { do: 'crash', node: 0, sameName: false },
    { do: 'say', user: 'bob', count: 1 },
    slow(0, 20_000),
    { do: 'say', user: 'ann', count: 1 },
    slow(1, 5000),
    { do: 'advance', ms: 7000 },
    { do: 'say', user: 'ann', count: 1 },
  ];
  expect(await playSources(found, { nodes: 1, max: 1, latencyMs: 0 })).toEqual([]);
});
