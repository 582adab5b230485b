import { ColloquyError } from '../errors.ts';
import type { Lanes } from './lanes.ts';

/** The maximum of tasks of one openid that a new call may wait behind. Messages have a smaller maximum, `lanes.waiting`. */
const MAX_WAITING_CALLS = 1000;

/**
 * Refuses a call that would have to wait behind too many others.
 * @throws ColloquyError `lane_full`, retryable
 */
export function checkLaneRoom(lanes: Pick<Lanes, 'waiting'>, openid: string): void {
  if (lanes.waiting(openid) < MAX_WAITING_CALLS) return;
  throw new ColloquyError(
    'lane_full',
    `A maximum of ${MAX_WAITING_CALLS} calls for one openid may wait; try again later.`,
    { retryable: true, openid },
  );
}
