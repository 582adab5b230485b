import { ConflictError } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import {
  type PersisterSubject,
  createManualClock,
  persisterContract,
  selectCases,
} from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { record } from '../support/persisting.ts';

describe('the memory persister', () => {
  it('returns what was saved last, with its revision', async () => {
    const persister = memory();
    expect(await persister.load('a')).toBeUndefined();
    const first = await persister.save(record('a', 'one'), undefined);
    const second = await persister.save(record('a', 'two'), first);
    expect(second).toBeGreaterThan(first);
    expect(await persister.load('a')).toEqual({ ...record('a', 'two'), revision: second });
    expect(await persister.load('b')).toBeUndefined();
  });

  it.each<[what: string, expected: (revision: number) => number | undefined]>([
    ['that there is none', () => undefined],
    ['an older one', (revision) => revision - 1],
    ['one to come', (revision) => revision + 1],
  ])('refuses a save that expects %s, and changes nothing', async (_what, expected) => {
    const persister = memory();
    const first = await persister.save(record('a', 'one'), undefined);
    const revision = await persister.save(record('a', 'two'), first);
    const refused = persister.save(record('a', 'three'), expected(revision));
    await expect(refused).rejects.toBeInstanceOf(ConflictError);
    expect(await persister.load('a')).toMatchObject({ body: 'two', revision });
  });

  it('refuses a save over a deleted record', async () => {
    const persister = memory();
    const revision = await persister.save(record('a'), undefined);
    await persister.delete('a');
    await expect(persister.save(record('a'), revision)).rejects.toBeInstanceOf(ConflictError);
    expect(await persister.load('a')).toBeUndefined();
  });

  it('accepts only one of two saves at once', async () => {
    const persister = memory();
    const saves = ['one', 'two'].map((body) => persister.save(record('a', body), undefined));
    const [one, two] = await Promise.allSettled(saves);
    expect([one?.status, two?.status]).toEqual(['fulfilled', 'rejected']);
    expect(await persister.load('a')).toMatchObject({ body: 'one' });
  });

  it('never gives a revision twice, even after deletes and restarts', async () => {
    const disk = createDisk();
    const revisions: number[] = [];
    for (let run = 0; run < 3; run += 1) {
      const persister = memory(disk);
      revisions.push(await persister.save(record('a'), undefined));
      await persister.delete('a');
      await persister.close();
    }
    expect(new Set(revisions).size).toBe(3);
    expect(revisions).toEqual([...revisions].sort((a, b) => a - b));
  });

  it('deletes a record, and with a revision only that revision', async () => {
    const persister = memory();
    expect(await persister.delete('a')).toBe(false);
    const revision = await persister.save(record('a'), undefined);
    expect(await persister.delete('a', revision + 1)).toBe(false);
    expect(await persister.load('a')).toBeDefined();
    expect(await persister.delete('a', revision)).toBe(true);
    await persister.save(record('a'), undefined);
    expect(await persister.delete('a')).toBe(true);
    expect(await persister.load('a')).toBeUndefined();
  });

  it('returns due records, the earliest first, up to the given limit', async () => {
    const persister = memory();
    for (const wakeAt of [30, 10, 20, 40]) {
      await persister.save(record(`at-${wakeAt}`, 'body', wakeAt), undefined);
    }
    expect(await persister.due(30, 10)).toEqual([
      { openid: 'at-10', wakeAt: 10 },
      { openid: 'at-20', wakeAt: 20 },
      { openid: 'at-30', wakeAt: 30 },
    ]);
    expect((await persister.due(99, 2)).map(({ wakeAt }) => wakeAt)).toEqual([10, 20]);
    expect(await persister.due(9, 10)).toEqual([]);
  });

  it('returns no object through which a caller could change its records', async () => {
    const persister = memory();
    const mine = { ...record('a') };
    await persister.save(mine, undefined);
    mine.body = 'changed';
    const loaded = await persister.load('a');
    Reflect.set(loaded ?? {}, 'body', 'changed');
    for (const entry of await persister.due(999, 9)) Reflect.set(entry, 'wakeAt', 0);
    expect(await persister.load('a')).toMatchObject({ body: 'body', wakeAt: 100 });
  });

  it('refuses every call after its close, and its disk stays usable', async () => {
    const disk = createDisk();
    const persister = memory(disk);
    await persister.save(record('a'), undefined);
    await persister.close();
    await persister.close();
    const closed = expect.objectContaining({ name: 'PersistError', code: 'closed' }) as Error;
    await expect(persister.load('a')).rejects.toThrow(closed);
    await expect(persister.save(record('b'), undefined)).rejects.toThrow(closed);
    await expect(persister.delete('a')).rejects.toThrow(closed);
    await expect(persister.due(1, 1)).rejects.toThrow(closed);
    expect(await memory(disk).load('a')).toMatchObject({ body: 'body' });
  });
});

