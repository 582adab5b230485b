import { pathToFileURL } from 'node:url';
import type { Persister } from 'colloquy';
import { NO_POSTGRES, startPostgres } from '../support/postgres.ts';
import { openRedis } from '../support/redis.ts';
import { fixture } from './built.ts';
import * as postgres from './postgres.fixture.ts';
import * as redis from './redis.fixture.ts';
import type { PersisterSource } from './serve.fixture.ts';

/** The database that the nodes share, and a view of it from outside. */
export interface Place {
  readonly source: PersisterSource;
  readonly persister: Persister;
  /** The leases that exist, read from the server itself. */
  leases(): Promise<readonly string[]>;
  /** Removes everything. */
  close(): Promise<void>;
}

/** A server to share: one that the test started, or one that was already running. */
export interface Server {
  open(): Promise<Place>;
  stop(): Promise<void>;
}

interface Kind {
  readonly name: string;
  /** What `--on` calls it. */
  readonly option: string;
  /** The reason to report if there is no such server. */
  readonly missing: string;
  start(): Promise<Server | undefined>;
}

let places = 0;
/** An unused name, even on a server that other programs use. */
function freshName(): string {
  places += 1;
  return `colloquy_nodes_${process.pid}_${places}`;
}

const source = (name: 'redis' | 'postgres', options: unknown): PersisterSource => ({
  module: pathToFileURL(fixture(name)).href,
  options,
});

export const kinds: readonly Kind[] = [
  {
    name: 'Redis',
    option: 'redis',
    missing: 'there is no REDIS_URL and no redis-server',
    async start() {
      const server = await openRedis();
      return (
        server && {
          async open() {
            const options = { url: server.url, prefix: freshName() };
            const view = redis.look(options);
            return { ...view, source: source('redis', options) };
          },
          stop: () => server.stop(),
        }
      );
    },
  },
  {
    name: 'PostgreSQL',
    option: 'postgres',
    missing: NO_POSTGRES,
    async start() {
      const server = await startPostgres();
      return (
        server && {
          async open() {
            const options = { url: server.url, table: freshName() };
            const view = await postgres.look(options);
            return { ...view, source: source('postgres', options) };
          },
          stop: () => server.stop(),
        }
      );
    },
  },
];
