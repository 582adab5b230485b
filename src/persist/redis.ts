import { ConflictError, PersistError, UsageError } from '../errors.ts';
import { checkOpenid } from '../message.ts';
import { warn } from '../internal/warn.ts';
import { type RedisClient, type Script, scriptRunner } from './redis/client.ts';
import { corruptRecord, faultOf } from './redis/faults.ts';
import {
  Keys,
  formatRecord,
  formatRevision,
  isSignature,
  parseDue,
  parseRecord,
} from './redis/keys.ts';
import { DELETE, DUE, LOAD, OPEN, RELEASE, SAVE, TAKE, TIME } from './redis/scripts.ts';
import type { Leases, Persister, Revision, StoredRecord } from './persister.ts';

export type { IoredisClient, NodeRedisClient, RedisClient, ScriptInput } from './redis/client.ts';

export interface RedisOptions {
  /** What all keys begin with: 1 to 128 characters, no braces. Two bots on one server take two. Default 'colloquy'. */
  readonly prefix?: string;
  /**
   * Over how many slots of a cluster the records are spread, 1 to 1024; some four times the primaries it may ever have.
   * The first to open a prefix settles it for good. `due` asks each shard. Default 16.
   */
  readonly shards?: number;
}

export interface RedisPersister extends Persister {
  readonly lease: Leases;
  now(): Promise<number>;
}

const MAX_PREFIX_LENGTH = 128;
const MAX_SHARDS = 1024;
/** What Redis counts in a LIMIT. */
const MAX_LIMIT = 2 ** 31 - 1;

/**
 * Keeps records in Redis 6.2 or later, Valkey, or a cluster of either, for any number of processes on any number of
 * machines.
 *
 *     import { Redis } from 'ioredis';
 *     const store = createContextStore({ persister: redis(new Redis(url)) });
 *
 * **Client.** An ioredis `Redis` or `Cluster`, or a client, cluster, pool or sentinel of the package `redis`. It is yours:
 * connect it, listen to its 'error' event, and close it after the store; `close()` only ends the use made of it.
 *
 * **Round trips.** One for each call, and one more for the first call of a persister and for a script that the server
 * has not seen. `due` sends one command to each shard, all at once. A record in a cluster is always read from the primary.
 *
 * **Durability** is what the server is set to. What a save resolves with is in the memory of the primary, and
 * - with `appendonly yes` and `appendfsync always` on its disk, too; with `everysec` a crash of the machine takes the
 *   last second, without `appendonly` all since the last snapshot;
 * - replicas get it later. A failover may lose what they had not got; `min-replicas-to-write` bounds that. There is no
 *   WAIT after a save: it would hold up all conversations that share the connection.
 *
 * What was lost was lost as whole saves. Its revisions are not given again, so a process that still remembers a lost save
 * gets a conflict: they follow the server's clock, and a replica that takes over has to agree with it to within the loss.
 *
 * **Memory.** Everything is in it. `maxmemory-policy` has to be `noeviction` (or a `volatile-` one); under another Redis
 * throws conversations away, of which a process warning `redis_evicts` tells. Full, it refuses saves and keeps what it has.
 * A record takes its body, twice its openid and some 350 bytes; a revision counter for each shard stays for ever.
 *
 * **Time** is that of one server: in a cluster, of the primary that has the layout of the prefix.
 *
 * **Leases** run by the time of the server, and a failover or an eviction may lose one; the revision holds all the same.
 *
 * **Lost connections.** A client that sends a save again after a reconnect (ioredis does) gets the answer of the first
 * time. A delete sent twice says that there was nothing to delete. A client that queues calls while it is not connected
 * does so for as long as it likes: bound it (`commandTimeout`, `maxRetriesPerRequest`, `disableOfflineQueue`).
 *
 * **Rights** of a Redis user: `~PREFIX:*` with EVAL, EVALSHA, GET, SET, DEL, GETRANGE, PTTL, ZADD, ZREM, ZRANGEBYSCORE, HGET,
 * HSETNX, HINCRBY, TIME; INFO for the warning.
 *
 * Calls throw a PersistError:
 * - `unavailable` (retryable) where the client is not connected, or the server cannot serve now: it loads, is a replica,
 *   has no memory or disk left, or the cluster is down. After a lost connection it is not known what was kept;
 * - `timeout` (retryable) where the client gave the call up: neither is it known then;
 * - `refused` for a wrong password, a missing right, a body that is not well-formed, a reply that means a mistake;
 * - `corrupt` for a key under the prefix that is something else, which is left as it is;
 * - `closed`.
 *
 * `details` has the first word of the server's `reply`, or the client's `reason`. No error has a cause: what clients throw
 * quotes openids and bodies.
 *
 * An openid that is none is a MessageError `bad_openid`. A body is at most what the server takes, 512 MB by default.
 *
 * @throws UsageError `bad_client`, `bad_option`; from the first call on `wrong_shards` where the prefix is laid out otherwise
 */
