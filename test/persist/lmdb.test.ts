import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { open } from 'lmdb';
import type { Persister } from 'colloquy';
import { type LmdbOptions, lmdb } from 'colloquy/persist/lmdb';
import { causeOf, toCallError } from 'colloquy/persist/lmdb/faults';
import {
  type PersisterSubject,
  createManualClock,
  persisterContract,
  selectCases,
} from 'colloquy/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { bundle } from '../support/bundle.ts';
import { expectSoundLists, placeOf } from '../support/listing.ts';

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-lmdb-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

function openIn(path: string, options?: LmdbOptions): Persister {
  const persister = lmdb(path, options);
  onTestFinished(() => persister.close());
  return persister;
}

function subject(shared: boolean): PersisterSubject {
  const clock = createManualClock();
  const place = mkdtemp(join(tmpdir(), 'colloquy-lmdb-'));
  const openOne = async (): Promise<Persister> => lmdb(await place, { shared, clock });
  return {
    capabilities: [
      'reopen',
      'processes',
      'moves',
      'lists',
      ...(shared ? (['leases'] as const) : []),
    ],
    open: openOne,
    reopen: openOne,
    passTime: (ms) => clock.advance(ms),
    cleanUp: async () => rm(await place, { recursive: true }),
  };
}

describe.each([
  ['alone', false],
  ['shared', true],
])('a database that is served %s keeps the contract:', (_how, shared) => {
  const { cases } = selectCases(persisterContract, {
    capabilities: [
      'reopen',
      'processes',
      'moves',
      'lists',
      ...(shared ? (['leases'] as const) : []),
    ],
  });
  it.each(cases)('$name', async ({ run }) => {
    await expect(run(subject(shared))).resolves.toBeUndefined();
  });
});

it('LMDB skips no case of the contract except those of a clock: one machine has one clock', () => {
  const capabilities = ['reopen', 'processes', 'leases', 'moves', 'lists'] as const;
  const { skipped } = selectCases(persisterContract, { capabilities });
  const ofClocks = persisterContract.filter(({ needs }) => needs.includes('clock'));
  expect(skipped).toEqual(ofClocks.map(({ name }) => name));
});

