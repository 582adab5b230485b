import { type AnyStateMachine, createMachine, emit, fromPromise } from 'xstate';
import { type RecordCheck, checkRecords, jsonCodec, sealed } from 'colloquy';
import { describe, expect, it } from 'vitest';
import { createDisk, memory } from '../../src/persist/memory.ts';
import { createWorld } from './world.ts';

const text = 'message.text';
const service = fromPromise(() => new Promise(() => {}));
function machineOf(version: string, states: object): AnyStateMachine {
  const initial = Object.keys(states)[0];
  const machine = createMachine({ id: 'm', version, context: {}, initial, states } as never);
  return machine.provide({ actors: { load: service } } as never) as AnyStateMachine;
}

const old = machineOf('1', {
  // It says something, so the message that starts it is not heard.
  a: { entry: emit({ type: 'reply', reply: 'hi' }), on: { [text]: 'b' }, after: { 1000: 'b' } },
  b: { initial: 'x', on: { [text]: 'c' }, states: { x: {} } },
  c: { invoke: { src: 'load' } },
});
const changed = machineOf('2', { a: {}, b: { initial: 'y', states: { y: {} } } });

/** The records of one user per argument, after that number of messages to the old version. */
async function recordsAfter(...messages: number[]): Promise<{ openid: string; body: string }[]> {
  const disk = createDisk();
  const { runner, store } = createWorld(old, {
    storeOptions: { persister: memory(disk) },
    deadlineMs: 0,
  });
  for (const [index, count] of messages.entries()) {
    for (let each = 0; each < count; each += 1) await runner.handle(`user-${index}`, 'x');
  }
  await store.update('data', (context) => void context.set('a', 1));
  await runner.stop();
  await store.close();
  return [...disk.records.values()].map(({ openid, body }) => ({ openid, body }));
}

const counts = { fits: 0, migrated: 0, replaced: 0, restart: 0, none: 0, corrupt: 0 };

describe('the check of stored records', () => {
  it('finds that all is well with the same definition', async () => {
    const report = await checkRecords(old, await recordsAfter(1, 2, 3));
    expect(report).toEqual({
      total: 4,
      counts: { ...counts, fits: 3, none: 1 },
      changed: 0,
      dropped: 0,
      renames: [],
      findings: [],
    });
  });

  it('leaves out what a source keeps beside them', async () => {
    const kept = { openid: '~colloquy:source:telegram:1:', body: '{"version":1,"cursor":"9"}' };
    const records = [...(await recordsAfter(1)), kept];
    expect(await checkRecords(old, records)).toMatchObject({ total: 2, findings: [] });
  });

  it('says of each what would become of it, and why', async () => {
    const records = [...(await recordsAfter(1, 2, 3)), { openid: 'bad', body: '{' }];
    const report = await checkRecords(changed, records);
    expect(report).toMatchObject({
      total: 5,
      counts: { ...counts, fits: 1, restart: 2, none: 1, corrupt: 1 },
      changed: 3,
      dropped: 2,
    });
    expect(report.findings).toMatchObject([
      { openid: 'user-0', outcome: 'fits', before: 'a', after: 'a', reasons: [] },
      {
        openid: 'user-1',
        outcome: 'restart',
        found: { id: 'm', version: '1' },
        before: { b: 'x' },
        after: undefined,
        reasons: ["state 'b.x' is gone"],
      },
      { openid: 'user-2', dropped: { services: ['load'] }, reasons: ["state 'c' is gone"] },
      { openid: 'bad', outcome: 'corrupt', reasons: ['undecodable'] },
    ]);
  });

  it('goes by the same options as the runner', async () => {
    const records = await recordsAfter(1, 2, 3);
    const broken = new Error('broken');
    const migrated = await checkRecords(changed, records, {
      migrate: {
        1: (conversation) => {
          if (conversation.snapshot.value === 'c') throw broken;
          if (conversation.snapshot.value === 'a') return undefined;
          const snapshot = { ...conversation.snapshot, value: { b: 'y' } };
          return { ...conversation, version: '2', snapshot };
        },
      },
      onIncompatible: ({ snapshot }) => ({ ...snapshot, value: 'a', children: {} }),
    });
    expect(migrated.findings).toMatchObject([
      { outcome: 'replaced', reasons: ['its migration was given up'], errors: [] },
      { outcome: 'migrated', after: { b: 'y' }, reasons: [] },
      { outcome: 'replaced', errors: [{ code: 'bad_migration', cause: broken }] },
    ]);
  });

  it('opens sealed records, and takes open ones, one after the other', async () => {
    const codec = sealed(jsonCodec, {
      keys: [{ id: 'k', secret: 'x'.repeat(32) }],
      mode: 'encrypt',
    });
    async function* stream(): AsyncGenerator<
      Parameters<typeof checkRecords>[1] extends AsyncIterable<infer T> | Iterable<unknown>
        ? T
        : never
    > {
      for (const { openid, body } of await recordsAfter(1)) {
        yield { openid, body: codec.encode(jsonCodec.decode(body), { openid }) };
        yield { openid, body };
      }
      yield { openid: 'open', data: { a: 1 } };
      const snapshot = { status: 'active', value: 'gone', children: {}, history: {} };
      yield { openid: 'gone', data: {}, dialogue: { id: 'm', version: '1', snapshot } };
      yield { openid: 'other', data: {}, dialogue: { id: 'x', version: '1', snapshot } };
    }
    const seen: RecordCheck[] = [];
    const report = await checkRecords(old, stream(), {
      codec,
      onCheck: (check) => seen.push(check),
      maxFindings: 1,
    });
    expect(report.counts).toEqual({ ...counts, fits: 1, none: 2, corrupt: 2, restart: 2 });
    expect([seen.length, report.findings.length]).toEqual([7, 1]);
    expect(seen.at(-1)?.reasons).toEqual(["it is of the dialogue 'x'"]);
    expect(seen.find(({ outcome }) => outcome === 'corrupt')?.reasons).toEqual(['unsealed']);
  });

  it.each<[what: string, stored: object, reasons: string[]]>([
    ['other states below', { value: 'b' }, ['the state has other states in it now']],
    [
      'an actor',
      { value: 'a', children: { i: { src: 'gone' } } },
      ["actor 'gone' is not provided"],
    ],
    [
      'a dialogue',
      { value: 'a', children: { i: { src: 'load', snapshot: {} } } },
      ["actor 'load' is no dialogue now"],
    ],
    ['two states', { value: { b: 'q', z: 'y' } }, ["state 'b.q' is gone", "state 'z' is gone"]],
  ])('tells what is missing: %s', async (_what, stored, reasons) => {
    const snapshot = { status: 'active', children: {}, history: {}, ...stored };
    const records = [{ openid: 'u', data: {}, dialogue: { id: 'm', version: '2', snapshot } }];
    const { findings } = await checkRecords(changed, records);
    expect(findings).toMatchObject([{ outcome: 'restart', reasons }]);
  });

  it('refuses options that a runner would refuse', async () => {
    await expect(checkRecords(old, [], { onIncompatible: 'x' as never })).rejects.toMatchObject({
      code: 'bad_option',
    });
  });
});
