import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { NO_POSTGRES, startOwnPostgres } from '../support/postgres.ts';
import { findRedis, startRedis } from '../support/redis.ts';
import { fixture } from './built.ts';
import type { CrashSubject } from './crash.ts';

/** A prepared subject, and the place of its data. */
export interface OpenSubject extends CrashSubject {
  /** Where to look when something was lost. */
  readonly place: string;
  close(): Promise<void>;
}

/** The reason to report when a server is missing. */
export const MISSING = {
  redis: 'there is no redis-server on the PATH',
  postgres: NO_POSTGRES,
} as const;

/** The serving process dies, and with it the persister inside. */
export async function inFolder(name: 'lmdb' | 'sqlite' | 'forgetful'): Promise<OpenSubject> {
  const path = await mkdtemp(join(tmpdir(), 'colloquy-crash-'));
  return {
    persister: { module: moduleOf(name), options: { path } },
    place: path,
    close: () => rm(path, { recursive: true, force: true }),
  };
}

/** The server dies; what it has acknowledged is on its disk. Undefined if this machine has no Redis. */
export async function onRedis(): Promise<OpenSubject | undefined> {
  if ((await findRedis()) === undefined) return undefined;
  const server = await startRedis({ appendfsync: 'always' });
  const { url } = server;
  return {
    persister: { module: moduleOf('redis'), options: { url } },
    server: { kill: () => server.kill(), start: () => server.restart() },
    place: url,
    close: () => server.stop(),
  };
}

/** The same with PostgreSQL. */
export async function onPostgres(): Promise<OpenSubject | undefined> {
  const server = await startOwnPostgres({ syncs: true });
  if (server === undefined) return undefined;
  const { url, own } = server;
  return {
    persister: { module: moduleOf('postgres'), options: { url } },
    server: { kill: () => own.crash(), start: () => own.restart() },
    place: url,
    close: () => server.stop(),
  };
}

function moduleOf(name: Parameters<typeof fixture>[0]): string {
  return pathToFileURL(fixture(name)).href;
}
