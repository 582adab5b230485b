import { ColloquyError } from '../errors.ts';

/**
 * Why a model gave no answer: `details.reason` of the error `model_failed`.
 *
 * - `unauthorized`: the provider does not take the key, or the key may not use this model.
 * - `no_credit`: the account has no money or quota left.
 * - `rate_limited`: there were too many calls.
 * - `too_long`: the messages, tools and schema together are too long for the model.
 * - `refused`: the provider does not pass the messages to the model, because of what they say.
 * - `bad_request`: the provider does not take the call, as for a model that it does not have.
 * - `unavailable`: the provider is down or overloaded, or cannot be reached.
 * - `timeout`: the answer did not come in time.
 * - `bad_answer`: what came is no answer, was cut off on the way, or is too large.
 */
export type ModelFailureReason =
  | 'unauthorized'
  | 'no_credit'
  | 'rate_limited'
  | 'too_long'
  | 'refused'
  | 'bad_request'
  | 'unavailable'
  | 'timeout'
  | 'bad_answer';

/** What is known of a failure besides its reason. */
export interface ModelFailure {
  /** The name of the model. */
  readonly model: string;
  /** What failed. */
  readonly reason: ModelFailureReason;
  /** The status of the provider's HTTP answer, if there was one. */
  readonly status?: number | undefined;
  /** Further facts for a log: codes, sizes, limits. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** What the provider said. Only a program reads it: it may quote a message. */
  readonly cause?: unknown;
}

const TEXTS: Readonly<Record<ModelFailureReason, string>> = {
  unauthorized: 'its provider does not accept the key. Check `apiKey`, and what the key may use.',
  no_credit: 'the account has no credit left at its provider.',
  rate_limited: 'its provider gets too many calls. It can be tried again later.',
  too_long: 'the messages are too long for it. Send fewer of them.',
  refused: 'its provider refuses the messages for what they say.',
  bad_request: 'its provider does not take the call. `cause` says why.',
  unavailable: 'its provider cannot be reached or is overloaded. It can be tried again later.',
  timeout: 'the answer did not come in time. It can be tried again.',
  bad_answer: 'what its provider sent is no whole answer. It can be tried again.',
};

const RETRYABLE: ReadonlySet<ModelFailureReason> = new Set<ModelFailureReason>([
  'rate_limited',
  'unavailable',
  'timeout',
  'bad_answer',
]);

/**
 * The error for a call of a model that gave no answer. An adapter of your own throws it, too.
 * @example
 * const error = modelFailed({ model: 'my-model', reason: 'unavailable', status: 503 });
 * console.log(error.retryable); // → true
 * @returns a ColloquyError `model_failed`, with the `reason` in its details; `retryable` if it is one that may go away
 */
export function modelFailed({
  model,
  reason,
  status,
  details,
  cause,
}: ModelFailure): ColloquyError {
  const answered = status === undefined ? '' : ` (status ${status})`;
  return new ColloquyError(
    'model_failed',
    `The model '${model}' gave no answer${answered}: ${TEXTS[reason]}`,
    {
      retryable: RETRYABLE.has(reason),
      details: { model, reason, ...(status !== undefined && { status }), ...details },
      ...(cause !== undefined && { cause }),
    },
  );
}
