import { createContextStore, jsonCodec, systemClock } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { describe, expect, it } from 'vitest';

const SECRET = 'redis://:hunter2@localhost';
const { due: _due, ...withoutDue } = memory(createDisk());

describe('a store refuses at once', () => {
  it.each<[what: string, options: object, found: string]>([
    ['a path as its persister', { persister: SECRET }, 'a string'],
    ['a number as its persister', { persister: 5 }, 'a number'],
    ['null as its persister', { persister: null }, 'null'],
    ['a list as its persister', { persister: [] }, 'an object without load()'],
    ['a function that was not called', { persister: memory }, 'a function'],
    ['a persister that is not awaited', { persister: Promise.resolve() }, 'a promise'],
    ['a client in its place', { persister: { get() {}, set() {} } }, 'an object without load()'],
    ['a persister that lacks a method', { persister: withoutDue }, 'an object without due()'],
    ['a path as its codec', { codec: SECRET }, 'a string'],
    ['half a codec', { codec: { encode: jsonCodec.encode } }, 'an object without decode()'],
    ['a number as its clock', { clock: 5 }, 'a number'],
    ['half a clock', { clock: { now: systemClock.now } }, 'an object without wake()'],
  ])('%s', (_what, options, found) => {
    const act = (): unknown => createContextStore(options);
    expect(act).toThrow(
      expect.objectContaining({
        name: 'UsageError',
        code: 'bad_option',
        message: expect.stringContaining(`it got ${found}`),
      }),
    );
    expect(act).not.toThrow('hunter2');
    const [name] = Object.keys(options);
    expect(act).toThrow(`\`${name}\` of createContextStore()`);
  });

  it('nothing that is left out', async () => {
    const options = { persister: undefined, codec: undefined, clock: undefined };
    await expect(createContextStore(options).close()).resolves.toBeUndefined();
  });
});
