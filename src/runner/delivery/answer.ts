import { NONE } from '../../context/record/record.ts';
import type { StoreCore } from '../../context/store-core.ts';
import { isRetryable } from '../../errors.ts';
import type { MaybePromise } from '../../internal/maybe.ts';
import type { Plan } from '../commit-plan.ts';
import type { ReplyDelivery } from './delivery.ts';
import type { Turn } from '../events.ts';
import type { Exchange } from './exchange.ts';
import type { AwaitedServices, EndedService, Services } from '../release/services.ts';
import type { TurnRun } from '../transition.ts';
import { type TurnContext, type TurnExit, failTurn, outcomeOf, takeTurn } from '../turn.ts';
import { finishLater, traceResult } from './unclear-result.ts';

interface AnswerParts {
  readonly core: StoreCore;
  readonly context: TurnContext;
  readonly services: Services;
  readonly delivery: ReplyDelivery;
}

/** The answer that a turn leads to: at once, or when the services have ended that it started. */
export function answerOf(
  parts: AnswerParts,
  exchange: Exchange,
  result: Exclude<TurnExit, { readonly type: 'part' }>,
): MaybePromise<Turn> {
  const { openid, id, message } = exchange;
  if (result.type === 'stale') {
    const { reporter, options } = parts.context;
    const replies = reporter.repliesOf(openid, () => options.onStale?.(message, { openid }));
    return { openid, id, outcome: 'stale', replies };
  }
  if (result.type !== 'commit') {
    exchange.isCommitted = true;
    return result.type === 'seen'
      ? { openid, id, outcome: 'duplicate', replies: result.replies }
      : { openid, id, outcome: 'unhandled', replies: NONE };
  }
  const { plan } = result;
  committed(parts, exchange, plan);
  const { awaited } = exchange;
  if (awaited !== undefined) return awaitServices(parts, exchange, awaited);
  return { openid, id, outcome: outcomeOf(plan), replies: plan.replies };
}

function committed({ context, delivery }: AnswerParts, exchange: Exchange, plan: Plan): void {
  exchange.committed(plan);
  if (plan.enqueued === 0) return;
  if (exchange.leavesReplies) context.left.add(exchange.openid, plan.record.outbox, plan.enqueued);
  else delivery.flush(plan);
}

/** Continues the turn as its services end, until all have ended or the deadline passes. */
async function awaitServices(
  parts: AnswerParts,
  exchange: Exchange,
  awaited: AwaitedServices,
): Promise<Turn> {
  const { openid, id, trace } = exchange;
  const { context, services } = parts;
  try {
    while (!awaited.isDone) {
      const ended = await awaited.next();
      if (ended === undefined) {
        // A service that was stopped from outside of the turn gives no result.
        if (awaited.isDone) break;
        return { openid, id, outcome: 'pending', replies: exchange.replies };
      }
      const run: TurnRun = { openid, cause: { type: 'service', ...ended }, exchange, trace };
      try {
        const result = await takeTurn(context, run);
        if (result.type === 'commit') committed(parts, exchange, result.plan);
      } catch (error) {
        // The message counts all the same, so the turn is not `failed`: it would be a duplicate if it came again.
        exchange.told(await failTurn(context, run, error));
        if (isRetryable(error)) return await afterUnclearCommit(parts, exchange, run, ended);
      }
    }
    const { replies } = exchange;
    return { openid, id, outcome: replies.length > 0 ? 'replied' : 'silent', replies };
  } finally {
    exchange.awaited = undefined;
    services.leave(awaited, openid);
  }
}

/**
 * The commit of a service's result failed, but the persister may have written it. If it has, only this process has the
 * replies; if not, the service runs again.
 */
async function afterUnclearCommit(
  parts: AnswerParts,
  exchange: Exchange,
  { begun }: TurnRun,
  { service: { token } }: EndedService,
): Promise<Turn> {
  const { openid, id } = exchange;
  // From here on, the turn waits for no service, and callers leave at their deadlines.
  exchange.awaited = undefined;
  if (begun !== undefined && begun.replies.length > 0) {
    const result = { openid, token, message: exchange.countsAs };
    const trace = await traceResult(parts, result, () => !exchange.isAbandoned);
    if (trace === 'written') {
      exchange.committed(begun);
      return { openid, id, outcome: 'replied', replies: exchange.replies };
    }
    if (trace !== 'gone') {
      const isForgotten = begun.record.absent !== undefined;
      const given = exchange.isAbandoned ? NONE : exchange.owed;
      void finishLater(parts, result, { owed: begun.replies, given, isForgotten });
    }
  }
  return { openid, id, outcome: 'pending', replies: exchange.replies };
}
