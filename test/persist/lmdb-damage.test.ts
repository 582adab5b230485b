import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Persister, createContextStore } from 'colloquy';
import { lmdb } from 'colloquy/persist/lmdb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bundle } from '../support/bundle.ts';

const FIXTURE = 'test/persist/lmdb-damage.fixture.ts';
const pathOf = await bundle(FIXTURE);

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-lmdb-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** A database with 300 records, closed. */
async function createDatabase(): Promise<string> {
  const folder = await createFolder();
  const persister = lmdb(folder);
  const saves = Array.from({ length: 300 }, async (_, user) => {
    const body = `body of ${user} ${'.'.repeat(user * 10)}`;
    return persister.save({ openid: `user ${user}`, body, wakeAt: 1 }, undefined);
  });
  await Promise.all(saves);
  await persister.close();
  return folder;
}

/**
 * What a process of its own sees: a crash of LMDB would be one of this process.
 * @param limit the most blocks of 512 bytes that a file may have, as on a disk that is full then
 */
async function look(
  task: string,
  folder: string,
  limit: number | 'unlimited' = 'unlimited',
): Promise<readonly string[]> {
  const printed = await new Promise<string>((resolve, reject) => {
    const script = `ulimit -f ${limit}; exec "$@"`;
    const args = ['-c', script, 'sh', process.execPath, pathOf(FIXTURE), task, folder];
    execFile('sh', args, { timeout: 30_000 }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });
  return printed.trim().split('\n');
}

const dataOf = (folder: string): string => join(folder, 'data.mdb');

describe('a file that was cut within a page', () => {
  // What is on which page differs from one database to the next, and with it what a page looks like whose end is gone.
  it.each([0.3, 0.38, 0.42, 0.46, 0.5, 0.54, 0.58, 0.62])(
    'at %d of its length hides no record',
    async (share) => {
      const folder = await createDatabase();
      const { length } = await readFile(dataOf(folder));
      const pages = Math.floor((length * share) / 4096);
      await truncate(dataOf(folder), pages * 4096 + 2048);
      const lines = await look('read', folder);
      expect(lines.at(-1)).toBe('end');
      expect(lines).not.toContain('load: wrong');
    },
  );
});

describe('a file that was cut', () => {
  it.each<[where: string, size: (whole: number) => number]>([
    ['behind its two first pages', () => 8192],
    ['a byte behind them', () => 8193],
    ['behind three pages', () => 12_288],
    ['in the middle', (whole) => Math.floor(whole / 2)],
    ['by a page', (whole) => whole - 4096],
    ['by a byte', (whole) => whole - 1],
  ])('%s gives errors or what is right, and ends no process', async (_where, size) => {
    const folder = await createDatabase();
    const { length } = await readFile(dataOf(folder));
    await truncate(dataOf(folder), size(length));
    const lines = await look('read', folder);
    expect(lines.at(-1)).toBe('end');
    const kinds = new Set(lines);
    expect(kinds).not.toContain('load: wrong');
    expect(
      [...kinds].filter(
        (line) => !/^(?:end|\w+: (?:done|right|damaged|corrupt|unavailable))$/u.test(line),
      ),
    ).toEqual([]);
  });
});

describe('a changed bit', () => {
  // The body, the time at which something is due, and the checksum, as they stand before the body.
  it.each([
    ['in the middle of a body', 200],
    ['at its beginning', 0],
    ['in the time before it', -4],
    ['in the checksum before it', -10],
  ])('%s is noticed; its user begins again, and nobody else', async (_what, offset) => {
    const folder = await createFolder();
    const body = `{"mark":"${'damage me '.repeat(40)}"}`;
    const persister = lmdb(folder);
    for (const openid of ['ann', 'bob']) {
      const other = openid === 'ann' ? body : '{}';
      await persister.save({ openid, body: other, wakeAt: 4e12 }, undefined);
    }
    await persister.close();
    const bytes = await readFile(dataOf(folder));
    let found = 0;
    for (let at = bytes.indexOf(body); at !== -1; at = bytes.indexOf(body, at + 1)) {
      bytes[at + offset] = (bytes[at + offset] ?? 0) ^ 1;
      found += 1;
    }
    expect(found).toBeGreaterThan(0);
    await writeFile(dataOf(folder), bytes);

    const reopened = lmdb(folder);
    expect(await reopened.load('ann')).toMatchObject({ damaged: true });
    expect(await reopened.load('bob')).toEqual({
      openid: 'bob',
      body: '{}',
      wakeAt: 4e12,
      revision: expect.any(Number),
    });
    const reasons: unknown[] = [];
    const kept: string[] = [];
    const store = createContextStore<{ n: number }>({
      persister: reopened,
      onCorrupt: async (about) => {
        kept.push(about.body);
        return 'discard';
      },
    });
    store.on('error', ({ error }) => reasons.push((error as { details: unknown }).details));
    await store.update('ann', (context) => context.set('n', 1));
    expect(reasons).toEqual([{ reason: 'damaged' }]);
    expect(kept[0]).toHaveLength(body.length);
    expect(await reopened.load('ann')).not.toHaveProperty('damaged');
    await store.close();
  });

  it('moves no record to another user', async () => {
    const folder = await createFolder();
    await using(folder, (persister) =>
      persister.save({ openid: 'user-a', body: 'of a', wakeAt: 1 }, undefined),
    );
    const bytes = await readFile(dataOf(folder));
    for (let at = bytes.indexOf('user-a'); at !== -1; at = bytes.indexOf('user-a', at + 1)) {
      bytes[at + 5] = 'b'.charCodeAt(0);
    }
    await writeFile(dataOf(folder), bytes);
    await using(folder, async (persister) => {
      expect(await persister.load('user-b')).toMatchObject({ damaged: true });
    });
  });

  it('is not looked for in records of a version without checksums', async () => {
    const folder = await createFolder();
    await using(folder, (persister) =>
      persister.save({ openid: 'u', body: 'old', wakeAt: 1 }, undefined),
    );
    const { open } = await import('lmdb');
    const root = open(folder, { noSubdir: false, overlappingSync: false });
    const records = root.openDB('records', {
      keyEncoding: 'binary',
      encoding: 'binary',
      useVersions: true,
    });
    const time = Buffer.from(records.get(Buffer.from('u')) as Buffer).subarray(0, 8);
    await records.put(Buffer.from('u'), Buffer.concat([time, Buffer.from('old')]), 1024);
    const late = Buffer.concat([time, Buffer.of(0xfe), time, Buffer.from('late')]);
    await records.put(Buffer.from('v'), late, 1024);
    await root.close();
    await using(folder, async (persister) => {
      expect(await persister.load('u')).toEqual({
        openid: 'u',
        body: 'old',
        wakeAt: 1,
        revision: 1024,
      });
      expect(await persister.load('v')).toEqual({
        openid: 'v',
        body: 'late',
        wakeAt: 1,
        revision: 1024,
      });
      expect(await persister.save({ openid: 'u', body: 'new', wakeAt: 2 }, 1024)).toBe(1025);
    });
  });
});

describe('a disk without room', () => {
  it('is an error of each save, and what was answered stays', async () => {
    const folder = await createFolder();
    const lines = await look('fill', folder, 2000);
    const saved = lines.flatMap((line) => line.match(/^saved: (.*)$/u)?.[1] ?? []);
    expect(saved.length).toBeGreaterThan(50);
    expect(lines.slice(saved.length)).toEqual([
      ...Array.from({ length: 5 }, () => 'save: unavailable'),
      'end',
    ]);
    await using(folder, async (persister) => {
      for (const user of saved) {
        expect(await persister.load(`user ${user}`)).toMatchObject({
          body: user.padEnd(5000, '.'),
        });
      }
      await persister.save({ openid: 'later', body: 'room again', wakeAt: 1 }, undefined);
      expect(await persister.load('later')).toMatchObject({ body: 'room again' });
    });
  });
});

describe('a place that cannot be used', () => {
  it.each(['data.mdb', 'lock.mdb'])('is refused if %s is a folder', async (name) => {
    const folder = await createFolder();
    await mkdir(join(folder, name));
    expect(await look('read', folder)).toEqual(['open: unavailable', 'end']);
  });

  it.each([
    ['a new one', async () => createFolder()],
    ['one with records', createDatabase],
  ])('is refused if this process may not write there: %s', async (_what, create) => {
    const folder = await create();
    await chmod(folder, 0o555);
    onTestFinished(() => chmod(folder, 0o755));
    expect(await look('without-rights', folder)).toEqual(['open: unavailable', 'end']);
  });
});

async function using(
  folder: string,
  work: (persister: Persister) => Promise<unknown>,
): Promise<void> {
  const persister = lmdb(folder);
  await work(persister);
  await persister.close();
}
