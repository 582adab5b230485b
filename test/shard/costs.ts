// The cost of leases and revisions, in ratios of one run, and the size of a stored record.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { startOwnPostgres } from '../support/postgres.ts';
import { startRedis } from '../support/redis.ts';
import type { Order, Played, Way } from './play.fixture.ts';

const USERS = 2000;
const TURNS = 600;
const ROUNDS = 5;
const IN_FLIGHT = 64;

const redis = await startRedis({ appendfsync: 'everysec' });
const postgres = await startOwnPostgres({ syncs: false });
if (postgres === undefined) throw new Error('This wants PostgreSQL.');
const folder = mkdtempSync(join(tmpdir(), 'colloquy-costs-'));
const client = new Redis(redis.url);
const pool = new Pool({ connectionString: postgres.url, max: 1, idleTimeoutMillis: 0 });

async function redisCpu(): Promise<number> {
  const info = await client.info('cpu');
  const of = (name: string): number => Number(new RegExp(`${name}:([\\d.]+)`).exec(info)?.[1]);
  return (of('used_cpu_user') + of('used_cpu_sys')) * 1e6;
}

/**
 * CPU time of all its processes that serve a connection now, or write for them. Linux counts in hundredths of a second.
 */
async function postgresCpu(): Promise<number> {
  const { rows } = await pool.query<{ pid: number }>('SELECT pid FROM pg_stat_activity');
  const ticks = rows.map(({ pid }) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return Number(fields[11]) + Number(fields[12]);
  });
  return ticks.reduce((total, each) => total + each, 0) * 10_000;
}

const none = async (): Promise<number> => 0;
const ways: readonly { way: Way; place: string; serverCpu: () => Promise<number> }[] = [
  { way: 'memory', place: '', serverCpu: none },
  { way: 'LMDB', place: join(folder, 'alone'), serverCpu: none },
  { way: 'LMDB, lease', place: join(folder, 'leased'), serverCpu: none },
  { way: 'Redis, unconditional', place: redis.url, serverCpu: redisCpu },
  { way: 'Redis', place: redis.url, serverCpu: redisCpu },
  { way: 'Redis, lease', place: redis.url, serverCpu: redisCpu },
  { way: 'PostgreSQL, unconditional', place: postgres.url, serverCpu: postgresCpu },
  { way: 'PostgreSQL', place: postgres.url, serverCpu: postgresCpu },
  { way: 'PostgreSQL, lease', place: postgres.url, serverCpu: postgresCpu },
];

const script = fileURLToPath(new URL('play.fixture.ts', import.meta.url));
const players = ways.map((each, index) => ({
  ...each,
  name: `costs_${index}`,
  process: fork(script, [], { execArgv: ['--import', 'tsx'] }),
  rates: [] as number[],
  own: [] as number[],
  server: [] as number[],
}));

async function tell({ process }: (typeof players)[number], order: Order): Promise<Played> {
  process.send(order);
  const [answer] = (await once(process, 'message')) as [Played & { readonly error?: string }];
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer;
}

for (const player of players) {
  const memoryBefore = await usedMemory();
  const { way, place, name } = player;
  await tell(player, { open: way, place, name, users: USERS });
  await tell(player, { turns: USERS, inFlight: IN_FLIGHT });
  const each = (bytes: number): string => `${Math.round(bytes / USERS)} B a record`;
  if (way === 'Redis, lease') say(`${way}: ${each((await usedMemory()) - memoryBefore)}`);
  if (way.startsWith('LMDB')) say(`${way}: ${each(statSync(join(place, 'data.mdb')).size)}`);
  if (way === 'PostgreSQL, lease') {
    const { rows } = await pool.query<{ heap: string; all: string; body: string }>(
      `SELECT pg_table_size('${name}') AS heap, pg_total_relation_size('${name}') AS all,
        (SELECT avg(length(body)) FROM ${name}) AS body`,
    );
    const { heap, all, body } = rows[0] ?? { heap: 0, all: 0, body: 0 };
    say(`${way}: ${each(Number(all))}, indexes and all; ${each(Number(heap))} without`);
    say(`the body: ${Math.round(Number(body))} characters`);
  }
}
for (let round = 0; round < ROUNDS; round += 1) {
  for (const player of players) {
    const before = await player.serverCpu();
    const turns = player.way === 'memory' ? TURNS * 10 : TURNS;
    const { milliseconds, cpuMicroseconds } = await tell(player, { turns, inFlight: IN_FLIGHT });
    player.rates.push((turns * 1000) / milliseconds);
    player.own.push(cpuMicroseconds / turns);
    player.server.push(((await player.serverCpu()) - before) / turns);
  }
}
for (const { way, rates, own, server } of players) {
  const parts = [
    `${Math.round(median(rates))} turns/s`,
    `${median(own).toFixed(0)} µs of the node a turn`,
    ...(median(server) > 0 ? [`${median(server).toFixed(0)} µs of the server`] : []),
  ];
  say(`${way}: ${parts.join(', ')}`);
}
for (const [kind, base] of [
  ['LMDB, lease', 'LMDB'],
  ['Redis', 'Redis, unconditional'],
  ['Redis, lease', 'Redis'],
  ['PostgreSQL', 'PostgreSQL, unconditional'],
  ['PostgreSQL, lease', 'PostgreSQL'],
] as const) {
  const [a, b] = [kind, base].map((name) => players.find(({ way }) => way === name));
  if (a === undefined || b === undefined) continue;
  const ratio = (of: 'rates' | 'own' | 'server'): string => {
    const ratios = a[of].map((value, round) => value / (b[of][round] ?? 1));
    const sorted = ratios.toSorted((x, y) => x - y);
    const noise =
      ((sorted[Math.floor(sorted.length * 0.75)] ?? 0) -
        (sorted[Math.floor(sorted.length * 0.25)] ?? 0)) /
      2;
    return `${median(ratios).toFixed(2)} ± ${noise.toFixed(2)}`;
  };
  const parts = [`turns/s ${ratio('rates')}`, `CPU of the node ${ratio('own')}`];
  if (median(b.server) > 0) parts.push(`of the server ${ratio('server')}`);
  say(`${kind} against ${base}: ${parts.join(', ')}`);
}

for (const { process } of players) process.disconnect();
client.disconnect();
await pool.end();
await postgres.stop();
await redis.stop();
rmSync(folder, { recursive: true });

async function usedMemory(): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