describe('a record', () => {
  it('keeps half of a surrogate pair, and text that looks like its encoding', async () => {
    const persister = openIn(await createFolder());
    for (const [index, body] of ['\ud800', 'a\udc00b', '\ufffd', '\u00ff', ''].entries()) {
      const openid = `user-${index}`;
      await persister.save({ openid, body, wakeAt: 1 }, undefined);
      expect(await persister.load(openid)).toMatchObject({ body });
    }
  });

  it('receives ever higher revisions, through any number of deletes', async () => {
    const persister = openIn(await createFolder());
    let last = 0;
    for (let round = 0; round < 20; round += 1) {
      const first = await persister.save({ openid: 'u', body: '', wakeAt: 1 }, undefined);
      const second = await persister.save({ openid: 'u', body: '', wakeAt: 1 }, first);
      expect(first).toBeGreaterThan(last);
      expect(second).toBeGreaterThan(first);
      last = second;
      expect(await persister.delete('u')).toBe(true);
    }
  });

  it('never has a revision twice while two persisters add and delete it at once', async () => {
    const folder = await createFolder();
    const both = [openIn(folder), openIn(folder)];
    const revisions: number[] = [];
    const addAndDelete = async (persister: Persister): Promise<void> => {
      for (let round = 0; round < 60; round += 1) {
        const [saved] = await Promise.allSettled([
          persister.save({ openid: 'u', body: '', wakeAt: 1 }, undefined),
        ]);
        if (saved.status === 'fulfilled') revisions.push(saved.value);
        await persister.delete('u');
      }
    };
    await Promise.all(both.map(addAndDelete));
    expect(new Set(revisions).size).toBe(revisions.length);
    expect(await both[0]?.due(Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
  });
});

describe('the index of what is due', () => {
  it('gives each record at its time, even after any process moved it to an earlier or a later one', async () => {
    const step = fc.record({
      openid: fc.constantFrom('a', 'b', 'c'),
      wakeAt: fc.option(fc.integer({ min: -3, max: 9 })),
      until: fc.integer({ min: -3, max: 9 }),
      limit: fc.integer({ min: 0, max: 3 }),
      by: fc.constantFrom(0, 1),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 16 }), async (steps) => {
        const folder = await createFolder();
        const both = [lmdb(folder), lmdb(folder)] as const;
        const known = new Map<string, number>();
        for (const { openid, wakeAt, until, limit, by } of steps) {
          const found = await both[by].load(openid);
          expect(found?.wakeAt).toBe(known.get(openid));
          if (wakeAt === null) {
            expect(await both[by].delete(openid)).toBe(known.delete(openid));
          } else {
            await both[by].save({ openid, body: '', wakeAt }, found?.revision);
            known.set(openid, wakeAt);
          }
          const due = [...known]
            .map(([user, at]) => ({ openid: user, wakeAt: at }))
            .filter((entry) => entry.wakeAt <= until)
            .toSorted((x, y) => x.wakeAt - y.wakeAt || x.openid.localeCompare(y.openid));
          expect(await both[1 - by]?.due(until, limit)).toEqual(due.slice(0, limit));
        }
        await Promise.all(both.map((each) => each.close()));
      }),
      { numRuns: 10 },
    );
  });

  it('may be read in the middle of a save, and the save succeeds', async () => {
    const persister = openIn(await createFolder());
    let revision = await persister.save({ openid: 'u', body: '', wakeAt: 0 }, undefined);
    for (let round = 1; round < 40; round += 1) {
      const looked = persister.due(round - 1, 10);
      const saved = persister.save({ openid: 'u', body: '', wakeAt: round }, revision);
      expect(await persister.due(round - 2, 10)).toEqual([]);
      revision = await saved;
      expect(Number.isInteger(revision)).toBe(true);
      expect((await looked).length).toBeLessThanOrEqual(1);
    }
    expect(await persister.due(100, 10)).toEqual([{ openid: 'u', wakeAt: 39 }]);
    expect(await persister.delete('u', revision)).toBe(true);
    expect(await persister.due(100, 10)).toEqual([]);
  });

  it('finds what is due behind any number of records that have moved to later times', async () => {
    const persister = openIn(await createFolder());
    const users = Array.from({ length: 2500 }, (_, user) => `user-${user}`);
    const saveAll = (wakeAt: number, revisions: (number | undefined)[]): Promise<number[]> =>
      Promise.all(
        users.map((openid, user) => persister.save({ openid, body: '', wakeAt }, revisions[user])),
      );
    const revisions = await saveAll(10, []);
    await persister.save({ openid: 'idle', body: '', wakeAt: 11 }, undefined);
    await saveAll(20, revisions);
    expect(await persister.due(15, 1)).toEqual([{ openid: 'idle', wakeAt: 11 }]);
    expect(await persister.due(20, 5000)).toHaveLength(2501);
    await saveAll(
      30,
      revisions.map((revision) => revision + 1),
    );
    await persister.delete('idle');
    expect(await persister.due(29, 1)).toEqual([]);
  });
});

describe('a lease', () => {
  it('lasts no longer than its span when the clock is set back', async () => {
    const folder = await createFolder();
    const before = createManualClock({ now: 10_000_000 });
    await openIn(folder, { shared: true, clock: before }).lease?.take('u', 'one', 1000);
    const after = createManualClock({ now: 5_000_000 });
    const lease = openIn(folder, { shared: true, clock: after }).lease;
    expect(await lease?.take('u', 'two', 1000)).toEqual({ taken: false, heldForMs: 1000 });
    await after.advance(1000);
    expect(await lease?.take('u', 'two', 1000)).toMatchObject({ taken: true });
  });

  it('that its owner never released is removed after its expiry', async () => {
    const folder = await createFolder();
    const clock = createManualClock();
    const gone = lmdb(folder, { shared: true, clock });
    for (const openid of ['a', 'b', 'c']) await gone.lease?.take(openid, 'gone', 1000);
    await clock.advance(500);
    await gone.lease?.take('d', 'gone', 1000);
    await gone.close();
    await clock.advance(500);
    await lmdb(folder, { shared: true, clock }).close();
    const root = open(folder, { noSubdir: false, overlappingSync: false });
    const leases = root.openDB('leases', { keyEncoding: 'binary', useVersions: true });
    expect([...leases.getKeys()].map(String)).toEqual(['d']);
    await root.close();
  });

  it('exists only for persisters with the option `shared`', async () => {
    const folder = await createFolder();
    expect(openIn(folder).lease).toBeUndefined();
    expect(openIn(folder, { shared: true }).lease).toBeDefined();
  });
});

