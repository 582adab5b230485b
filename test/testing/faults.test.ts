import { type Persister, ColloquyError } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { type Fault, type PersisterCall, createManualClock, faulty } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

const record = { openid: 'ann', body: 'body', wakeAt: 1 };
const outcomes = ['refused', 'lost', 'conflict', 'dropped', 'unanswered'] as const;

function createPlace(fault?: Fault, { shared = true } = {}) {
  const clock = createManualClock();
  const disk = createDisk();
  const calls: PersisterCall[] = [];
  const inner = memory(disk, { shared, clock });
  const choose = (call: PersisterCall): Fault | undefined => {
    calls.push(call);
    return fault;
  };
  return { clock, disk, inner, calls, persister: faulty(inner, { clock, choose }) };
}

/** What came of a call by now: its answer, its error, or nothing. */
async function endOf(
  clock: ReturnType<typeof createManualClock>,
  work: Promise<unknown>,
): Promise<unknown> {
  let end: unknown = 'nothing';
  work.then(
    (answer) => {
      end = { answer };
    },
    (error: unknown) => {
      end = ColloquyError.is(error) ? error.code : 'error';
    },
  );
  await clock.advance(0);
  return end;
}

describe('a persister that is left alone', () => {
  it('answers as the one behind it, and tells of every call once, in order', async () => {
    const { persister, inner, calls } = createPlace();
    const { lease } = persister;
    const revision = await persister.save(record, undefined);
    expect(await persister.load('ann')).toEqual({ ...record, revision });
    await expect(persister.save(record, undefined)).rejects.toMatchObject({ code: 'conflict' });
    expect(await persister.due(1, 1)).toEqual([{ openid: 'ann', wakeAt: 1 }]);
    expect(await lease?.take('bob', 'me', 1)).toEqual({ taken: true, record: undefined });
    await lease?.save({ ...record, openid: 'bob' }, undefined, 'me');
    await lease?.release('bob', 'me');
    expect(await persister.delete('ann', revision)).toBe(true);
    await persister.close();
    await expect(inner.load('ann')).rejects.toMatchObject({ code: 'closed' });
    expect(calls.map(({ method, openid }) => [method, openid])).toEqual([
      ['save', 'ann'],
      ['load', 'ann'],
      ['save', 'ann'],
      ['due', undefined],
      ['lease.take', 'bob'],
      ['lease.save', 'bob'],
      ['lease.release', 'bob'],
      ['delete', 'ann'],
      ['close', undefined],
    ]);
  });

  it('has leases where the one behind it has them', () => {
    expect(createPlace(undefined, { shared: false }).persister.lease).toBeUndefined();
  });
});

describe('a fault', () => {
  type Work = (persister: Persister) => Promise<unknown> | undefined;
  const works: readonly (readonly [string, Work, unknown])[] = [
    ['a save', ({ save }) => save({ ...record, body: 'next' }, 1), 'conflict'],
    ['a delete', (persister) => persister.delete('ann', 1), { answer: false }],
    [
      'the taking of a lease',
      ({ lease }) => lease?.take('ann', 'me', 10),
      { answer: { taken: false, heldForMs: 1000 } },
    ],
    [
      'a save that gives a lease back',
      ({ lease }) => lease?.save({ ...record, body: 'next' }, 1, 'other'),
      'conflict',
    ],
    ['the giving back of a lease', ({ lease }) => lease?.release('ann', 'other'), 'bad_fault'],
  ];
  const cases = works.flatMap(([what, work, beaten]) =>
    outcomes.map((outcome) => [what, outcome, work, beaten] as const),
  );

  it.each(cases)('of %s: %s', async (_what, outcome, work, beaten) => {
    const { persister, inner, disk, clock } = createPlace({ outcome });
    await inner.save(record, undefined);
    if (work !== works[2]?.[1]) await inner.lease?.take('ann', 'other', 10);
    const seen = (): string => JSON.stringify([[...disk.records], [...(disk.leases ?? [])]]);
    const before = seen();
    const end = await endOf(clock, Promise.resolve(work(persister)));
    const ends = {
      refused: 'error',
      lost: 'error',
      conflict: beaten,
      dropped: 'nothing',
      unanswered: 'nothing',
    };
    expect(end).toEqual(ends[outcome]);
    const isDone = outcome === 'lost' || outcome === 'unanswered';
    expect(seen() !== before).toBe(isDone);
  });

  it('a conflict is refused for a call that no other process can overtake', async () => {
    const { persister, clock } = createPlace({ outcome: 'conflict' });
    const works = [
      () => persister.load('ann'),
      () => persister.due(1, 1),
      () => persister.delete('ann'),
      () => persister.close(),
    ];
    for (const work of works) expect(await endOf(clock, work())).toBe('bad_fault');
  });

  it('may be a delay before the call is made, and another before it is answered', async () => {
    const { persister, disk, clock } = createPlace({ beforeMs: 10, afterMs: 5 });
    const save = persister.save(record, undefined);
    const states: unknown[] = [];
    for (const ms of [9, 1, 4, 1]) {
      await clock.advance(ms);
      states.push([disk.records.size, await endOf(clock, save)]);
    }
    expect(states).toEqual([
      [0, 'nothing'],
      [1, 'nothing'],
      [1, 'nothing'],
      [1, { answer: 1 }],
    ]);
  });

  it('lets a later call get there first', async () => {
    const clock = createManualClock();
    const slow: Fault[] = [{ beforeMs: 10 }];
    const persister = faulty(memory(), { clock, choose: () => slow.pop() });
    const first = persister.save(record, undefined);
    expect(await persister.save({ ...record, body: 'second' }, undefined)).toBe(1);
    const refusal = first.catch((error: unknown) => error);
    await clock.advance(10);
    expect(await refusal).toMatchObject({ code: 'conflict' });
  });
});
