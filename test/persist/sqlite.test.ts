import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as eventLoop } from 'node:timers/promises';
import type { Persister } from 'colloquy';
import { toSqliteError } from 'colloquy/persist/sqlite/faults';
import { type SqliteDatabase, type SqliteOptions, sqlite } from 'colloquy/persist/sqlite';
import {
  type PersisterSubject,
  createManualClock,
  persisterContract,
  selectCases,
} from 'colloquy/testing';
import Libsql from 'libsql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { expectSoundLists, placeOf } from '../support/listing.ts';
import { record, refusalOf } from '../support/persisting.ts';

type Connection = SqliteDatabase & { close(): unknown };
type Connect = (path: string) => Connection;

const libsql: Connect = (path) => new Libsql(path) as unknown as Connection;

/** Node's own, from 22.13 on without a flag. */
async function findBuiltin(): Promise<Connect | undefined> {
  const builtin = process.getBuiltinModule as (name: string) => object | undefined;
  const found = builtin('node:sqlite') as
    { readonly DatabaseSync: new (path: string) => Connection } | undefined;
  return found && ((path) => new found.DatabaseSync(path));
}

const builtin = await findBuiltin();
const packages: readonly (readonly [name: string, connect: Connect])[] = [
  ['libsql', libsql],
  ...(builtin === undefined ? [] : [['node:sqlite', builtin] as const]),
];

async function createPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-sqlite-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'bot.db');
}

function openAt(connect: Connect, path: string, options?: SqliteOptions): Persister {
  const database = connect(path);
  const persister = sqlite(database, options);
  onTestFinished(async () => {
    await persister.close();
    database.close();
  });
  return persister;
}

function subject(connect: Connect, shared: boolean): PersisterSubject {
  const clock = createManualClock();
  const folder = mkdtemp(join(tmpdir(), 'colloquy-sqlite-'));
  const open: Connection[] = [];
  const openOne = async (): Promise<Persister> => {
    const database = connect(join(await folder, 'bot.db'));
    open.push(database);
    return sqlite(database, { shared, clock });
  };
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
    async cleanUp() {
      for (const database of open) database.close();
      await rm(await folder, { recursive: true });
    },
  };
}

describe.each(packages)('by %s', (_name, connect) => {
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
      await expect(run(subject(connect, shared))).resolves.toBeUndefined();
    });
  });

  it('a record keeps half of a surrogate pair, a zero character, and text that looks like its encoding', async () => {
    const persister = openAt(connect, await createPath());
    for (const [index, body] of ['\ud800', 'a\udc00b', 'a\0b', '\ufffd', '\u00ff', ''].entries()) {
      const openid = `user-${index}\0`;
      await persister.save({ openid, body, wakeAt: index + 0.5 }, undefined);
      expect(await persister.load(openid)).toMatchObject({ body, wakeAt: index + 0.5 });
    }
    expect(await persister.due(1.5, 10)).toEqual([
      { openid: 'user-0\0', wakeAt: 0.5 },
      { openid: 'user-1\0', wakeAt: 1.5 },
    ]);
  });

  it('lists soundly while records are written between the pages', async () => {
    await expectSoundLists(async () => {
      const database = connect(':memory:');
      return placeOf(sqlite(database), async () => void database.close());
    }, 50);
  });

  it('a revision is never given twice to an openid, whichever process deletes it', async () => {
    const path = await createPath();
    const both = [openAt(connect, path), openAt(connect, path)];
    const revisions: number[] = [];
    const addAndDelete = async (persister: Persister): Promise<void> => {
      for (let round = 0; round < 60; round += 1) {
        const [saved] = await Promise.allSettled([persister.save(record('u'), undefined)]);
        if (saved.status === 'fulfilled') revisions.push(saved.value);
        await persister.delete('u');
      }
    };
    await Promise.all(both.map(addAndDelete));
    expect(new Set(revisions).size).toBe(revisions.length);
    expect(revisions.length).toBeGreaterThanOrEqual(60);
  });

  it('writes of one turn of the event loop are one transaction, of which a conflict is only its caller’s', async () => {
    const database = connect(await createPath());
    const commits: string[] = [];
    const counting: SqliteDatabase = {
      exec: (sql) => {
        if (sql === 'COMMIT') commits.push(sql);
        return database.exec(sql);
      },
      prepare: (sql) => database.prepare(sql),
    };
    const persister = sqlite(counting);
    commits.length = 0;
    const settled = await Promise.allSettled([
      persister.save(record('ann'), undefined),
      persister.save(record('ann'), undefined),
      persister.save(record('bob'), undefined),
      persister.delete('bob'),
      persister.save(record('bob'), undefined),
    ]);
    expect(settled).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'conflict' } },
      { status: 'fulfilled', value: 1 },
      { status: 'fulfilled', value: true },
      { status: 'fulfilled', value: 2 },
    ]);
    expect(commits).toHaveLength(1);
    database.close();
  });

  it('a transaction that fails saves nothing of any of its calls, and the next one may succeed', async () => {
    const database = connect(await createPath());
    const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
    let isFull = false;
    const persister = sqlite({
      exec(sql) {
        if (sql === 'COMMIT' && isFull) throw full;
        return database.exec(sql);
      },
      prepare: (sql) => database.prepare(sql),
    });
    isFull = true;
    const calls = ['ann', 'bob'].map((openid) =>
      persister.save(record(openid, 'secret'), undefined),
    );
    for (const call of calls) {
      const error = await refusalOf(call);
      expect(error).toMatchObject({ code: 'unavailable', retryable: true });
      expect(error.message).not.toContain('secret');
    }
    isFull = false;
    expect(await persister.load('ann')).toBeUndefined();
    expect(await persister.save(record('ann'), undefined)).toBe(1);
    database.close();
  });

  it('a lock of another process is waited for without blocking the event loop', async () => {
    const path = await createPath();
    const persister = openAt(connect, path);
    const other = connect(path);
    other.exec('BEGIN IMMEDIATE');
    const saved = persister.save(record('ann'), undefined);
    // What only reads does not wait with it.
    expect(await persister.load('bob')).toBeUndefined();
    expect(await persister.due(Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
    for (let turn = 0; turn < 100; turn += 1) await eventLoop();
    other.exec('COMMIT');
    expect(await saved).toBe(1);
    other.close();
  });

  it.each([false, true])(
    'a database that there is opens at once while another process writes, shared: %s',
    async (shared) => {
      const path = await createPath();
      await openAt(connect, path, { shared }).save(record('ann'), undefined);
      const other = connect(path);
      other.exec('BEGIN IMMEDIATE');
      // A wait would block this very process, and with it the other connection.
      const persister = openAt(connect, path, { shared });
      expect(await persister.load('ann')).toMatchObject({ body: 'body' });
      other.exec('COMMIT');
      other.close();
    },
  );

  it('leases that have run out are gone when the next process opens a shared database', async () => {
    const path = await createPath();
    const clock = createManualClock();
    const shared = { shared: true, clock };
    await openAt(connect, path, shared).lease?.take('ann', 'one', 1000);
    const other = connect(path);
    const leases = other.prepare('SELECT owner FROM colloquy_leases');
    expect(leases.all()).toHaveLength(1);
    await clock.advance(1001);
    openAt(connect, path, shared);
    await expect.poll(() => leases.all()).toHaveLength(0);
    other.close();
  });

  it('a changed bit of a body is seen', async () => {
    const path = await createPath();
    const persister = openAt(connect, path);
    await persister.save(record('ann', '{"price":100}'), undefined);
    const other = connect(path);
    other.exec(`UPDATE colloquy_records SET body = CAST('{"price":900}' AS BLOB)`);
    other.close();
    expect(await persister.load('ann')).toMatchObject({ damaged: true, wakeAt: 0 });
  });

  it('two bots in one file do not see each other', async () => {
    const path = await createPath();
    const [one, other] = [openAt(connect, path), openAt(connect, path, { prefix: 'other' })];
    await one.save(record('ann'), undefined);
    expect(await other.load('ann')).toBeUndefined();
  });

  it('a file that is no database, and tables of a later version, are refused', async () => {
    const path = await createPath();
    const database = connect(path);
    sqlite(database);
    expect((await stat(path)).size).toBeGreaterThan(0);
    database.exec("UPDATE colloquy_meta SET value = 9 WHERE name = 'format'");
    expect(() => sqlite(connect(path))).toThrow(
      expect.objectContaining({ code: 'incompatible', details: { format: 9 } }),
    );
    database.close();
    expect(() => sqlite(connect(import.meta.filename))).toThrow(
      expect.objectContaining({ code: 'corrupt' }),
    );
  });
});

