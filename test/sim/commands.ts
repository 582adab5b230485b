import fc from 'fast-check';
import type { Fault } from 'colloquy/testing';
import type { Aim, Command } from './world.ts';

/** What may happen next, with its weight: one command, or several that make a story. */
export interface Happening {
  readonly weight: number;
  readonly arbitrary: fc.Arbitrary<readonly Command[]>;
}

function happening(weight: number, command: fc.Arbitrary<Command>): Happening {
  return { weight, arbitrary: command.map((only) => [only]) };
}

function story(weight: number, ...commands: readonly fc.Arbitrary<Command>[]): Happening {
  return { weight, arbitrary: fc.tuple(...commands) };
}

const user = fc.constantFrom('a', 'a', 'a', 'b');
const either = fc.nat({ max: 1 });
/** Deadline of a caller: some callers give up while their turn is written. */
const deadlineMs = fc.constantFrom(4500, 4500, 4500, 1, 3, 5);

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

function advance(...ms: readonly number[]): fc.Arbitrary<Command> {
  return fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(...ms) });
}

function fault(aim: Aim, fault: fc.Arbitrary<Fault>, skip = fc.nat({ max: 2 })) {
  return fc.record({
    do: fc.constant('fault' as const),
    aim: fc.constant(aim),
    skip,
    fault,
  });
}

function pause(node = either): fc.Arbitrary<Command> {
  return fc.record({ do: fc.constant('pause' as const), node });
}

function resume(node = either): fc.Arbitrary<Command> {
  return fc.record({
    do: fc.constant('resume' as const),
    node,
    first: fc.constantFrom('clock', 'persister'),
  });
}

/** Happenings of a good day: messages, redeliveries, updates, drafts, restarts, and time. */
export const calm: readonly Happening[] = [
  happening(12, send()),
  happening(5, again()),
  happening(2, again(either, fc.integer({ min: 4, max: 500 }))),
  story(1, send(), chatter, advance(0, 5, 5000), again(either, fc.integer({ min: 18, max: 200 }))),
  // What is kept of long answers makes every write slow: a few of them show as much as many.
  story(1, send(either, fc.constant(true)), send(either, fc.boolean()), again()),
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
  happening(1, fc.record({ do: fc.constant('restart' as const), node: either })),
];

const slow: fc.Arbitrary<Fault> = fc.record({
  beforeMs: fc.constantFrom(0, 2, 1500, 5000, 20_000),
  afterMs: fc.constantFrom(0, 2, 1500, 5000, 20_000),
  outcome: fc.constantFrom('answered', 'answered', 'refused', 'lost'),
});
const sudden: fc.Arbitrary<Fault> = fc.record({
  outcome: fc.constantFrom('refused', 'lost', 'lost', 'dropped', 'unanswered'),
});
const conflict: fc.Arbitrary<Fault> = fc.constant({ outcome: 'conflict' });

/** Faults of a persister. */
export const faults: readonly Happening[] = [
  happening(4, fault('write', fc.oneof(slow, sudden, conflict))),
  happening(2, fault('read', fc.oneof(slow, sudden))),
  happening(1, fault('delete', fc.oneof(slow, sudden, conflict))),
  happening(1, fault('due', fc.oneof(slow, sudden))),
  // The caller gives a write up; the write succeeds while the caller tries the same message again.
  story(
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
export const leaseFaults: readonly Happening[] = [
  ...faults,
  happening(1, fault('release', fc.oneof(slow, sudden))),
  happening(1, fault('lease', conflict)),
];

export const crashes: readonly Happening[] = [
  happening(
    2,
    fc.record({ do: fc.constant('crash' as const), node: either, sameName: fc.boolean() }),
  ),
];

/** A process pauses, possibly in the middle of a turn, until its lease has run out and another process continues. */
export const pauses: readonly Happening[] = [
  happening(2, pause()),
  happening(2, resume()),
  ...[0, 1].map((node) =>
    story(
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
