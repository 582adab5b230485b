import type { ListPage } from './persister.ts';

/** A page of a persister whose cursors are the openids themselves. One that is not full is the last. */
export function toListPage(openids: readonly string[], limit: number): ListPage {
  const last = openids.length < limit ? undefined : openids.at(-1);
  return last === undefined ? { openids } : { openids, next: last };
}
