import { kindOf } from '../internal/closed.ts';
import { UsageError } from '../errors.ts';
import type { Off } from '../internal/emitter.ts';
import { checkOpenid } from '../openid.ts';
import type { ListPage } from '../persist/persister.ts';
import { type Context, Draft } from './context.ts';
import type { HeldCall } from './held-calls.ts';
import { reportWrites } from './later-writes.ts';
import { checkLaneRoom } from './lane-room.ts';
import { listIn } from './looking.ts';
import { StoreCore } from './store-core.ts';
import type { StoreEvents } from './store-events.ts';
import type { MaybePromise } from '../internal/maybe.ts';
import type { Data } from '../internal/plain-data.ts';
import { type PersonalData, personalData } from './record/export.ts';
import { createHost, runUpdate } from './update.ts';
import { readStoreOptions, type ContextStoreOptions } from './store-options.ts';

/** One dictionary per openid: the context support of wechat-python-sdk, with transactions. */
export interface ContextStore<D extends object = Data> extends Reader<D> {
  /** The number of records in memory. */
  readonly size: number;
  /** A draft of the dictionary of `openid`, empty where there is none. Nothing is stored before its `save()`. */
  open(openid: string): Promise<Context<D>>;
  /**
   * Opens a draft, calls `change` with it and saves it, all in the lane of `openid`: no turn and no other update runs in
   * between. If `change` throws, nothing is saved. If a draft that was saved elsewhere comes between, `change` is called
   * again with the new state, so it should only change the draft.
   * @returns what `change` returned
   * @throws ColloquyError `update_timeout`, `lane_full`, and what `change` throws
   * @throws UsageError `would_deadlock` if a recognizer or another update awaits it, and this user's lane waits for that one
   */
  update<T>(openid: string, change: (context: Context<D>) => T | Promise<T>): Promise<T>;
  /** Whether a record is kept for `openid`. */
  exists(openid: string): Promise<boolean>;
  /** Deletes everything that is kept for `openid`. @returns whether there was anything */
  delete(openid: string): Promise<boolean>;
  /** Everything that is kept about `openid`, for a person with a right to it; undefined where nothing is kept. */
  export(openid: string): Promise<PersonalData | undefined>;
  /**
   * Deletes everything that is kept about `openid`, after the work in its lane, so that no turn writes it back: the
   * dictionary, the state, timers, services, unsent replies, ids of messages, a body that did not open, the lease.
   * @returns whether there was anything
   * @throws ColloquyError `lane_full`
   */
  erase(openid: string): Promise<boolean>;
  /**
   * Takes one person out of a conversation of several: what the library keeps of them (their turns in the history, the replies
   * for them alone, those to earlier messages, which may quote them), and by `change` what the dialogue keeps of them in the
   * dictionary. The context of a sub-dialogue stays until that is over. All of it is one commit, in the lane. A redelivery of an earlier message gets no replies any more. Their own
   * conversation with the bot is another openid, for `erase`.
   * @param person the `id` of a message's `from`
   * @returns whether there is such a conversation
   * @throws UsageError `bad_option`; and what `update` throws
   */
  erasePerson(
    openid: string,
    person: string,
    change?: (context: Context<D>) => void | Promise<void>,
  ): Promise<boolean>;
  /**
   * Moves everything that is kept about the openid `from` to the openid `to`, for a platform that gives a conversation
   * another one: dictionary, state, timers, services, unsent replies, ids of messages, expiry. It waits for the work in
   * both lanes. A service that runs continues, and its result arrives under `to`.
   *
   * A crash leaves one of the two, or both where the persister has no `move`; the same call again finishes the move.
   * @returns whether there was anything to move
   * @throws ColloquyError `target_exists` where `to` has a conversation already; nothing has changed
   * @throws PersistError where it could not be read or written
   */
  move(from: string, to: string): Promise<boolean>;
  /**
   * The openids of which a record is kept, page by page: of all processes that share the persister or, without one, of this
   * store. All pages together have each openid whose record is there all the time exactly once, in an order that says
   * nothing. One that comes or goes meanwhile may be there or not, so a record may be gone, or have expired, when you read it.
   * @example
   * await store.update('ann', (context) => context.set('visits', 1));
   * let cursor: string | undefined;
   * do {
   *   const page = await store.list(cursor);
   *   for (const openid of page.openids) console.log(openid); // → ann
   *   cursor = page.next;
   * } while (cursor !== undefined);
   * @param cursor the `next` of the page before, which keeps its meaning over restarts; without it, the first page
   * @param limit the maximum of openids in the page, 1 to 10 000. Default 1000. A page may have fewer, and is the last one only
   *   if it has no `next`
   * @throws UsageError `bad_option`, `store_closed`; `cannot_list` if the persister has no `list`
   * @throws PersistError if the page could not be read, or what waits behind `writeBehind` could not be written before it
   */
  list(cursor?: string, limit?: number): Promise<ListPage>;
  /** Current numbers, for a monitor. */
  stats(): StoreStats;
  /** Removes expired records now rather than within a second. @returns the number of them */
  clearExpired(): Promise<number>;
  /**
   * Calls a listener after each `save`, `durable`, `load`, `expire`, `evict`, `flush`, `move` or `error`; `StoreEvents`
   * says what each one means. What a listener throws is an `error` event.
   * @returns a function that removes the listener
   */
  on<Name extends keyof StoreEvents>(
    name: Name,
    listener: (event: StoreEvents<D>[Name]) => unknown,
  ): Off;
  /** Ends the scheduler, waits for the work in all lanes, and closes the persister. Safe to call twice. */
  close(): Promise<void>;
}

