import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { vi } from 'vitest';

/** A Redis that a test may do with as it likes. Everything is written to a temporary folder, which `stop` removes. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Ends it as a crash of the process does. */
  kill(): Promise<void>;
  /** Starts it again after a `kill`, with the same data on the same port, and waits until it has read them. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface RedisServerOptions {
  /** When the append-only file goes to the disk; without it nothing is written to one. */
  readonly appendfsync?: 'always' | 'everysec' | 'no';
  /** The file of a Sentinel, which it is then. */
  readonly config?: string;
  /** Further settings, as `maxmemory` or `cluster-enabled`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The path of a server on this machine, Redis or Valkey, or undefined. */
export async function findRedis(): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of ['redis-server', 'valkey-server']) {
      const path = join(folder, name);
      const found = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (found) return path;
    }
  }
  return undefined;
}

/** The server of `REDIS_URL`, or else one of our own, or undefined where the machine has none. */
export async function openRedis(): Promise<Pick<RedisServer, 'url' | 'stop'> | undefined> {
  const url = process.env['REDIS_URL'];
  if (url !== undefined && url !== '') return { url, stop: async () => {} };
  return (await findRedis()) === undefined ? undefined : startRedis();
}

/** @throws Error where the machine has no server: ask `findRedis` first */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const path = await findRedis();
  if (path === undefined) throw new Error('There is no redis-server in the PATH.');
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-redis-'));
  const port = await freePort();
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    ...(options.config === undefined && {
      save: '',
      appendonly: options.appendfsync === undefined ? 'no' : 'yes',
      appendfsync: options.appendfsync ?? 'no',
    }),
    ...options.settings,
  };
  const sentinel = options.config === undefined ? [] : [options.config, '--sentinel'];
  const args = [
    ...sentinel,
    ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
  ];
  let child = await launch(path, args);
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill: () => end(child),
    async restart() {
      child = await launch(path, args);
    },
    async stop() {
      await end(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Servers that run now. None outlives the process of the tests. */
const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** Resolves when the server has read its data and listens. */
async function launch(path: string, args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  child.once('exit', () => children.delete(child));
  const output: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    output.push(line);
    if (/Ready to accept connections|Sentinel ID is/u.test(line)) {
      child.stdout.resume();
      return child;
    }
  }
  throw new Error(`${path} ended before it was ready:\n${output.slice(-5).join('\n')}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  child.kill('SIGKILL');
  await ended;
}

/** Primaries of one cluster, each with its part of the slots. Resolves when every one of them knows the others. */
export async function startCluster(size: number): Promise<readonly RedisServer[]> {
  const servers = await Promise.all(
    Array.from({ length: size }, async () =>
      startRedis({
        settings: { 'cluster-enabled': 'yes', 'cluster-port': String(await freePort()) },
      }),
    ),
  );
  const clients = servers.map(({ url }) => new Redis(url));
  const [first] = servers;
  const bus = await clients[0]?.config('GET', 'cluster-port');
  const share = (index: number): number => Math.floor((index * 16384) / size);
  for (const [index, client] of clients.entries()) {
    await client.call('CLUSTER', 'ADDSLOTSRANGE', share(index), share(index + 1) - 1);
    if (index > 0) {
      const port = (bus as string[])[1] ?? '';
      await client.call('CLUSTER', 'MEET', '127.0.0.1', String(first?.port), port);
    }
  }
  await vi.waitFor(
    async () => {
      for (const client of clients) {
        const info = await client.cluster('INFO');
        if (!info.includes('cluster_state:ok') || !info.includes(`cluster_known_nodes:${size}`)) {
          throw new Error(`The cluster is not ready:\n${info}`);
        }
      }
    },
    { timeout: 20_000, interval: 50 },
  );
  for (const client of clients) client.disconnect();
  return servers;
}

/** A Sentinel that alone decides which server is the primary of this name. */
export async function startSentinel(name: string, primary: number): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-sentinel-'));
  const config = join(folder, 'sentinel.conf');
  // It writes what it finds out into its file, and takes these settings from no other place.
  const lines = [
    `sentinel monitor ${name} 127.0.0.1 ${primary} 1`,
    `sentinel down-after-milliseconds ${name} 5000`,
    `sentinel failover-timeout ${name} 2000`,
  ];
  await writeFile(config, `${lines.join('\n')}\n`);
  const sentinel = await startRedis({ config });
  const admin = new Redis(sentinel.url);
  // It looks at its servers once in ten seconds otherwise.
  await admin.call('SENTINEL', 'DEBUG', 'INFO-PERIOD', '1000');
  admin.disconnect();
  return {
    ...sentinel,
    async stop() {
      await sentinel.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Stands between clients and a server, and can lose what it answers. */
export interface Proxy {
  readonly url: string;
  /** Cuts the connection instead of passing on the next answer. Resolves when that has been done. */
  loseAnswer(): Promise<void>;
  stop(): Promise<void>;
}

export async function startProxy(target: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let lost: (() => void) | undefined;
  const proxy: Server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        near.destroy();
        far.destroy();
        sockets.delete(socket);
      });
    }
    near.pipe(far);
    far.on('data', (answer) => {
      if (lost === undefined) {
        near.write(answer);
        return;
      }
      near.destroy();
      lost();
      lost = undefined;
    });
  });
  await new Promise<void>((resolve) => {
    proxy.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `redis://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    loseAnswer: () =>
      new Promise((resolve) => {
        lost = resolve;
      }),
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        proxy.close(resolve);
      });
    },
  };
}

/** A port that no server listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

/** The slot of a key in a cluster (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/). */
export function slotOf(key: string): number {
  const open = key.indexOf('{');
  const close = open === -1 ? -1 : key.indexOf('}', open + 1);
  const tag = close > open + 1 ? key.slice(open + 1, close) : key;
  let crc = 0;
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) {
      crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
    }
  }
  return crc % 16384;
}
