import fc from 'fast-check';
import {
  type Happening,
  advance,
  deadlineMs,
  either,
  fault,
  happening,
  leaseFaults,
  pause,
  pauses as anyPauses,
  faults as persisterFaults,
  restart,
  resume,
  story,
} from './happenings.ts';
import type { Command } from './world.ts';

const user = fc.constantFrom('a', 'a', 'a', 'b');
function send(
  node = either,
  big: fc.Arbitrary<boolean> = fc.constant(false),
): fc.Arbitrary<Command> {
  return fc.record({
    do: fc.constant('send' as const),
    user,
    kind: fc.constantFrom('text', 'text', 'voice', 'video', 'image', 'paid'),
    big,
    node,
    serviceMs: fc.constantFrom(0, 50, 6000, 40_000),
    updates: fc.constantFrom(false, false, true),
    deadlineMs,
  });
}

function again(node = either, back = fc.integer({ min: 1, max: 3 })): fc.Arbitrary<Command> {
  return fc.record({ do: fc.constant('again' as const), back, node, deadlineMs });
}

/** A user says many things, one after another. */
const chatter: fc.Arbitrary<Command> = fc.record({
  do: fc.constant('chatter' as const),
  user,
  node: either,
  count: fc.constantFrom(17, 17, 17, 40, 40, 150),
});

/** Happenings of a good day: messages, redeliveries, updates, drafts, restarts, and time. */
export const calm: readonly Happening<Command>[] = [
  happening(12, send()),
  happening(5, again()),
  happening(2, again(either, fc.integer({ min: 4, max: 500 }))),
  story<Command>(
    1,
    send(),
    chatter,
    advance(0, 5, 5000),
    again(either, fc.integer({ min: 18, max: 200 })),
  ),
  // What is kept of long answers makes every write slow: a few of them show as much as many.
  story<Command>(1, send(either, fc.constant(true)), send(either, fc.boolean()), again()),
  happening(2, fc.record({ do: fc.constant('update' as const), user, node: either })),
  happening(2, fc.record({ do: fc.constant('press' as const), user, node: either })),
  happening(
    1,
    fc.record({
      do: fc.constant('draft' as const),
      user,
      node: either,
      ms: fc.constantFrom(0, 3, 500),
    }),
  ),
  happening(8, advance(0, 1, 2, 3, 5, 100, 1000, 5000, 16_000, 59_000, 60_000, 900_000)),
  restart,
];

/** Faults of a persister. */
export const faults: readonly Happening<Command>[] = [
  ...persisterFaults,
  // The caller gives a write up; the write succeeds while the caller tries the same message again.
  story<Command>(
    1,
    fault('write', fc.constant({ beforeMs: 5000 }), fc.constant(0)),
    send(),
    advance(4500),
    fault('read', fc.constant({ afterMs: 1500 }), fc.constant(0)),
    again(either, fc.constant(1)),
    advance(5000),
  ),
];

/** The same faults, and those of leases. */
export const sharedFaults: readonly Happening<Command>[] = [...faults, ...leaseFaults];

/** A process pauses, possibly in the middle of a turn, until its lease has run out and another process continues. */
export const pauses: readonly Happening<Command>[] = [
  ...anyPauses,
  ...[0, 1].map((node) =>
    story<Command>(
      1,
      send(fc.constant(node)),
      advance(0, 1, 2, 3),
      pause(fc.constant(node)),
      again(fc.constant(1 - node), fc.constant(1)),
      advance(16_000),
      resume(fc.constant(node)),
    ),
  ),
];