it.each([
  ['node:sqlite', Object.assign(new Error('database is not open'), { code: 'ERR_INVALID_STATE' })],
  ['better-sqlite3', new TypeError('The database connection is not open')],
  ['bun:sqlite', new Error('Cannot use a closed database')],
])('a connection that was closed is named as that, by %s', async (_name, closed) => {
  const database = libsql(':memory:');
  let isOpen = true;
  const persister = sqlite({
    exec(sql) {
      if (!isOpen) throw closed;
      return database.exec(sql);
    },
    prepare: (sql) => database.prepare(sql),
  });
  isOpen = false;
  expect(await refusalOf(persister.save(record('ann'), undefined))).toMatchObject({
    code: 'closed',
    retryable: false,
  });
  database.close();
});

it.each([
  [{ errcode: 5 }, 'unavailable', true],
  [{ errcode: 13 }, 'unavailable', true],
  [{ errcode: 778 }, 'unavailable', true], // SQLITE_IOERR_WRITE
  [{ errcode: 8 }, 'refused', false],
  [{ errcode: 11 }, 'corrupt', false],
  [{ code: 'SQLITE_IOERR_FSYNC' }, 'unavailable', true],
  [{ code: 'SQLITE_READONLY_DBMOVED' }, 'refused', false],
  [{ code: 'SQLITE_NOTADB' }, 'corrupt', false],
  [{ code: 'SQLITE_ERROR' }, 'refused', false],
])('the fault %o is %s', (fault, code, retryable) => {
  expect(toSqliteError(Object.assign(new Error('ann'), fault), 'ann')).toMatchObject({
    code,
    retryable,
    message: expect.not.stringContaining('ann') as string,
  });
});

it('SQLite skips no case of the contract except those of a clock: one machine has one clock', () => {
  const capabilities = ['reopen', 'processes', 'leases', 'moves', 'lists'] as const;
  const { skipped } = selectCases(persisterContract, { capabilities });
  const ofClocks = persisterContract.filter(({ needs }) => needs.includes('clock'));
  expect(skipped).toEqual(ofClocks.map(({ name }) => name));
});

it.each([
  [undefined, {}, 'bad_client'],
  [{ exec: () => {} }, {}, 'bad_client'],
  [{ exec: () => {}, prepare: () => {} }, { prefix: 'a"b' }, 'bad_option'],
  [{ exec: () => {}, prepare: () => {} }, { tabel: 'x' }, 'bad_option'],
])('what is no database or option is refused: %o %o', (database, options, code) => {
  expect(() => sqlite(database as never, options as never)).toThrow(
    expect.objectContaining({ code }),
  );
});
