import fc from 'fast-check';
import type { Fault } from 'colloquy/testing';
import type { Aim, ProcessCommand } from './processes.ts';

/** What may happen next, with its weight: one command, or several that make a story. */
export interface Happening<Command> {
  readonly weight: number;
  readonly arbitrary: fc.Arbitrary<readonly Command[]>;
}

export function happening<Command>(
  weight: number,
  command: fc.Arbitrary<Command>,
): Happening<Command> {
  return { weight, arbitrary: command.map((only) => [only]) };
}

export function story<Command>(
  weight: number,
  ...commands: readonly fc.Arbitrary<Command>[]
): Happening<Command> {
  return { weight, arbitrary: fc.tuple(...commands) };
}

/** Up to forty happenings, as one list of commands. */
export function history<Command>(
  happenings: readonly Happening<Command>[],
): fc.Arbitrary<readonly Command[]> {
  return fc
    .array(fc.oneof(...happenings), { minLength: 1, maxLength: 40, size: 'max' })
    .map((happened) => happened.flat());
}

/** One of two processes. */
export const either: fc.Arbitrary<number> = fc.nat({ max: 1 });
/** Deadline of a caller: some callers give up while their turn is written. */
export const deadlineMs: fc.Arbitrary<number> = fc.constantFrom(4500, 4500, 4500, 1, 3, 5);

export function advance(...ms: readonly number[]): fc.Arbitrary<ProcessCommand> {
  return fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(...ms) });
}

export function fault(
  aim: Aim,
  fault: fc.Arbitrary<Fault>,
  skip: fc.Arbitrary<number> = fc.nat({ max: 2 }),
): fc.Arbitrary<ProcessCommand> {
  return fc.record({ do: fc.constant('fault' as const), aim: fc.constant(aim), skip, fault });
}

export function pause(node: fc.Arbitrary<number> = either): fc.Arbitrary<ProcessCommand> {
  return fc.record({ do: fc.constant('pause' as const), node });
}

export function resume(node: fc.Arbitrary<number> = either): fc.Arbitrary<ProcessCommand> {
  return fc.record({
    do: fc.constant('resume' as const),
    node,
    first: fc.constantFrom('clock', 'persister'),
  });
}

export const restart: Happening<ProcessCommand> = happening(
  1,
  fc.record({ do: fc.constant('restart' as const), node: either }),
);

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
export const faults: readonly Happening<ProcessCommand>[] = [
  happening(4, fault('write', fc.oneof(slow, sudden, conflict))),
  happening(2, fault('read', fc.oneof(slow, sudden))),
  happening(1, fault('delete', fc.oneof(slow, sudden, conflict))),
  happening(1, fault('due', fc.oneof(slow, sudden))),
];

/** Faults of leases. */
export const leaseFaults: readonly Happening<ProcessCommand>[] = [
  happening(1, fault('release', fc.oneof(slow, sudden))),
  happening(1, fault('lease', conflict)),
];

export const crashes: readonly Happening<ProcessCommand>[] = [
  happening(
    2,
    fc.record({ do: fc.constant('crash' as const), node: either, sameName: fc.boolean() }),
  ),
];

export const pauses: readonly Happening<ProcessCommand>[] = [
  happening(2, pause()),
  happening(2, resume()),
];
