import { INSPECT, showError } from './internal/shown-error.ts';

/**
 * The errors that this library throws or reports on purpose.
 *
 * A subclass exists only where a catcher acts differently; `code` makes all finer distinctions. An error's text says what
 * was expected, what came and what to do. It never holds the text of a message, a value of a context or a secret.
 */

const BRAND: symbol = Symbol.for('colloquy.error');

/** The codes of this library's own errors. docs/errors.md says of each when it occurs and what to do. */
export type ErrorCode =
  | 'async_schema'
  | 'bad_answer'
  | 'bad_app_id'
  | 'bad_arguments'
  | 'bad_ask'
  | 'bad_body'
  | 'bad_bot'
  | 'bad_client'
  | 'bad_config'
  | 'bad_coverage'
  | 'bad_delay'
  | 'bad_dialogue'
  | 'bad_draft'
  | 'bad_duration'
  | 'bad_expiry'
  | 'bad_fault'
  | 'bad_file'
  | 'bad_form'
  | 'bad_id'
  | 'bad_intent'
  | 'bad_key'
  | 'bad_message'
  | 'bad_migration'
  | 'bad_mode'
  | 'bad_openid'
  | 'bad_option'
  | 'bad_parser'
  | 'bad_phrase'
  | 'bad_prefix'
  | 'bad_reply'
  | 'bad_request'
  | 'bad_scope'
  | 'bad_secret'
  | 'bad_service'
  | 'bad_snapshot'
  | 'bad_state'
  | 'bad_subject'
  | 'bad_table'
  | 'bad_time'
  | 'bad_time_zone'
  | 'bad_token'
  | 'bad_transcript'
  | 'bad_username'
  | 'blocked'
  | 'body_already_read'
  | 'body_interrupted'
  | 'body_timeout'
  | 'body_too_large'
  | 'cannot_draft'
  | 'cannot_hold'
  | 'cannot_list'
  | 'cannot_pace'
  | 'cannot_type'
  | 'channel_taken'
  | 'clock_skew'
  | 'closed'
  | 'conflict'
  | 'context_not_plain'
  | 'context_too_big'
  | 'corrupt'
  | 'desk_not_connected'
  | 'incompatible'
  | 'lane_full'
  | 'leased'
  | 'listener_timeout'
  | 'low_coverage'
  | 'model_failed'
  | 'no_history'
  | 'no_layout'
  | 'no_loader'
  | 'no_reply_listener'
  | 'no_token'
  | 'no_way'
  | 'not_a_request'
  | 'not_allowed'
  | 'not_authorized'
  | 'not_plain'
  | 'not_played'
  | 'not_recorded'
  | 'not_stable'
  | 'not_subscribed'
  | 'off_script'
  | 'overwritten'
  | 'paced'
  | 'push_closed'
  | 'push_failed'
  | 'push_timeout'
  | 'rate_limited'
  | 'recognizer_failed'
  | 'recognizer_timeout'
  | 'refused'
  | 'rephrase_failed'
  | 'reply_not_sent'
  | 'reply_refused'
  | 'runner_stopped'
  | 'schema_failed'
  | 'schema_missing'
  | 'service_timeout'
  | 'source_failed'
  | 'source_refused'
  | 'source_taken'
  | 'stale_token'
  | 'step_failed'
  | 'store_closed'
  | 'store_taken'
  | 'target_exists'
  | 'timeout'
  | 'too_long'
  | 'too_many_articles'
  | 'too_many_bodies'
  | 'too_many_pending'
  | 'too_many_unsent'
  | 'unauthorized'
  | 'unavailable'
  | 'undelivered'
  | 'unknown_intent'
  | 'unknown_openid'
  | 'unsayable_reply'
  | 'unsupported_effect'
  | 'unsupported_runtime'
  | 'unwritten'
  | 'update_timeout'
  | 'webhook_active'
  | 'would_deadlock'
  | 'wrong_shards';

/** An editor offers the codes of the library; a persister or a channel of an application may have its own. */
type Code = ErrorCode | (string & {});