describe('the place', () => {
  it('is a directory that is created, for its owner only, with every character in its name', async () => {
    const path = join(await createFolder(), 'deep', 'data.v1');
    await openIn(path).save({ openid: 'u', body: 'kept', wakeAt: 1 }, undefined);
    const { mode } = await stat(path);
    expect((await stat(path)).isDirectory()).toBe(true);
    expect(mode & 0o077).toBe(0);
    expect(await openIn(path).load('u')).toMatchObject({ body: 'kept' });
  });

  it.each<[string, unknown]>([
    ['empty', ''],
    ['no string', undefined],
    ['cut short by NUL', 'a\0b'],
  ])('is refused if the path is %s', (_what, path) => {
    expect(() => lmdb(path as string)).toThrow(
      expect.objectContaining({ name: 'UsageError', code: 'bad_option' }) as Error,
    );
  });

  it.each([
    ['is a file', 'file', 'unavailable'],
    ['leads through a file', 'file/data', 'unavailable'],
    ['holds something else', '', 'corrupt'],
  ])('is refused if it %s, and the error names it', async (_what, name, code) => {
    const folder = await createFolder();
    await writeFile(join(folder, 'file'), '');
    await writeFile(join(folder, 'data.mdb'), 'no database '.repeat(1000));
    const path = join(folder, name);
    const refused = expect.objectContaining({ name: 'PersistError', code, retryable: false });
    expect(() => lmdb(path)).toThrow(refused as Error);
    expect(() => lmdb(path)).toThrow(path);
  });

  it('is refused if its files were cut short', async () => {
    const folder = await createFolder();
    await lmdb(folder).close();
    await truncate(join(folder, 'data.mdb'), 5000);
    expect(() => lmdb(folder)).toThrow(expect.objectContaining({ code: 'corrupt' }) as Error);
    // As a process leaves the file that was killed at the very first moment.
    await truncate(join(folder, 'data.mdb'), 0);
    await openIn(folder).save({ openid: 'u', body: '', wakeAt: 1 }, undefined);
  });

  it('is refused if a newer version made it, and stays unchanged', async () => {
    const folder = await createFolder();
    await lmdb(folder).close();
    const root = open(folder, { noSubdir: false, overlappingSync: false });
    const meta = root.openDB('meta', {
      keyEncoding: 'binary',
      encoding: 'binary',
      useVersions: true,
    });
    const rewrite = async (format: number): Promise<void> => {
      await meta.put(Buffer.from('format'), Buffer.of(0), format);
    };
    await rewrite(4);
    expect(() => lmdb(folder)).toThrow(
      expect.objectContaining({ code: 'incompatible', details: { format: 4 } }) as Error,
    );
    // The next version takes over the files of the version before.
    await rewrite(1);
    await openIn(folder).save({ openid: 'u', body: '', wakeAt: 1 }, undefined);
    expect(meta.getEntry(Buffer.from('format'))?.version).toBe(3);
    await root.close();
  });
});

describe('a failed commit', () => {
  const commitFailed = (code: number): Error =>
    Object.assign(new Error('Commit failed'), {
      commitError: Promise.reject(Object.assign(new Error('reason'), { code })),
    });

  it.each([
    ['of a full disk', 28, 'unavailable', true],
    ['of a disk that fails', 5, 'unavailable', true],
    ['of a damaged file', -30_796, 'corrupt', false],
  ])('%s is an error with its cause', async (_what, errno, code, retryable) => {
    const error = toCallError(await causeOf(commitFailed(errno)), 'u');
    expect(error).toMatchObject({ name: 'PersistError', code, retryable, openid: 'u' });
    expect(error.cause).toMatchObject({ message: 'reason' });
  });
});

