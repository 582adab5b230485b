import { ColloquyError } from '../errors.ts';
import { withDeadline } from '../internal/async.ts';
import { type Context, Draft, type DraftHost } from './context.ts';
import type { Holder } from './holders.ts';
import type { StoreCore } from './store-core.ts';

const MAX_ATTEMPTS = 10;

interface UpdateOptions {
  readonly core: StoreCore;
  readonly ageSeconds: number;
  readonly openid: string;
  readonly updateTimeoutMs: number;
  /** The person whose turns and replies the library deletes from this conversation. */
  readonly erased?: string;
}

interface HostOptions extends Pick<UpdateOptions, 'erased'> {
  readonly ageSeconds: number;
  /** Whether drafts are saved by a task of their lane. */
  readonly isInLane: boolean;
  /** Throws where a draft can no longer be saved. */
  readonly check: () => void;
}

/** What the drafts of a store need of it. */
export function createHost(
  core: StoreCore,
  { ageSeconds, isInLane, check, erased }: HostOptions,
): DraftHost {
  return {
    ageSeconds,
    clock: core.clock,
    async save(draft) {
      check();
      // A draft from outside must not give back the lease under a turn that waits for its services.
      const keepsLease = !isInLane && core.lanes.isBusy(draft.openid);
      return core.saveData(draft, { keepsLease, erased });
    },
    async flush(openid) {
      check();
      return core.flush(openid);
    },
  };
}

/**
 * Opens a draft, has it changed and saves it, again where a draft that was saved elsewhere comes between. The caller holds
 * the lane.
 * @throws ColloquyError `update_timeout`, and what `change` throws
 */
export function runUpdate<T>(
  { core, ageSeconds, openid, updateTimeoutMs, ...more }: UpdateOptions,
  change: (context: Context) => T | Promise<T>,
): Promise<T> {
  const { clock } = core;
  const at = clock.now() + updateTimeoutMs;
  let isOver = false;
  let holder: Holder | undefined;
  let isSaving = false;
  const check = (): void => {
    if (isOver) throw updateTimeout(openid);
  };
  // A draft that is saved too late must not commit into a later turn. An update that has begun is saved even while the
  // store is being closed.
  const host = createHost(core, { ageSeconds, isInLane: true, check, ...more });
  const attempt = async (tries: number): Promise<T> => {
    const record = await core.records.load(openid);
    // The lease came after the lane of this update had ended. The end of any task in the lane gives it back.
    if (isOver) void core.lanes.run(openid, async () => {});
    check();
    const draft = new Draft(host, openid, record);
    holder = core.holders.begin(openid, 'update');
    const result = await holder.hold(() => change(draft as Context));
    if (draft.flushed) return result;
    isSaving = true;
    try {
      await draft.save();
      return result;
    } catch (error) {
      check();
      if (!ColloquyError.is(error, 'conflict') || tries === MAX_ATTEMPTS) throw error;
    } finally {
      isSaving = false;
    }
    return attempt(tries + 1);
  };
  const work = attempt(1);
  const onPass = (): Promise<T> => {
    isOver = true;
    holder?.end();
    // The save is the last thing an update does: begun in time, it may take its own time.
    if (isSaving) return work;
    throw updateTimeout(openid);
  };
  return withDeadline(work, { clock, at, onPass });
}

function updateTimeout(openid: string): ColloquyError {
  return new ColloquyError(
    'update_timeout',
    'The update did not finish in time and was given up; nothing that it does from now on is saved. An update waits for the lane of its openid, so it must not be awaited inside another update of the same openid.',
    { openid },
  );
}
