import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Happening, calm, crashes, faults, leaseFaults, pauses } from './commands.ts';
import { type Command, type WorldOptions, play } from './world.ts';

/**
 * The six promises again, checked by a witness of the disk: what is written there happened, and every answer and event has
 * to follow from it. A turn that failed for its caller may have been written or not; sent again, it counts once.
 *
 * `npm run test:sim` plays each world 2000 times, or SIM_RUNS times: more than the suite has time for.
 */
const RUNS = Number(process.env['SIM_RUNS'] ?? 50);
/** A busy machine plays one in a second. */
const LONGEST_MS = Math.max(600_000, RUNS * 1000);

const worlds: readonly (readonly [string, 1 | 2, readonly Happening[]])[] = [
  ['one process, with a persister on a bad day', 1, [...calm, ...faults]],
  ['one process that crashes, with a persister on a bad day', 1, [...calm, ...faults, ...crashes]],
  ['two processes on one persister', 2, calm],
  ['two processes, with a persister on a bad day', 2, [...calm, ...leaseFaults]],
  [
    'two processes that crash and pause, with a persister that fails',
    2,
    [...calm, ...leaseFaults, ...crashes, ...pauses],
  ],
];

const text = { do: 'send', user: 'a', kind: 'text', serviceMs: 0 } as const;
const voice = { ...text, kind: 'voice' } as const;

/** Sequences that broke a promise in the past. */
const found: readonly (readonly [string, readonly Command[], Partial<WorldOptions>])[] = [
  [
    'whose callers leave while their turns are written, each by another process',
    [
      { ...text, node: 1, deadlineMs: 5 },
      { do: 'advance', ms: 5 },
      { ...text, node: 0, deadlineMs: 3 },
    ],
    { nodes: 2 },
  ],
  [
    'whose service ends while another message has the lane',
    [
      { ...voice, node: 0, deadlineMs: 1 },
      { ...text, node: 0, deadlineMs: 4500 },
    ],
    {},
  ],
  [
    'of which one is closed before it knows the time',
    [
      { do: 'draft', user: 'a', node: 0, ms: 0 },
      { do: 'restart', node: 1 },
      { do: 'draft', user: 'a', node: 1, ms: 0 },
      { do: 'draft', user: 'a', node: 1, ms: 0 },
      { do: 'restart', node: 1 },
      { ...text, node: 0, deadlineMs: 4500 },
    ],
    { nodes: 2, skewMs: 3_600_000 },
  ],
  [
    'whose persister writes what a service said, and loses the answer',
    [
      { do: 'fault', aim: 'write', skip: 1, fault: { outcome: 'lost' } },
      { ...voice, node: 0, deadlineMs: 4500 },
      { do: 'advance', ms: 900_000 },
      { do: 'fault', aim: 'write', skip: 0, fault: { outcome: 'refused' } },
    ],
    { latencyMs: 0 },
  ],
  [
    'whose persister does the same, and cannot be read for a while',
    [
      { do: 'fault', aim: 'write', skip: 1, fault: { outcome: 'unanswered' } },
      { ...voice, node: 0, deadlineMs: 4500 },
      { do: 'fault', aim: 'read', skip: 0, fault: { beforeMs: 0, afterMs: 0 } },
      { do: 'fault', aim: 'read', skip: 2, fault: { outcome: 'refused' } },
      { do: 'press', user: 'a', node: 1 },
      { do: 'advance', ms: 5000 },
      { ...text, node: 0, deadlineMs: 4500 },
    ],
    { nodes: 2, latencyMs: 0 },
  ],
  [
    'whose persister does not answer a write, before many more messages',
    [
      { do: 'fault', aim: 'write', skip: 2, fault: { outcome: 'unanswered' } },
      { ...voice, user: 'b', node: 1, deadlineMs: 4500 },
      { do: 'fault', aim: 'read', skip: 1, fault: { beforeMs: 5000 } },
      { ...text, node: 0, deadlineMs: 4500 },
      { do: 'chatter', user: 'b', node: 0, count: 17 },
      { do: 'advance', ms: 0 },
      { do: 'again', back: 18, node: 0, deadlineMs: 4500 },
      { do: 'fault', aim: 'write', skip: 0, fault: { outcome: 'refused' } },
    ],
    { nodes: 2, latencyMs: 0 },
  ],
  [
    'of which one saves a draft while its lane waits for a service',
    [
      { ...voice, node: 0, serviceMs: 40_000, deadlineMs: 1 },
      { do: 'again', back: 1, node: 0, deadlineMs: 4500 },
      { do: 'advance', ms: 5 },
      { do: 'draft', user: 'a', node: 0, ms: 0 },
      { ...text, node: 1, deadlineMs: 5 },
      { ...text, node: 0, deadlineMs: 4500 },
    ],
    { nodes: 2 },
  ],
  [
    'of which one pauses while a result is written, until the conversation has expired',
    [
      { ...voice, node: 0, serviceMs: 50, deadlineMs: 4500 },
      { ...text, node: 0, deadlineMs: 4500 },
      { do: 'advance', ms: 0 },
      { do: 'pause', node: 0 },
      { do: 'again', back: 1, node: 1, deadlineMs: 4500 },
      { do: 'advance', ms: 16_000 },
      { do: 'resume', node: 0, first: 'clock' },
      { do: 'pause', node: 0 },
      { do: 'advance', ms: 900_000 },
      { ...text, node: 0, deadlineMs: 4500 },
      { do: 'again', back: 1, node: 1, deadlineMs: 4500 },
      { do: 'advance', ms: 16_000 },
      { do: 'resume', node: 0, first: 'clock' },
    ],
    { nodes: 2, latencyMs: 0 },
  ],
];

