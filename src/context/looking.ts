import type { Engine } from '../dialogue/engine/engine.ts';
import { isReserved } from '../internal/reserved.ts';
import { checkOpenid } from '../openid.ts';
import type { ListPage } from '../persist/persister.ts';
import {
  type Conversation,
  type ConversationStanding,
  inspectRecord,
  standingOf,
} from './record/inspect.ts';
import type { SeenLimits } from './record/seen-log.ts';
import type { StoreCore } from './store-core.ts';

/** What `runner.inspect()` shows: the record as it was last committed. It needs no lane. */
export async function lookAt(
  core: StoreCore,
  engine: Engine,
  openid: string,
): Promise<Conversation | undefined> {
  core.checkOpen();
  checkOpenid(openid);
  const record = await core.read(openid);
  return record?.absent === undefined ? record && inspectRecord(record, engine) : undefined;
}

/** What `runner.standing()` gives. It waits for the turns that were accepted before it. */
export async function standingIn(
  core: StoreCore,
  openid: string,
  ids: readonly string[],
  seen: SeenLimits,
): Promise<ConversationStanding> {
  core.checkOpen();
  checkOpenid(openid);
  const record = await core.readInLane(openid);
  return standingOf(record, ids, core.clock.now(), seen);
}

/**
 * A page of the openids that have a record, for `store.list()` and `runner.broadcast()`. What the library keeps under openids of
 * its own is left out.
 * @throws UsageError `store_closed`, `cannot_list`; PersistError
 */
export async function listIn(
  core: StoreCore,
  cursor: string | undefined,
  limit: number,
): Promise<ListPage> {
  core.checkOpen();
  const page = await core.records.list(cursor, limit);
  return { ...page, openids: page.openids.filter((openid) => !isReserved(openid)) };
}
