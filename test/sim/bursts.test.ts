import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type BurstCommand, playBursts } from './bursts.ts';
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
import { LONGEST_MS, anyRoom, anySkewMs, expectNoBreach } from './runs.ts';

/**
 * A part is committed before it is acknowledged, and is in one turn: that of its burst, with the other parts in their order.
 */

function say(kind: fc.Arbitrary<'text' | 'menu' | 'image' | 'paid'>): fc.Arbitrary<BurstCommand> {
  return fc.record({
    do: fc.constant('say' as const),
    kind,
    from: fc.constantFrom('ann', 'ann', 'ann', 'bob'),
    node: either,
    deadlineMs,
    awaitsBurst: fc.constantFrom(true, true, false),
  });
}

const text = say(fc.constant('text'));
const again: fc.Arbitrary<BurstCommand> = fc.record({
  do: fc.constant('again' as const),
  back: fc.constantFrom(1, 1, 2, 3, 8),
  node: either,
  deadlineMs,
});

const calm: readonly Happening<BurstCommand>[] = [
  happening(12, text),
  story<BurstCommand>(3, text, advance(0, 1, 300), text, advance(0, 999), text),
  happening(3, say(fc.constantFrom('menu', 'image', 'paid'))),
  happening(4, again),
  // The turn of the burst and what comes meanwhile.
  story<BurstCommand>(1, text, advance(999, 1000, 1001, 1002), again, text),
  happening(6, advance(0, 1, 2, 3, 300, 999, 1000, 1001, 3000, 5000, 16_000)),
  restart,
];

const worlds: readonly (readonly [string, 1 | 2, readonly Happening<BurstCommand>[]])[] = [
  ['one process', 1, calm],
  ['one process that crashes, with a persister on a bad day', 1, [...calm, ...faults, ...crashes]],
  ['two processes on one persister', 2, calm],
  [
    'two processes that crash and pause, with a persister that fails',
    2,
    [...calm, ...faults, ...leaseFaults, ...crashes, ...pauses],
  ],
];

it.each(worlds)(
  'a part of a burst counts once and in order for %s',
  async (_who, nodes, happenings) => {
    await expectNoBreach(playBursts, history(happenings), {
      ...anyRoom,
      nodes: fc.constant(nodes),
    });
  },
  LONGEST_MS,
);

it(
  'a part of a burst counts once and in order for two processes that crash, and whose clocks differ',
  async () => {
    const options = { ...anyRoom, nodes: fc.constant(2 as const), skewMs: anySkewMs };
    await expectNoBreach(playBursts, history([...calm, ...crashes]), options);
  },
  LONGEST_MS,
);

it('says what a burst has had as its answer once, though the next part waits and it is being delivered', async () => {
  const ann = {
    do: 'say',
    kind: 'text',
    from: 'ann',
    node: 0,
    deadlineMs: 4500,
    awaitsBurst: true,
  } as const;
  const commands: readonly BurstCommand[] = [
    ann,
    { do: 'advance', ms: 999 },
    { do: 'again', back: 1, node: 0, deadlineMs: 4500 },
    { ...ann, awaitsBurst: false },
    { ...ann, from: 'bob' },
    { do: 'advance', ms: 2 },
    ann,
  ];
  const options = { max: 1, latencyMs: 1, nodes: 1 } as Parameters<typeof playBursts>[1];
  expect(await playBursts(commands, options)).toEqual([]);
});