/** What an error of this library has besides its code and its text. */
export interface ErrorOptions {
  /** Whether the same call, made again unchanged, may succeed. */
  readonly retryable?: boolean;
  /** The user whose conversation the error is about. */
  readonly openid?: string | undefined;
  /** Facts for a log: names, sizes, limits. Never a payload. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** What was thrown below. It may quote what a user said, so logs leave its text out. */
  readonly cause?: unknown;
}

/**
 * The base of all errors of this library. Decide by `code`: it stays the same from version to version, the text does not.
 *
 * `console.error(error)` prints its text, code and details, and of a `cause` that is not of this library only the class and
 * the places in the code: the rest may quote what a user said.
 */
export class ColloquyError extends Error {
  /** The name of the class, for a log. */
  override readonly name: string = 'ColloquyError';
  /** What went wrong. Decide by it: it stays the same from version to version. */
  readonly code: Code;
  /** Whether the same call, made again unchanged, may succeed. */
  readonly retryable: boolean;
  /** The user whose conversation the error is about; undefined if it is about none. */
  readonly openid: string | undefined;
  /** Facts for a log: names, sizes, limits. Never a payload. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: Code, message: string, options: ErrorOptions = {}) {
    super(message);
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.openid = options.openid;
    this.details = options.details ?? {};
    Object.defineProperties(this, { [BRAND]: { value: true }, [INSPECT]: { value: printed } });
    if ('cause' in options) {
      const { cause } = options;
      // What prints an error by its properties, as the end of a process by it, says that there is a getter, and not more.
      Object.defineProperty(this, 'cause', { get: () => cause, configurable: true });
    }
  }

  /** For a log: all but the stack and the cause. The cause may quote what a user said; read it where that may be seen. */
  toJSON(): object {
    const { name, message, code, retryable, openid, details } = this;
    return { name, message, code, retryable, openid, details };
  }

  /**
   * Whether `error` is an error of this library, and has `code` if you pass one. Unlike `instanceof`, it also recognises
   * an error from another copy of the package (ESM beside CommonJS, two versions).
   *
   * @example
   * const context = await store.open('ann');
   * try {
   *   await context.save();
   * } catch (error) {
   *   if (!ColloquyError.is(error, 'conflict')) throw error;
   *   await store.update('ann', (now) => now.set('visits', 1)); // the record has changed since it was opened
   * }
   */
  static is(error: unknown, code?: Code): error is ColloquyError {
    return (
      typeof error === 'object' &&
      error !== null &&
      BRAND in error &&
      (code === undefined || (error as { code?: unknown }).code === code)
    );
  }
}

/** Prints an error without the text of its cause. */
function printed(
  this: ColloquyError,
  _depth: number,
  options: object,
  inspect: (value: unknown, options: object) => string,
): string {
  return showError(this, (cause) => ColloquyError.is(cause), options, inspect);
}

/** The program is wrong: a dialogue, an option or a call. It is thrown where you define, start or call it. */
export class UsageError extends ColloquyError {
  override readonly name: string = 'UsageError';
}

/** A message was refused before the runner read a record, and nothing was stored. */
export class MessageError extends ColloquyError {
  override readonly name: string = 'MessageError';
}

/** The dialogue threw, or asked to store something that cannot be stored. The turn changed nothing. */
export class StepError extends ColloquyError {
  override readonly name: string = 'StepError';
}

/** A record could not be read or written. */
export class PersistError extends ColloquyError {
  override readonly name: string = 'PersistError';
}

/** The record changed after you read it. Nothing was written; read the record again. */
export class ConflictError extends PersistError {
  override readonly name: string = 'ConflictError';

  constructor(openid: string, details: Readonly<Record<string, unknown>> = {}) {
    super(
      'conflict',
      'The record was changed or deleted since it was opened, so nothing was saved. Open it again and repeat the change, or make the change with store.update().',
      { retryable: true, openid, details },
    );
  }
}

/** A committed reply could not be delivered. */
export class DeliveryError extends ColloquyError {
  override readonly name: string = 'DeliveryError';
}

/** Whether the same may succeed later. */
export function isRetryable(error: unknown): boolean {
  return ColloquyError.is(error) && error.retryable;
}
