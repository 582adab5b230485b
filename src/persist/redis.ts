import { type KeysOf, checkOptions } from '../internal/closed.ts';
import { ConflictError, PersistError, UsageError } from '../errors.ts';
import { checkOpenid } from '../message.ts';
import { warn } from '../internal/warn.ts';
import { Batches } from './redis/batches.ts';
import { type RedisClient, type Script, scriptRunner } from './redis/client.ts';
import { corruptRecord, faultOf } from './redis/faults.ts';
import { Heads, NO_HEAD } from './redis/heads.ts';
import {
  Keys,
  type Shard,
  formatOwner,
  formatRecord,
  formatRevision,
  isSignature,
  parseDue,
  parseRecord,
} from './redis/keys.ts';
import { DELETE, DUE, LOAD, MOVE, OPEN, RELEASE, SAVE, TAKE, TIME } from './redis/scripts.ts';
import type {
  DueEntry,
  Leased,
  Leases,
  LoadedRecord,
  Persister,
  Revision,
  StoredRecord,
} from './persister.ts';

export type { IoredisClient, NodeRedisClient, RedisClient, ScriptInput } from './redis/client.ts';

export interface RedisOptions {
  /** The beginning of all keys: 1 to 128 characters, no braces. Two bots on one server need two. Default 'colloquy'. */
  readonly prefix?: string | undefined;
  /**
   * The number of cluster slots for the records, 1 to 1024: about four times the most primaries that the cluster may ever
   * have. It cannot change after a prefix was opened for the first time. `due` asks each shard, and only calls of one shard
   * are sent together: for one server that will never be a cluster, 1 is the fastest. Default 16.
   */
  readonly shards?: number | undefined;
}

const KEYS = { prefix: null, shards: null } satisfies KeysOf<RedisOptions>;

export interface RedisPersister extends Persister {
  readonly lease: Leases;
  now(): Promise<number>;
}

const MAX_PREFIX_LENGTH = 128;
const MAX_SHARDS = 1024;
/** The largest LIMIT of Redis. */
const MAX_LIMIT = 2 ** 31 - 1;
/** The most records that one call checks and moves. */
const MOVED_AT_ONCE = 500;

