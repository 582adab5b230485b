import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Pool } from 'pg';

/** A PostgreSQL to test against. */
export interface PostgresServer {
  readonly url: string;
  /** What only a server of our own can be put through; undefined for that of `DATABASE_URL`. */
  readonly own: OwnServer | undefined;
  /** Ends it and removes its data, where it is our own. */
  stop(): Promise<void>;
}

/** One of our own in any case. */
export type OwnPostgres = PostgresServer & { readonly own: OwnServer };

export interface OwnServer {
  /** Kills it in the middle of what it does: nothing is written, and no caller gets an answer. */
  crash(): Promise<void>;
  /** Starts it again on the same data, under the same address. */
  restart(): Promise<void>;
}

/** What to say where there is none. */
export const NO_POSTGRES =
  'there is no DATABASE_URL, and neither `initdb` and `postgres` on the PATH nor a `pg_config` that knows where they are';

/**
 * The server of `DATABASE_URL`; else one of our own, from the programs on this machine, in a folder for temporary files
 * and on a free port, which ends with this process. Undefined where there is neither.
 */
export async function startPostgres(): Promise<PostgresServer | undefined> {
  const { DATABASE_URL } = process.env;
  if (DATABASE_URL) return { url: DATABASE_URL, own: undefined, stop: async () => {} };
  return startOwnPostgres({ syncs: false });
}

/**
 * One of our own in any case. Undefined where there are no programs for it.
 * @param syncs whether what it commits goes to the disk. Without that it still outlives a crash of the server; only one
 *   of the machine it does not.
 */
export async function startOwnPostgres({
  syncs,
}: {
  readonly syncs: boolean;
}): Promise<OwnPostgres | undefined> {
  const programs = findPrograms();
  return programs && startOwn(programs, syncs ? 'on' : 'off');
}

interface Programs {
  readonly initdb: string;
  readonly postgres: string;
}

function findPrograms(): Programs | undefined {
  const asked = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' });
  const folders = [(asked.stdout ?? '').trim(), ...(process.env['PATH'] ?? '').split(delimiter)];
  for (const folder of folders.filter((each) => each !== '')) {
    const programs = { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
    if (Object.values(programs).every((path) => existsSync(path))) return programs;
  }
  return undefined;
}

async function startOwn({ initdb, postgres }: Programs, fsync: 'on' | 'off'): Promise<OwnPostgres> {
  const user = userToRunAs();
  const home = mkdtempSync(join(tmpdir(), 'colloquy-postgres-'));
  if (user) chownSync(home, user.uid, user.gid);
  const data = join(home, 'data');
  const options = { ...user, cwd: home };

  const made = spawnSync(
    initdb,
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    { ...options, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.error ?? made.stderr}`);

  const port = await freePort();
  let server: ChildProcess | undefined;
  const launch = (): void => {
    server = spawn(
      postgres,
      ['-D', data, '-p', `${port}`, '-k', home, '-h', '127.0.0.1', '-c', `fsync=${fsync}`],
      { ...options, stdio: ['ignore', 'ignore', 'pipe'] },
    );
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const exit = once(server, 'exit');
    server.kill(signal);
    await exit;
  };
  // SIGQUIT is its "immediate": it takes its children with it and leaves the rest to the recovery.
  const abandon = (): void => {
    server?.kill('SIGQUIT');
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  };
  process.once('exit', abandon);

  const start = async (): Promise<void> => {
    let log = '';
    // After a crash it does not start before the last of its former children has noticed.
    for (let attempt = 0; attempt < 100; attempt += 1) {
      launch();
      log = await untilReady(server);
      if (log === '') return;
    }
    throw new Error(`postgres did not start: ${log}`);
  };
  await start();

  return {
    url: `postgresql://postgres@127.0.0.1:${port}/postgres`,
    own: {
      async crash() {
        // Those that serve a connection outlive the server until they notice, and would go on answering.
        const children = childrenOf(server?.pid);
        await end('SIGKILL');
        for (const child of children) killIfThere(child);
      },
      restart: start,
    },
    async stop() {
      process.off('exit', abandon);
      await end('SIGQUIT');
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function childrenOf(pid: number | undefined): number[] {
  const { stdout } = spawnSync('pgrep', ['-P', `${pid}`], { encoding: 'utf8' });
  return (stdout ?? '').split('\n').filter(Boolean).map(Number);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has noticed.
  }
}

/** '' once it takes connections; what it said where it ended instead. */
async function untilReady(server: ChildProcess | undefined): Promise<string> {
  let log = '';
  return new Promise((resolve) => {
    server?.stderr?.setEncoding('utf8').on('data', (text: string) => {
      // At its end: each call meanwhile is refused, with a line.
      log = (log + text).slice(-10_000);
      if (log.includes('ready to accept connections')) resolve('');
    });
    server?.once('error', (error) => resolve(String(error)));
    server?.once('exit', () => resolve(log === '' ? 'it ended' : log));
  });
}

/** The user that the server runs as, which may not be root. Undefined: the current one. */
function userToRunAs(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error('postgres refuses to run as root, and there is no user `postgres` or `nobody`');
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, 'close');
  return port;
}

/** The backends that wait for a lock, to read or write this table. */
export async function waitingFor(pool: Pool, table: string): Promise<number[]> {
  const { rows } = await pool.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND position($1 in query) > 0`,
    [`"${table}"`],
  );
  return rows.map(({ pid }) => pid);
}