it.each(found)('the six promises hold for processes %s', async (_which, commands, world) => {
  const options: WorldOptions = { nodes: 1, max: 1, latencyMs: 1, behindMs: 0, ...world };
  expect(await play(commands, options)).toEqual([]);
});

it.each(worlds)(
  'the six promises hold for %s',
  async (_who, nodes, happenings) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(...happenings), { minLength: 1, maxLength: 40, size: 'max' }),
        fc.constantFrom(1, 100),
        fc.constantFrom(0, 1),
        async (happened, max, latencyMs) => {
          const options = { nodes, max, latencyMs, behindMs: 0 };
          expect(await play(happened.flat(), options)).toEqual([]);
        },
      ),
      { numRuns: RUNS },
    );
  },
  LONGEST_MS,
);

const skewed: readonly (readonly [string, readonly Happening[]])[] = [
  ['two processes', calm],
  ['two processes that crash', [...calm, ...crashes]],
  ['two processes, with a persister on a bad day', [...calm, ...leaseFaults]],
];

it.each(skewed)(
  'the six promises hold for %s whose clocks differ, by the time of the persister',
  async (_who, happenings) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(...happenings), { minLength: 1, maxLength: 40, size: 'max' }),
        fc.constantFrom(1, 100),
        fc.constantFrom(0, 1),
        fc.constantFrom(3_600_000, -3_600_000, 45_000, -45_000),
        async (happened, max, latencyMs, skewMs) => {
          const options = { nodes: 2, max, latencyMs, behindMs: 0, skewMs } as const;
          expect(await play(happened.flat(), options)).toEqual([]);
        },
      ),
      { numRuns: RUNS },
    );
  },
  LONGEST_MS,
);

const behind: readonly (readonly [string, readonly Happening[]])[] = [
  ['a process that writes behind', calm],
  ['one that writes behind, with a persister on a bad day', [...calm, ...faults]],
  ['one that writes behind and crashes', [...calm, ...crashes]],
  [
    'one that writes behind and crashes, with a persister on a bad day',
    [...calm, ...faults, ...crashes],
  ],
];

it.each(behind)(
  'the promises hold for %s, but for what was said not to be durable',
  async (_who, happenings) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(...happenings), { minLength: 1, maxLength: 40, size: 'max' }),
        fc.constantFrom(1, 100),
        fc.constantFrom(1, 1000, 30_000),
        async (happened, max, behindMs) => {
          const options = { nodes: 1, max, latencyMs: 0, behindMs } as const;
          expect(await play(happened.flat(), options)).toEqual([]);
        },
      ),
      { numRuns: RUNS },
    );
  },
  LONGEST_MS,
);