/** Numbers of a store at this moment, for a monitor. */
export interface StoreStats {
  /** Records in memory. */
  readonly records: number;
  /** Records in memory in which something falls due: an expiry, a timer, a reply to be sent. */
  readonly due: number;
  /** Openids with a running task. */
  readonly lanes: number;
  /** Leases that this process holds. */
  readonly leases: number;
  /** Records that wait to be written, by a persister that answers before. */
  readonly unwritten: number;
}

/** A store of data of any type. */
export type AnyContextStore = Pick<ContextStore, 'size' | 'close'>;

/**
 * A store whose data is a part of `Context`, as a store of untyped data is. A context without named keys takes every store.
 */
export type StoreOf<Context extends object> = string extends keyof Context
  ? AnyContextStore
  : [keyof Context] extends [never]
    ? AnyContextStore
    : AnyContextStore & Reader<Context>;

/** For the compiler alone: code that reads the data of a store takes a `Context` for it. */
interface Reader<Context> {
  /** Never there. */
  readonly [DATA]?: (context: Required<Context>) => void;
}

declare const DATA: unique symbol;

/** The maximum of openids in a page. */
const MAX_PAGE = 10_000;

const CORE = Symbol.for('colloquy.store.core');

/**
 * Keeps a dictionary for each user, in memory or in a database: under a runner, or alone.
 * @example
 * const store = createContextStore<{ visits?: number }>({ age: 3600 });
 * await store.update('ann', (context) => context.set('visits', context.get('visits', 0) + 1));
 * console.log((await store.open('ann')).get('visits')); // → 1
 * @throws UsageError `bad_option`
 */
