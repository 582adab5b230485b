import { type ConversationRecord, NONE, handOut } from '../../context/record/record.ts';
import { listIn } from '../../context/looking.ts';
import type { StoreCore } from '../../context/store-core.ts';
import { markOf } from '../../context/record/id-key.ts';
import { settled } from '../../dialogue/engine/settled.ts';
import { UsageError } from '../../errors.ts';
import { atRest, sleep } from '../../internal/async.ts';
import { type KeysOf, checkOptions, keyTable } from '../../internal/closed.ts';
import type { Data } from '../../internal/plain-data.ts';
import type { Addition } from './addition.ts';
import type { ReplyDelivery } from './delivery.ts';
import type { Reporter } from '../reporting/reporter.ts';
import { atLeast } from '../../internal/at-least.ts';
import { type Said, checkId, toReplies } from '../calls.ts';

/** A stored conversation, as `select` and `said` of a broadcast see it. */
export interface Addressee<Context extends object = Data> {
  /** The user. */
  readonly openid: string;
  /** The dictionary as it was last committed. It cannot be changed. */
  readonly context: Readonly<Context>;
}

/** Whether a broadcast is for this conversation. It is asked before the user's lane and again in it, and does nothing else. */
export type Select<Context extends object = Data> = (to: Addressee<Context>) => boolean;

/** What a broadcast says: the same to all, or made for each. Where it makes nothing, nothing is said. */
export type SaidTo<Context extends object = Data> = Said | ((to: Addressee<Context>) => Said);

/** Options of `runner.broadcast()`. */
export interface BroadcastOptions {
  /** What it is called: no conversation that is kept hears it twice, whichever process says it and however often it is begun. */
  readonly id: string;
  /** The maximum of users per second who get it. Users who are passed over do not count. At least 0.001. */
  readonly perSecond: number;
  /** The `next` of an earlier call, to leave out who comes before it. Default: from the first on. */
  readonly cursor?: string | undefined;
  /** If it is aborted, the broadcast ends after the users that it is speaking to, and says how far it came. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each page of up to 256 users. */
  readonly onProgress?: ((progress: BroadcastProgress) => void) | undefined;
}

/** How far a broadcast has come. Each number counts users, of this call alone. */
export interface BroadcastProgress {
  /** It is committed for them; the runner delivers it as it delivers other replies. */
  readonly said: number;
  /** They had it already: an earlier call said it, or another process. */
  readonly known: number;
  /** `select` did not take them, there was nothing to say to them, or their conversation ended meanwhile. */
  readonly skipped: number;
  /** It could not be said, as an `error` event tells of each. The same call again tries them again. */
  readonly failed: number;
  /** Whether it has reached the last user. False after an abort or the end of the runner. */
  readonly done: boolean;
  /** Where another call may continue; undefined at the beginning, and when it is done. */
  readonly next: string | undefined;
}

const KEYS = keyTable('id perSecond cursor signal onProgress') satisfies KeysOf<BroadcastOptions>;

/** The openids that are read at a time. */
const PAGE = 256;
/** The maximum of users whose turn it is at the same time: one whose lane is busy does not hold up the others. */
const AT_ONCE = 8;
/** The maximum of broadcasts that a record remembers; the oldest is forgotten. */
const MAX_TOLD = 16;

interface Parts {
  readonly core: StoreCore;
  readonly delivery: ReplyDelivery;
  readonly reporter: Reporter;
  /** Aborted when the runner ends. */
  readonly ended: AbortSignal;
}

/**
 * Says something to every stored conversation that `select` takes. The record of each keeps the id of the broadcast, in
 * the same commit, for as long as it exists: so neither a crash, a list that has them twice, a move to another openid nor a
 * second process says it again. The place in the list only spares a resumed call the reading of those before it.
 */
export async function broadcast(
  { core, delivery, reporter, ended }: Parts,
  select: Select,
  said: SaidTo,
  options: BroadcastOptions,
): Promise<BroadcastProgress> {
  const { id, perSecond, signal: own } = checked(select, options);
  delivery.checkHeard();
  // A new signal: one with many listeners warns.
  const signal = AbortSignal.any([ended, own ?? ended]);
  const counts = { said: 0, known: 0, skipped: 0, failed: 0 };
  const mark = markOf(id);
  const clock = core.processClock;
  let freeAt = 0;

  const take = async (openid: string): Promise<void> => {
    let fate: keyof typeof counts = 'said';
    const additionTo = (record: ConversationRecord | undefined): Addition | undefined => {
      fate = 'skipped';
      if (record === undefined || record.absent !== undefined) return undefined;
      const { told = NONE } = record;
      if (told.includes(mark)) {
        fate = 'known';
        return undefined;
      }
      const to = { openid, context: handOut(record) };
      if (!settled(select(to), '`select`')) return undefined;
      const replies = toReplies(typeof said === 'function' ? settled(said(to), '`said`') : said);
      if (replies.length === 0) return undefined;
      fate = 'said';
      return { replies, told: [...told, mark].slice(-MAX_TOLD) };
    };
    try {
      if (additionTo(await core.read(openid)) !== undefined) {
        const now = clock.now();
        const waitMs = freeAt - now;
        freeAt = Math.max(freeAt, now) + 1000 / perSecond;
        if (waitMs > 0) await sleep(clock, waitMs, signal);
        await core.calls.inLane('runner.broadcast()', [openid], (call) =>
          delivery.sayIf(openid, call, additionTo),
        );
      }
    } catch (error) {
      if (signal.aborted) return;
      fate = 'failed';
      reporter.error(error, openid);
    }
    counts[fate] += 1;
  };

  let next = options.cursor;
  let done = false;
  while (!done && !signal.aborted) {
    const page = await listIn(core, next, PAGE);
    const openids = page.openids.values();
    const takeEach = async (): Promise<void> => {
      for (const openid of openids) if (!signal.aborted) await take(openid);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, takeEach));
    if (signal.aborted) break;
    ({ next } = page);
    done = next === undefined;
    options.onProgress?.({ ...counts, done, next });
    await atRest();
  }
  return { ...counts, done, next };
}

/** @throws UsageError `bad_option`; MessageError `bad_id` */
function checked(select: unknown, options: BroadcastOptions): BroadcastOptions {
  checkOptions('broadcast()', options, KEYS);
  const { id, perSecond } = options;
  checkId(id);
  atLeast(0.001, perSecond, 'perSecond');
  if (typeof select === 'function' && id !== undefined) return options;
  throw new UsageError('bad_option', 'broadcast() takes `select`, what to say, and an `id`.');
}
