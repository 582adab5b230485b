import { type KeysOf, checkOptions } from '../internal/closed.ts';
import { systemClock } from '../clock.ts';
import { ConflictError, UsageError } from '../errors.ts';
import { checkKey } from '../openid.ts';
import { type BatchedCall, Batches } from './redis/batches.ts';
import { type RedisClient, type Script, scriptRunner } from './redis/client.ts';
import { EvictionWatch } from './redis/eviction.ts';
import { closedError, faultOf, illFormed } from './redis/faults.ts';
import {
  Keys,
  type Shard,
  formatOwner,
  formatRecord,
  formatRevision,
  formatCursor,
  formatLeaseMs,
  parseCursor,
  parseDue,
  parseOpenids,
  parseRecord,
  wrongLayout,
} from './redis/keys.ts';
import {
  DELETE,
  DUE,
  LIST,
  LOAD,
  MOVE,
  OPEN,
  POLICY,
  RELEASE,
  SAVE,
  TAKE,
  TIME,
} from './redis/scripts.ts';
import type { DueEntry, Leases, Persister, Revision, StoredRecord } from './persister.ts';

export type { IoredisClient, NodeRedisClient, RedisClient, ScriptInput } from './redis/client.ts';

/** Options of `redis()`: where in the database its keys are. */
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

/** A persister on Redis: it has leases, and the server's clock. */
export interface RedisPersister extends Persister {
  readonly lease: Leases;
  now(): Promise<number>;
}

/** What is different from call to call about a record. */
type RecordCall<T> = Omit<BatchedCall<T>, 'openid' | 'shard' | 'key'>;

const MAX_PREFIX_LENGTH = 128;
const MAX_SHARDS = 1024;
/** The largest LIMIT of Redis. */
const MAX_LIMIT = 2 ** 31 - 1;
/** Milliseconds for which a shard's openids are kept in order after a page of them. */
const LISTED_MS = 60_000;
/** The most records that one call checks and moves. */
const MOVED_AT_ONCE = 500;

/**
 * Keeps records in Redis 6.2 or later, Valkey, or a cluster of either, for any number of processes on any number of
 * machines.
 *
 *     import { Redis } from 'ioredis';
 *     const store = createContextStore({ persister: redis(new Redis(url)) });
 *
 * - **Client.** An ioredis `Redis` or `Cluster`, or a client, cluster, pool or sentinel of the package `redis`. You own it:
 *   connect it, listen to its 'error' event, and close it after the store; `close()` of the persister leaves it open.
 * - **Durability.** When a save resolves, it is in the memory of the primary. What a crash or a failover loses, which
 *   settings the server needs and how many round trips a call takes, is in docs/persisters.md.
 * - **Time** is that of one server: in a cluster, of the primary with the layout key of the prefix. Leases expire by it. A
 *   failover or an eviction may lose a lease; revisions still protect the records.
 * - **Moves.** There is no `move`: two openids are usually in two slots, which no script of a cluster may change together. A
 *   store saves the new record and then deletes the old one.
 * - **Versions.** 0.1.0 and later use format 2. A prefix of format 1 is converted when it is opened, each of its records
 *   when it is saved. Stop the processes of the older version first: they cannot read records of format 2.
 *
 * A PersistError has the first word of the server's `reply`, or the client's `reason`, under `details`. It has no cause,
 * because the errors of clients quote openids and bodies. After `unavailable` and `timeout`, which are retryable, it is
 * unknown whether a write took effect. A key under the prefix that is not of this library is `corrupt`, and left unchanged.
 *
 * @throws UsageError `bad_client`, `bad_option`; from the first call on `wrong_shards` where the prefix has another layout
 */
export function redis(client: RedisClient, options: RedisOptions = {}): RedisPersister {
  checkOptions('redis()', options, KEYS);
  const keys = new Keys(...checked(options));
  const run = scriptRunner(client);
  const batches = new Batches(run);
  const eviction = new EvictionWatch(systemClock);
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
    eviction.claim();
    eviction.see(policy ?? '');
    opened = Number(times);
    return opened;
  };

  let last = { owner: '', name: formatOwner('') };
  /** What an owner is called in a lease. A process has one, so that it is hashed once. */
  const nameOf = (owner: string): string => {
    if (owner !== last.owner) last = { owner, name: formatOwner(owner) };
    return last.name;
  };

  const placeOf = (openid: string) => {
    checkKey(openid);
    const index = keys.shardOf(openid);
    return { index, shard: keys.shards[index] as Shard };
  };

  /** Sends a call about one record together with others: at once where the prefix is open, as it is after the first call. */
  const ask = async <T>(openid: string, toCall: (shard: Shard) => RecordCall<T>): Promise<T> => {
    if (opened === 0 || closed) await open();
    const { index, shard } = placeOf(openid);
    return batches.ask({ openid, shard: index, key: shard.record(openid), ...toCall(shard) });
  };

  const save = (
    record: StoredRecord,
    expected: Revision | undefined,
    owner?: string,
  ): Promise<Revision> =>
    ask(record.openid, ({ due, revision }) => {
      if (!record.body.isWellFormed()) throw illFormed(record.openid);
      saves += 1;
      return {
        script: SAVE,
        head: { keys: [due, revision], args: [owner === undefined ? '' : nameOf(owner)] },
        argument: formatRecord(record, expected, `${opened}.${saves}`),
        read(answer) {
          if (answer === null) throw new ConflictError(record.openid);
          return Number(answer);
        },
      };
    });

  const lease: Leases = {
    take: (openid, owner, ttlMs) =>
      ask(openid, () => ({
        script: TAKE,
        head: { keys: [], args: [nameOf(owner), formatLeaseMs(ttlMs)] },
        read: (answer) =>
          Array.isArray(answer)
            ? { taken: false, heldForMs: Math.max(1, Number(answer[1])) }
            : { taken: true, record: parseRecord(openid, answer) },
      })),
    save,
    async release(openid, owner) {
      await open();
      await call(RELEASE, [placeOf(openid).shard.record(openid)], [nameOf(owner)], openid);
    },
  };

  /** Asks for the policy beside a patrol, which does not wait for the answer. */
  const lookAtPolicy = (): Promise<void> =>
    run(POLICY, [keys.layout], []).then(
      (policy) => eviction.see(String(policy)),
      () => {},
    );

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
    load: (openid) =>
      ask(openid, () => ({
        script: LOAD,
        head: { keys: [], args: [] },
        read: (answer) => parseRecord(openid, answer),
      })),
    save: (record, expected) => save(record, expected),
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
      if (eviction.claim()) void lookAtPolicy();
      const atMost = Math.floor(Math.min(limit, MAX_LIMIT));
      const found = await Promise.all(keys.shards.map((shard) => dueOf(shard, until, atMost)));
      return found
        .flat()
        .sort((a, b) => a.wakeAt - b.wakeAt)
        .slice(0, limit);
    },
    async list(cursor, limit) {
      await open();
      const openids: string[] = [];
      let { index, after } = parseCursor(cursor, keys.shards.length);
      for (; index < keys.shards.length; index += 1, after = '') {
        const { due, list } = keys.shards[index] as Shard;
        const left = limit - openids.length;
        const args = [after, String(Math.min(left, MAX_LIMIT)), String(LISTED_MS)];
        const found = parseOpenids(await call(LIST, [due, list], args));
        openids.push(...found);
        after = found.at(-1) ?? after;
        if (found.length === left) return { openids, next: formatCursor({ index, after }) };
      }
      return { openids };
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