/**
 * Keeps records in Redis 6.2 or later, Valkey, or a cluster of either, for any number of processes on any number of
 * machines.
 *
 *     import { Redis } from 'ioredis';
 *     const store = createContextStore({ persister: redis(new Redis(url)) });
 *
 * **Client.** An ioredis `Redis` or `Cluster`, or a client, cluster, pool or sentinel of the package `redis`. You own it:
 * connect it, listen to its 'error' event, and close it after the store; `close()` of the persister leaves it open.
 *
 * **Round trips.** One for each call, and one more for the first call of a persister and for a script that is new to the
 * server. Loads, saves and leases at the same time are one command for each shard. `due` sends one command to each shard,
 * all at once, and another one to a shard with due records, for those that are due later now. In a cluster, a record is
 * always read from the primary.
 *
 * **Durability** depends on the settings of the server. When a save resolves, it is in the memory of the primary, and
 * - with `appendonly yes` and `appendfsync always`, also on its disk. With `everysec` a crash of the machine loses the last
 *   second; without `appendonly`, everything since the last snapshot;
 * - on replicas a little later. A failover may lose saves that had not arrived there; `min-replicas-to-write` limits that.
 *   There is no WAIT after a save: it would delay all conversations that share the connection.
 *
 * Only whole saves are lost. Their revisions are not given again, so that a process that remembers a lost save gets a
 * conflict: revisions follow the server's clock, and the clock of a new primary must not be behind by more than the loss.
 *
 * **Memory.** All records are in memory. `maxmemory-policy` has to be `noeviction` (or a `volatile-` one). With another
 * one Redis deletes conversations, and this function emits a process warning `redis_evicts`. A full server refuses saves
 * and keeps its records. A record needs its body, twice its openid and about 400 bytes. A shard from which a record was
 * deleted keeps a revision counter forever.
 *
 * **Time** is that of one server: in a cluster, of the primary with the layout key of the prefix.
 *
 * **Leases** expire by the time of the server. A failover or an eviction may lose one; revisions still protect the records.
 *
 * **Moves.** There is no `move`: two openids are usually in two slots, which no script of a cluster may change together. A
 * store saves the new record and then deletes the old one.
 *
 * **Versions.** 0.1.0 and later use format 2. A prefix of format 1 is converted when it is opened, each of its records when
 * it is saved. Stop the processes of the older version first: they cannot read records of format 2.
 *
 * **Lost connections.** A client that sends a save again after a reconnect (ioredis does) gets the answer to the first one.
 * A delete that is sent twice finds nothing to delete. Some clients queue calls without limit while they are not connected:
 * set a limit (`commandTimeout`, `maxRetriesPerRequest`, `disableOfflineQueue`).
 *
 * **Rights** of a Redis user: `~PREFIX:*` with EVAL, EVALSHA, GET, SET, DEL, GETRANGE, SETRANGE, ZADD, ZREM, ZRANGEBYSCORE,
 * HGET, HSET, HSETNX, HINCRBY, TIME; INFO for the warning.
 *
 * Calls throw a PersistError:
 * - `unavailable` (retryable) where the client is not connected, or the server cannot serve now: it is loading, is a
 *   replica, has no memory or disk left, or the cluster is down. After a lost connection it is unknown whether a write took
 *   effect;
 * - `timeout` (retryable) where the client gave the call up: that is unknown then, too;
 * - `refused` for a wrong password, a missing right, a body that is not well-formed, a reply that means a mistake;
 * - `corrupt` for a key under the prefix that is not of this library, which is left unchanged;
 * - `closed`.
 *
 * `details` has the first word of the server's `reply`, or the client's `reason`. No error has a cause, because the errors
 * of clients quote openids and bodies.
 *
 * For an invalid openid a call throws a MessageError `bad_openid`. The server limits the size of a body, 512 MB by default.
 *
 * @throws UsageError `bad_client`, `bad_option`; from the first call on `wrong_shards` where the prefix has another layout
 */
