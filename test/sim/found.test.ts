import { expect, it } from 'vitest';
import { type Command, type WorldOptions, play } from './world.ts';

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