describe('several persisters of one process', () => {
  it('can be opened, used and closed while another one saves', async () => {
    const folder = await createFolder();
    const first = openIn(folder);
    for (let round = 0; round < 10; round += 1) {
      const saves = Array.from({ length: 20 }, (_, user) =>
        first.save({ openid: `${round}-${user}`, body: '', wakeAt: 1 }, undefined),
      );
      const second = lmdb(folder);
      const save = second.save({ openid: `second-${round}`, body: '', wakeAt: 1 }, undefined);
      await second.close();
      expect(await save).toBeGreaterThan(0);
      await Promise.all(saves);
    }
    expect(await first.due(1, 1000)).toHaveLength(210);
  });
});

describe('several processes', async () => {
  const FIXTURE = 'test/persist/lmdb.fixture.ts';
  const pathOf = await bundle(FIXTURE);
  const start = (task: string, path: string): ChildProcess =>
    fork(pathOf(FIXTURE), [task, path], { execArgv: [] });

  it('lose no count of one number, and the file grows beyond what this process has mapped', async () => {
    const folder = await createFolder();
    const persister = openIn(folder);
    const processes = [start('increment', folder), start('increment', folder)];
    const codes = await Promise.all(processes.map((each) => once(each, 'exit')));
    expect(codes).toEqual([
      [0, null],
      [0, null],
    ]);
    expect(await persister.load('counter')).toMatchObject({ body: '400' });
    for (const { pid } of processes) {
      expect((await persister.load(`big-${pid}`))?.body).toHaveLength(3_000_000);
    }
  }, 60_000);

  it('are noticed by the one that opens the database without `shared`, as long as they live', async () => {
    const emitWarning = vi.spyOn(process, 'emitWarning').mockReturnValue();
    onTestFinished(() => emitWarning.mockRestore());
    const folder = await createFolder();
    openIn(folder);
    const other = start('save', folder);
    await once(other, 'message');
    openIn(folder, { shared: true });
    expect(emitWarning).not.toHaveBeenCalled();
    openIn(folder);
    expect(emitWarning.mock.calls).toEqual([
      [expect.stringContaining('shared: true'), { type: 'ColloquyWarning', code: 'not_shared' }],
    ]);
    expect(emitWarning.mock.calls[0]?.[0]).toContain(folder);
    other.kill('SIGKILL');
    await once(other, 'exit');
    openIn(folder);
    expect(emitWarning).toHaveBeenCalledTimes(1);
  });

  it('are noticed before they have saved anything', async () => {
    const emitWarning = vi.spyOn(process, 'emitWarning').mockReturnValue();
    onTestFinished(() => emitWarning.mockRestore());
    const folder = await createFolder();
    const other = start('idle', folder);
    await once(other, 'message');
    openIn(folder);
    expect(emitWarning).toHaveBeenCalledTimes(1);
    other.kill('SIGKILL');
  });

  it.each(['was killed', 'ended by itself'])(
    'continue after one of them %s in the middle of its saves',
    async (how) => {
      const folder = await createFolder();
      const persister = openIn(folder);
      const other = start(how === 'was killed' ? 'save' : 'exit', folder);
      await once(other, 'message');
      const save = async (openid: string): Promise<void> => {
        for (let round = 0; round < 50; round += 1) {
          const found = await persister.load(openid);
          await persister.save({ openid, body: String(round), wakeAt: 2 }, found?.revision);
        }
      };
      const saves = Promise.all(['a', 'b', 'c'].map(save));
      if (how === 'was killed') other.kill('SIGKILL');
      await once(other, 'exit');
      await saves;
      expect(await persister.load('c')).toMatchObject({ body: '49' });
      for (const { openid, wakeAt } of await persister.due(2, 1000)) {
        expect(await persister.load(openid)).toMatchObject({ wakeAt });
      }
    },
    60_000,
  );
});

it('lists soundly while records are written between the pages', async () => {
  await expectSoundLists(async () => {
    const place = await mkdtemp(join(tmpdir(), 'colloquy-lmdb-'));
    return placeOf(lmdb(place), () => rm(place, { recursive: true }));
  }, 20);
});
