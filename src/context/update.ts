import type { Clock } from '../clock.ts';
import { ColloquyError } from '../errors.ts';
import { type Context, Draft, type DraftHost } from './context.ts';
import type { StoreCore } from './store-core.ts';
import type { ConversationRecord } from './record/record.ts';

const MAX_ATTEMPTS = 10;

export interface UpdateOptions {
  readonly core: StoreCore;
  readonly host: DraftHost;
  readonly openid: string;
  readonly updateTimeoutMs: number;
}

/**
 * Opens a draft, has it changed and saves it, again where a draft saved elsewhere comes in between. Whoever calls it
 * holds the lane.
 * @throws ColloquyError `update_timeout`, and whatever `change` throws
 */
export function runUpdate<T>(
  { core, host, openid, updateTimeoutMs }: UpdateOptions,
  change: (context: Context) => T | Promise<T>,
): Promise<T> {
  return withTimeout(core.clock, openid, updateTimeoutMs, (limit) =>
    attemptUpdate(core, guarded(core, host, limit), openid, change, limit),
  );
}

async function attemptUpdate<T>(
  core: StoreCore,
  host: DraftHost,
  openid: string,
  change: (context: Context) => T | Promise<T>,
  limit: TimeLimit,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const draft = new Draft(host, openid, await loadInTime(core, openid, limit));
    const result = await change(draft as Context);
    if (draft.flushed) return result;
    try {
      await limit.finish(() => draft.save());
      return result;
    } catch (error) {
      if (!ColloquyError.is(error, 'conflict') || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

async function loadInTime(
  core: StoreCore,
  openid: string,
  limit: TimeLimit,
): Promise<ConversationRecord | undefined> {
  const record = await core.records.load(openid);
  try {
    limit.check();
    return record;
  } catch (error) {
    // It came with a lease that the update's own end was too early for; the end of any task in the lane gives it back.
    void core.lanes.run(openid, async () => {});
    throw error;
  }
}

/** The time that an update has. */
interface TimeLimit {
  /** @throws ColloquyError `update_timeout` once it is over */
  check(): void;
  /** The last thing an update does: begun in time, it may take its own. */
  finish(save: () => Promise<void>): Promise<void>;
}

/**
 * The host of a draft inside an update: a late one must not commit into somebody else's turn. An update that was taken
 * in is saved even if the store is being closed meanwhile.
 */
function guarded(core: StoreCore, host: DraftHost, limit: TimeLimit): DraftHost {
  return {
    ...host,
    async save(draft) {
      limit.check();
      return core.saveData(draft.openid, draft.base, draft.data, draft.expiry);
    },
    async flush(openid) {
      limit.check();
      return core.flush(openid);
    },
  };
}

function withTimeout<T>(
  clock: Clock,
  openid: string,
  timeoutMs: number,
  work: (limit: TimeLimit) => Promise<T>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let open = true;
    let finishing = false;
    const check = (): void => {
      if (!open) throw updateTimeout(openid);
    };
    const cancel = clock.wake(
      clock.now() + timeoutMs,
      () => {
        open = false;
        if (!finishing) reject(updateTimeout(openid));
      },
      { holdsProcess: true },
    );
    const finish = async (save: () => Promise<void>): Promise<void> => {
      finishing = true;
      try {
        await save();
      } catch (error) {
        check();
        throw error;
      } finally {
        finishing = false;
      }
    };
    work({ check, finish }).then(resolve, reject).finally(cancel);
  });
}

function updateTimeout(openid: string): ColloquyError {
  return new ColloquyError(
    'update_timeout',
    'The update did not come to its end in time and was given up; nothing it does from now on is saved. An update waits for the lane of its openid, so it must not be awaited inside another one.',
    { openid },
  );
}
