import type { Clock } from '../../clock.ts';
import type { StoreCore } from '../../context/store-core.ts';
import { recall } from '../../context/record/seen-log.ts';
import { isRetryable } from '../../errors.ts';
import { resultId } from '../commit-plan.ts';
import type { TurnContext } from '../turn.ts';
import type { ReplyDelivery, Undelivered } from './delivery.ts';
import { reportUnclear } from './lost-replies.ts';

const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 60_000;

/** The parts of a runner that find out about a result. */
interface Parts {
  readonly core: StoreCore;
  readonly context: Pick<TurnContext, 'seen' | 'reporter'>;
  readonly delivery: ReplyDelivery;
}

/** The result of a service whose commit had no clear end. */
interface UnclearResult {
  readonly openid: string;
  readonly token: string;
  /** The message that started the service: a record that does not know it is of a later conversation. */
  readonly message: string | undefined;
}

/**
 * What a record says about the result of a service. After `running`, a write may still be on its way; after `over`, no caller can
 * know what became of it.
 */
type ResultTrace = 'written' | 'running' | 'gone' | 'over' | 'unreadable';

/**
 * Finds out what became of the commit of a service's result, if the persister could not say. Runs in the lane.
 * @param isWanted whether to try again while the record cannot be read
 */
export async function traceResult(
  { core, context: { seen } }: Omit<Parts, 'delivery'>,
  { openid, token, message }: UnclearResult,
  isWanted: () => boolean = () => false,
): Promise<ResultTrace> {
  const { records, clock, processClock } = core;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
    try {
      const now = clock.now();
      const record = await records.load(openid, now);
      if (record === undefined) return 'over';
      if (recall(record.seen, resultId(token), now, seen)) return 'written';
      if (record.services.some((service) => service.token === token)) return 'running';
      return message === undefined || recall(record.seen, message, now, seen) ? 'gone' : 'over';
    } catch (error) {
      if (!isRetryable(error)) return 'gone';
    }
    if (!isWanted()) return 'unreadable';
    await wait(processClock, pauseMs);
  }
}

/**
 * Delivers the replies of a service's result as soon as the record shows that its commit was written. If it was not, the
 * service runs again and says them. If the conversation has ended meanwhile, they are reported as undelivered. Never throws.
 */
export async function finishLater(
  parts: Parts,
  result: UnclearResult,
  undelivered: Omit<Undelivered, 'answered'>,
): Promise<void> {
  const { openid, message: answered } = result;
  const { core, context, delivery } = parts;
  const { processClock: clock, lanes } = core;
  const endsAt = clock.now() + context.seen.ageMs;
  let pauseMs = FIRST_PAUSE_MS;
  for (; clock.now() + pauseMs <= endsAt; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
    await wait(clock, pauseMs);
    const trace = await lanes.run(openid, async () => {
      const found = await traceResult(parts, result);
      if (found === 'written') await delivery.finish(openid, { ...undelivered, answered });
      else if (found === 'over') reportUnclear(context.reporter, openid, undelivered.owed.length);
      return found;
    });
    if (trace !== 'running' && trace !== 'unreadable') return;
  }
}

function wait(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    clock.wake(clock.now() + milliseconds, resolve);
  });
}