describe('the memory persister of one process keeps the contract', () => {
  const subject = (): PersisterSubject => {
    const disk = createDisk();
    const open = async () => memory(disk);
    return { capabilities: ['reopen', 'moves', 'lists'], open, reopen: open };
  };
  const { cases, skipped } = selectCases(persisterContract, subject());
  for (const { name, run } of cases) {
    it(name, () => expect(run(subject())).resolves.toBeUndefined());
  }

  it('except the cases that need leases or a second process', () => {
    const needed = persisterContract.filter(({ name }) => skipped.includes(name));
    expect(needed.length).toBeGreaterThan(0);
    for (const { needs } of needed) expect(needs).not.toContain('reopen');
  });
});

describe('the memory persister of several processes keeps the contract', () => {
  const subject = (): PersisterSubject => {
    const disk = createDisk();
    const clock = createManualClock();
    const open = async () => memory(disk, { shared: true, clock });
    return {
      capabilities: ['reopen', 'processes', 'leases', 'clock', 'moves', 'lists'],
      open,
      reopen: open,
      passTime: (ms) => clock.advance(ms),
    };
  };
  const { cases, skipped } = selectCases(persisterContract, subject());
  for (const { name, run } of cases) {
    it(name, () => expect(run(subject())).resolves.toBeUndefined());
  }

  it('without an exception', () => {
    expect(skipped).toEqual([]);
  });
});

describe('the leases of the memory persister', () => {
  it('exist only on a shared disk', () => {
    expect(memory().lease).toBeUndefined();
    expect(memory(createDisk(), { shared: false }).lease).toBeUndefined();
    expect(memory(createDisk(), { shared: true }).lease).toBeDefined();
  });

  it('expire by the clock, to the millisecond', async () => {
    const clock = createManualClock();
    const { lease } = memory(createDisk(), { shared: true, clock });
    await lease?.take('a', 'one', 1000);
    await clock.advance(999);
    expect(await lease?.take('a', 'two', 1000)).toEqual({ taken: false, heldForMs: 1 });
    await clock.advance(1);
    expect(await lease?.take('a', 'two', 1000)).toEqual({ taken: true, record: undefined });
  });

  it('leave nothing behind when they have expired, though no call asks for them again', async () => {
    const clock = createManualClock();
    const disk = createDisk();
    const { lease } = memory(disk, { shared: true, clock });
    for (let user = 0; user < 100; user += 1) await lease?.take(`user-${user}`, 'one', 1000);
    expect(disk.leases?.size).toBe(100);
    await clock.advance(1000);
    await lease?.take('another', 'one', 1000);
    expect([...(disk.leases?.keys() ?? [])]).toEqual(['another']);
  });

  it('expire by the system clock by default', async () => {
    const { lease } = memory(createDisk(), { shared: true });
    await lease?.take('a', 'one', 1_000_000);
    const answer = await lease?.take('a', 'two', 1000);
    expect(answer).toMatchObject({ taken: false });
  });
});