export function createContextStore<D extends object = Data>(
  options: ContextStoreOptions = {},
): ContextStore<D> {
  const read = readStoreOptions(options);
  const { persister, ageSeconds, persistTimeoutMs, updateTimeoutMs } = read;
  const core = new StoreCore(read);
  if (persister !== undefined) reportWrites(persister, core, persistTimeoutMs);
  const host = createHost(core, { ageSeconds, isInLane: false, check: () => core.checkOpen() });
  const check = (openid: string): void => {
    core.checkOpen();
    checkOpenid(openid);
  };
  const inLane = <T>(
    name: string,
    openids: readonly string[],
    work: (call: HeldCall | undefined) => MaybePromise<T>,
  ): Promise<T> =>
    core.calls.inLane(name, openids, async (call) => {
      for (const openid of openids) check(openid);
      return work(call);
    });
  const update = <T>(
    name: string,
    about: { readonly openid: string; readonly erased?: string },
    change: (context: Context) => T | Promise<T>,
  ): Promise<T> =>
    inLane(name, [about.openid], (call) => {
      checkLaneRoom(core.lanes, about.openid);
      return core.lanes.run(about.openid, () => {
        call?.begin();
        return runUpdate({ core, ageSeconds, updateTimeoutMs, ...about }, change);
      });
    });
  const store: ContextStore = {
    get size() {
      return core.records.size;
    },
    async open(openid) {
      check(openid);
      return new Draft(host, openid, await core.read(openid)) as Context;
    },
    update: (openid, change) => update('store.update()', { openid }, change),
    async erasePerson(openid, person, change) {
      if (typeof person !== 'string' || person === '') {
        throw new UsageError(
          'bad_option',
          `store.erasePerson() takes the \`id\` of a person's \`from\`; it got ${person === '' ? 'an empty string' : kindOf(person)}.`,
        );
      }
      check(openid);
      const record = await core.read(openid);
      if (record === undefined || record.absent !== undefined) return false;
      const about = { openid, erased: person };
      await update('store.erasePerson()', about, (context) => change?.(context));
      return true;
    },
    async exists(openid) {
      check(openid);
      const record = await core.read(openid);
      return record !== undefined && record.absent === undefined;
    },
    async delete(openid) {
      check(openid);
      return core.flush(openid);
    },
    async export(openid) {
      check(openid);
      const record = await core.read(openid);
      return record && personalData(record);
    },
    erase(openid) {
      return inLane('store.erase()', [openid], (call) => {
        checkLaneRoom(core.lanes, openid);
        return core.lanes.run(openid, async () => {
          call?.begin();
          // The load takes the lease, so that no other process writes the record back.
          await core.records.load(openid);
          return core.flush(openid);
        });
      });
    },
    move: (from, to) => inLane('store.move()', [from, to], (call) => core.move(from, to, call)),
    async list(cursor, limit = 1000) {
      checkPage(cursor, limit);
      return listIn(core, cursor, limit);
    },
    stats: () => ({
      records: core.records.size,
      due: core.scheduler.size,
      lanes: core.lanes.busy,
      leases: core.records.leases,
      unwritten: persister?.later?.unwritten ?? 0,
    }),
    async clearExpired() {
      core.checkOpen();
      let count = 0;
      const off = core.events.on('expire', () => (count += 1));
      await core.scheduler.clearExpired().finally(off);
      return count;
    },
    on: (name, listener) => core.events.on(name, listener),
    close: () => core.calls.untilEnd('store.close()', 'lanes', () => core.close()),
  };
  Object.defineProperty(store, CORE, { value: core });
  // Stored records that fell due before this process began, for a store without a runner. A runner's `start()` does that.
  if (persister !== undefined) {
    const { processClock: clock } = core;
    clock.wake(clock.now(), () => {
      if (!core.hasWorker) void core.scheduler.lookForStored();
    });
  }
  return store as unknown as ContextStore<D>;
}

/**
 * The core behind a store, for the runner.
 * @throws UsageError `bad_option` for anything else
 */
export function coreOf(store: AnyContextStore): StoreCore {
  const core = (store as { [CORE]?: StoreCore } | undefined)?.[CORE];
  if (core !== undefined) return core;
  throw new UsageError('bad_option', '`store` must be what createContextStore() returned.');
}

/** @throws UsageError `bad_option` */
function checkPage(cursor: unknown, limit: number): void {
  const isCursor = cursor === undefined || (typeof cursor === 'string' && cursor !== '');
  if (isCursor && Number.isInteger(limit) && limit > 0 && limit <= MAX_PAGE) return;
  throw new UsageError(
    'bad_option',
    `list() takes the \`next\` of a page, and a limit of 1 to ${MAX_PAGE}.`,
  );
}