export function redis(client: RedisClient, options: RedisOptions = {}): RedisPersister {
  const keys = new Keys(...checked(options));
  const run = scriptRunner(client);
  let opening: Promise<number> | undefined;
  let saves = 0;
  let closed = false;

  const call = async (
    script: Script,
    scriptKeys: string[],
    args: string[],
    openid?: string,
  ): Promise<unknown> => {
    try {
      return await run(script, scriptKeys, args);
    } catch (error) {
      throw faultOf(error, openid);
    }
  };

  /** Settles the layout with the first call; how often the prefix was opened is a name for this persister. */
  const open = (): Promise<number> => {
    if (closed) return Promise.reject(closedError());
    opening ??= openPrefix().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };

  const openPrefix = async (): Promise<number> => {
    const answer = await call(OPEN, [keys.layout], [keys.signature]);
    const [signature, opened, policy] = (answer as unknown[]).map(String);
    if (signature !== keys.signature) throw wrongLayout(keys.signature, signature);
    if (policy?.startsWith('allkeys-')) {
      warn(
        'redis_evicts',
        `The \`maxmemory-policy\` of Redis is ${policy}: when it is full it throws conversations away. Set it to noeviction.`,
      );
    }
    return Number(opened);
  };

  const placeOf = (openid: string) => {
    checkOpenid(openid);
    const index = keys.shardOf(openid);
    return { index, shard: keys.shards[index] as (typeof keys.shards)[number] };
  };

  const save = async (
    record: StoredRecord,
    expected: Revision | undefined,
    owner?: string,
  ): Promise<Revision> => {
    const opened = await open();
    const { openid, wakeAt, body } = record;
    const { index, shard } = placeOf(openid);
    if (!body.isWellFormed()) throw illFormed(openid);
    saves += 1;
    const stamp = `${opened}.${saves}`;
    const scriptKeys = [shard.record(openid), shard.due, shard.revision];
    const args = [
      formatRevision(expected),
      formatRecord(record, stamp),
      String(wakeAt),
      openid,
      stamp,
      String(index),
      String(keys.shards.length),
    ];
    if (owner !== undefined) {
      scriptKeys.push(shard.lease(openid));
      args.push(owner);
    }
    const revision = await call(SAVE, scriptKeys, args, openid);
    if (revision === null) throw new ConflictError(openid);
    return Number(revision);
  };

  const lease: Leases = {
    async take(openid, owner, ttlMs) {
      await open();
      const { shard } = placeOf(openid);
      const answer = await call(
        TAKE,
        [shard.record(openid), shard.lease(openid)],
        [owner, String(Math.ceil(ttlMs))],
        openid,
      );
      if (!Array.isArray(answer)) return { taken: false, heldForMs: Math.max(1, Number(answer)) };
      return { taken: true, record: parseRecord(openid, answer[0]) };
    },
    save,
    async release(openid, owner) {
      await open();
      await call(RELEASE, [placeOf(openid).shard.lease(openid)], [owner], openid);
    },
  };

  return {
    lease,
    async load(openid) {
      await open();
      const record = placeOf(openid).shard.record(openid);
      return parseRecord(openid, await call(LOAD, [record], [], openid));
    },
    save: (record, expected) => save(record, expected),
    async delete(openid, expected) {
      await open();
      const { shard } = placeOf(openid);
      const args = [formatRevision(expected), openid];
      return Number(await call(DELETE, [shard.record(openid), shard.due], args, openid)) === 1;
    },
    async due(until, limit) {
      await open();
      if (!(limit >= 1)) return [];
      const args = [String(until), String(Math.floor(Math.min(limit, MAX_LIMIT)))];
      const answers = await Promise.all(keys.shards.map(({ due }) => call(DUE, [due], args)));
      const entries = answers.flatMap(parseDue);
      return entries.sort((a, b) => a.wakeAt - b.wakeAt).slice(0, limit);
    },
    async now() {
      await open();
      const [seconds, microseconds] = (await call(TIME, [keys.layout], [])) as unknown[];
      return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
    },
    async close() {
      closed = true;
    },
  };
}

function checked({ prefix = 'colloquy', shards = 16 }: RedisOptions): [string, number] {
  if (
    typeof prefix !== 'string' ||
    prefix === '' ||
    prefix.length > MAX_PREFIX_LENGTH ||
    // A brace would be taken for the beginning of the hash tag.
    /[{}]/.test(prefix) ||
    !prefix.isWellFormed()
  ) {
    throw new UsageError(
      'bad_option',
      `\`prefix\` is a string of 1 to ${MAX_PREFIX_LENGTH} characters without braces.`,
    );
  }
  if (!Number.isInteger(shards) || shards < 1 || shards > MAX_SHARDS) {
    throw new UsageError('bad_option', `\`shards\` is a whole number from 1 to ${MAX_SHARDS}.`);
  }
  return [prefix, shards];
}

function wrongLayout(wanted: string, found: string | undefined): Error {
  if (!isSignature(found)) return corruptRecord('has another layout');
  return new UsageError(
    'wrong_shards',
    `What Redis has under this prefix is of ${found}, and this was to be ${wanted}. Open it with the number of shards it has, or take another prefix: records do not move.`,
    { details: { wanted, found } },
  );
}

function illFormed(openid: string): PersistError {
  return new PersistError(
    'refused',
    'Redis gets text as UTF-8, which has no lone surrogates, and this body has one. Have the codec write them as escapes, as JSON does.',
    { openid },
  );
}

function closedError(): PersistError {
  return new PersistError('closed', 'The Redis persister is closed; make a new one.');
}