export function redis(client: RedisClient, options: RedisOptions = {}): RedisPersister {
  checkOptions('redis()', options, KEYS);
  const keys = new Keys(...checked(options));
  const run = scriptRunner(client);
  const batches = new Batches(run);
  const heads = new Heads(keys.shards);
  let opening: Promise<number> | undefined;
  /** The number of this opening of the prefix, which is the name of this persister; 0 before it has opened the prefix. */
  let opened = 0;
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

  /** Opens the prefix with the first call, and refuses calls after the close. */
  const open = (): Promise<number> => {
    if (closed) return Promise.reject(closedError());
    opening ??= openPrefix().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };

  const openPrefix = async (): Promise<number> => {
    const answer = await call(OPEN, [keys.layout], [keys.signature, keys.formerSignature]);
    const [signature, times, policy] = (answer as unknown[]).map(String);
    if (signature !== keys.signature) throw wrongLayout(keys.signature, signature);
    if (policy?.startsWith('allkeys-')) {
      warn(
        'redis_evicts',
        `The \`maxmemory-policy\` of Redis is ${policy}: when it is full it deletes conversations. Set it to noeviction.`,
      );
    }
    opened = Number(times);
    return opened;
  };

  /** Runs `work` at once where the prefix is open, as it is after the first call. */
  const whenOpen = <T>(work: () => Promise<T>): Promise<T> =>
    opened > 0 && !closed ? work() : open().then(work);

  const placeOf = (openid: string) => {
    checkOpenid(openid);
    const index = keys.shardOf(openid);
    return { index, shard: keys.shards[index] as Shard };
  };

  const load = (openid: string): Promise<LoadedRecord | undefined> => {
    const { index, shard } = placeOf(openid);
    return batches.ask({
      script: LOAD,
      openid,
      shard: index,
      head: NO_HEAD,
      key: shard.record(openid),
      read: (answer) => parseRecord(openid, answer),
    });
  };

  const take = (openid: string, owner: string, ttlMs: number): Promise<Leased> => {
    const { index, shard } = placeOf(openid);
    return batches.ask({
      script: TAKE,
      openid,
      shard: index,
      head: heads.ofTake(owner, ttlMs),
      key: shard.record(openid),
      read: (answer) =>
        Array.isArray(answer)
          ? { taken: false, heldForMs: Math.max(1, Number(answer[1])) }
          : { taken: true, record: parseRecord(openid, answer) },
    });
  };

  const save = (
    record: StoredRecord,
    expected: Revision | undefined,
    owner?: string,
  ): Promise<Revision> => {
    const { openid } = record;
    const { index, shard } = placeOf(openid);
    if (!record.body.isWellFormed()) throw illFormed(openid);
    saves += 1;
    return batches.ask({
      script: SAVE,
      openid,
      shard: index,
      head: heads.ofSave(index, owner),
      key: shard.record(openid),
      argument: formatRecord(record, expected, `${opened}.${saves}`),
      read(answer) {
        if (answer === null) throw new ConflictError(openid);
        return Number(answer);
      },
    });
  };

  const lease: Leases = {
    take: (openid, owner, ttlMs) => whenOpen(async () => take(openid, owner, ttlMs)),
    save: (record, expected, owner) => whenOpen(async () => save(record, expected, owner)),
    async release(openid, owner) {
      await open();
      await call(RELEASE, [placeOf(openid).shard.record(openid)], [formatOwner(owner)], openid);
    },
  };

  /** The due records of one shard. Those that are due later now are moved in its index, and it is asked again. */
  const dueOf = async (shard: Shard, until: number, limit: number): Promise<DueEntry[]> => {
    const args = [String(until), String(limit)];
    for (;;) {
      const entries = parseDue(await call(DUE, [shard.due], args));
      let moved = 0;
      for (let start = 0; start < entries.length; start += MOVED_AT_ONCE) {
        const slice = entries.slice(start, start + MOVED_AT_ONCE);
        const records = slice.map(({ openid }) => shard.record(openid));
        moved += Number(await call(MOVE, [shard.due, ...records], []));
      }
      if (moved === 0) return entries;
    }
  };

  return {
    lease,
    load: (openid) => whenOpen(async () => load(openid)),
    save: (record, expected) => whenOpen(async () => save(record, expected)),
    async delete(openid, expected) {
      await open();
      const { shard } = placeOf(openid);
      const scriptKeys = [shard.record(openid), shard.due, shard.revision];
      const args = [expected === undefined ? '' : formatRevision(expected), openid];
      return Number(await call(DELETE, scriptKeys, args, openid)) === 1;
    },
    async due(until, limit) {
      await open();
      if (!(limit >= 1)) return [];
      const atMost = Math.floor(Math.min(limit, MAX_LIMIT));
      const found = await Promise.all(keys.shards.map((shard) => dueOf(shard, until, atMost)));
      return found
        .flat()
        .sort((a, b) => a.wakeAt - b.wakeAt)
        .slice(0, limit);
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
    // A brace would begin the hash tag.
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
    `Redis has ${found} under this prefix, and the options say ${wanted}. Open it with the number of shards that it has, or choose another prefix: records do not move.`,
    { details: { wanted, found } },
  );
}

function illFormed(openid: string): PersistError {
  return new PersistError(
    'refused',
    'This body has a lone surrogate, which UTF-8 does not have. The codec has to write it as an escape, as JSON does.',
    { openid },
  );
}

function closedError(): PersistError {
  return new PersistError('closed', 'The Redis persister is closed; make a new one.');
}
