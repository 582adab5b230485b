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
  /** What all keys begin with: 1 to 128 characters, no braces. Two bots on one server take two. Default 'colloquy'. */
  readonly prefix?: string;
  /**
   * Over how many slots of a cluster the records are spread, 1 to 1024; some four times the primaries it may ever have.
   * The first to open a prefix settles it for good. `due` asks each shard, and only calls of one shard go together: for one
   * server that will never be a cluster, 1 is the fastest. Default 16.
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
/** So many records are looked after in one call. */
const MOVED_AT_ONCE = 500;

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
 * has not seen. Loads, saves and leases that are asked for at the same time go as one command for each shard. `due` sends
 * one to each shard, all at once, and to one where something is due another, for what has been put off since it was filed.
 * A record in a cluster is always read from the primary.
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
 * A record takes its body, twice its openid and some 400 bytes; a revision counter for each shard that something was deleted
 * from stays for ever.
 *
 * **Time** is that of one server: in a cluster, of the primary that has the layout of the prefix.
 *
 * **Leases** run by the time of the server, and a failover or an eviction may lose one; the revision holds all the same.
 *
 * **Moves.** It has no `move`: two openids are as a rule in two slots, which no script of a cluster may change together. A
 * store saves the new record first and deletes the old one after that.
 *
 * **Versions.** What 0.1.0 and later keep is of format 2. A prefix of format 1 becomes one when it is opened, its records one by
 * one as they are saved. Stop the processes of the older version first: such a record is corrupt to them.
 *
 * **Lost connections.** A client that sends a save again after a reconnect (ioredis does) gets the answer of the first
 * time. A delete sent twice says that there was nothing to delete. A client that queues calls while it is not connected
 * does so for as long as it likes: bound it (`commandTimeout`, `maxRetriesPerRequest`, `disableOfflineQueue`).
 *
 * **Rights** of a Redis user: `~PREFIX:*` with EVAL, EVALSHA, GET, SET, DEL, GETRANGE, SETRANGE, ZADD, ZREM, ZRANGEBYSCORE,
 * HGET, HSET, HSETNX, HINCRBY, TIME; INFO for the warning.
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
  const batches = new Batches(run);
  const heads = new Heads(keys.shards);
  let opening: Promise<number> | undefined;
  /** How often the prefix has been opened, once this persister has: with that it has a name. */
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

  /** Settles the layout with the first call, and refuses every call after the last. */
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
        `The \`maxmemory-policy\` of Redis is ${policy}: when it is full it throws conversations away. Set it to noeviction.`,
      );
    }
    opened = Number(times);
    return opened;
  };

  /** At once where the prefix is open, as it is for all calls but the first ones. */
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

  /** What is due in one shard; what stands there too early is moved, and it is looked up again. */
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
