import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { env } from 'node:process';
import { temporaryFolder } from './folder.ts';

/** A server that the benchmark started, or the one of `REDIS_URL` or `DATABASE_URL`. */
export interface Server {
  readonly url: string;
  readonly version: string;
  stop(): Promise<void>;
}

/** For a process that measures: the address of the server that its parent uses. */
export function redisUrl(): string {
  return named('REDIS_URL');
}

export function postgresUrl(): string {
  return named('DATABASE_URL');
}

function named(name: string): string {
  const url = env[name];
  if (url === undefined || url === '') throw new Error(`There is no ${name}.`);
  return url;
}

/**
 * Starts Redis with an append-only file that it writes to the disk every second. Undefined if this machine has no
 * Redis.
 */
export async function startRedis(): Promise<Server | undefined> {
  if (env['REDIS_URL']) return given(env['REDIS_URL']);
  const program = find('redis-server') ?? find('valkey-server');
  if (program === undefined) return undefined;
  const port = await freePort();
  const settings = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', temporaryFolder()];
  const child = spawn(
    program,
    [...settings, '--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await ready(child, child.stdout, 'Ready to accept connections');
  return { url: `redis://127.0.0.1:${port}`, version: versionOf(program), stop: () => end(child) };
}

/** Starts PostgreSQL with its default settings, fsync included. Undefined if this machine has no PostgreSQL. */
export async function startPostgres(): Promise<Server | undefined> {
  if (env['DATABASE_URL']) return given(env['DATABASE_URL']);
  const initdb = find('initdb');
  const postgres = find('postgres');
  if (initdb === undefined || postgres === undefined) return undefined;
  const folder = temporaryFolder();
  const user = userToRunAs();
  if (user) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const made = spawnSync(
    initdb,
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    { ...user, cwd: folder, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.error ?? made.stderr}`);
  const port = await freePort();
  const child = spawn(postgres, ['-D', data, '-p', `${port}`, '-k', folder, '-h', '127.0.0.1'], {
    ...user,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await ready(child, child.stderr, 'ready to accept connections');
  return {
    url: `postgresql://postgres@127.0.0.1:${port}/postgres`,
    version: versionOf(postgres),
    stop: () => end(child, 'SIGQUIT'),
  };
}

function given(url: string): Server {
  return { url, version: 'as given', stop: async () => {} };
}

function find(name: string): string | undefined {
  const asked = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' });
  const folders = [(asked.stdout ?? '').trim(), ...(env['PATH'] ?? '').split(delimiter)];
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

function versionOf(program: string): string {
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return /\d+\.\d+(\.\d+)?/.exec(stdout ?? '')?.[0] ?? '?';
}

/** PostgreSQL refuses to run as root. */
function userToRunAs(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error('postgres refuses to run as root, and there is no user `postgres` or `nobody`.');
}

function ready(child: ChildProcess, output: NodeJS.ReadableStream, words: string): Promise<void> {
  process.once('exit', () => child.kill('SIGKILL'));
  let log = '';
  return new Promise((resolve, reject) => {
    output.on('data', (text: Buffer) => {
      if (log.length < 10_000) log += text.toString();
      if (log.includes(words)) resolve();
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`A server ended before it was ready: ${log}`)));
  });
}

async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, 'close');
  return port;
}
