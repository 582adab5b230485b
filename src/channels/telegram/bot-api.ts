import type { Clock } from '../../clock.ts';
import { ColloquyError } from '../../errors.ts';
import { eitherOf, withDeadline } from '../../internal/async.ts';
import { type Fields, fieldsOf, given, nameOf, numberOf } from '../../internal/fields.ts';
import { toRetryAfterMs } from '../refusal.ts';
import { type ApiAnswer, type Fetch, postJson } from '../web-api.ts';
import { refusalOf } from './push.ts';

/** How long the Bot API may take to answer, beside the time that it is asked to wait. */
const LONGEST_CALL_MS = 10_000;
/** A hundred updates, each as long as the body of a webhook may be. */
const MAX_ANSWER_BYTES = 100 * 256 * 1024;

interface BotApiOptions {
  /** Its address, with the token of the bot. */
  readonly api: string;
  readonly fetch: Fetch;
  readonly clock: Clock;
}

interface AskOptions {
  readonly signal: AbortSignal;
  /** For how long the call asks Telegram to wait. */
  readonly waitMs?: number;
  /** How long Telegram may take besides. */
  readonly withinMs?: number;
}

/** The calls that a bot makes on its own behalf, and not to say something to a user. */
export class BotApi {
  readonly #options: BotApiOptions;

  constructor(options: BotApiOptions) {
    this.#options = options;
  }

  /**
   * @returns the result of the call
   * @throws ColloquyError `source_failed`, `source_taken`, both retryable; `source_refused`, `webhook_active`
   */
  async ask(
    method: string,
    parameters: Fields,
    { signal, waitMs = 0, withinMs = LONGEST_CALL_MS }: AskOptions,
  ): Promise<unknown> {
    const answer = await this.#call(method, parameters, signal, waitMs + withinMs);
    const { ok, result, error_code: code, parameters: hints } = fieldsOf(answer.data);
    if (ok === true) return result;
    // What is not in the form of the Bot API came from something in between, such as the page of a hotel.
    const reason = ok === false ? (numberOf(code) ?? answer.status) : undefined;
    if (reason === 409) throw await this.#conflict(signal);
    if (reason === undefined || reason === 429 || reason >= 500 || reason < 400) {
      const asked = toRetryAfterMs(fieldsOf(hints)['retry_after']);
      throw failed(`HTTP ${reason ?? answer.status}`, reason === 429 ? asked : undefined);
    }
    throw refusedFor(method, reason);
  }

  /**
   * Says something that is no message.
   * @returns why the Bot API did not take it; undefined where it did
   */
  async tell(
    method: string,
    parameters: Fields,
    signal: AbortSignal,
  ): Promise<ColloquyError | undefined> {
    try {
      return refusalOf(await this.#call(method, parameters, signal, LONGEST_CALL_MS));
    } catch (error) {
      if (ColloquyError.is(error)) return error;
      throw error;
    }
  }

  /** Why Telegram gives no updates: there is a webhook, or another program asks for them. */
  async #conflict(signal: AbortSignal): Promise<ColloquyError> {
    const { data } = await this.#call('getWebhookInfo', {}, signal, LONGEST_CALL_MS);
    const url = nameOf(fieldsOf(fieldsOf(data)['result'])['url']);
    return url === undefined ? takenElsewhere() : webhookActive();
  }

  #call(method: string, parameters: Fields, signal: AbortSignal, ms: number): Promise<ApiAnswer> {
    const { api, fetch, clock } = this.#options;
    const limit = new AbortController();
    const calling = postJson(fetch, {
      channel: 'telegram',
      url: `${api}/${method}`,
      body: JSON.stringify(parameters),
      signal: eitherOf(limit.signal, signal),
      maxAnswerBytes: MAX_ANSWER_BYTES,
      noAnswer: failed,
    });
    return withDeadline(calling, {
      clock,
      at: clock.now() + ms,
      onPass() {
        limit.abort();
        throw failed('timeout');
      },
    });
  }
}

function failed(reason: string, retryAfterMs?: number): ColloquyError {
  return new ColloquyError(
    'source_failed',
    `Telegram gave no answer to a source (${reason}). It is asked again; nothing is lost, for Telegram keeps updates for 24 hours.`,
    { retryable: true, details: { channel: 'telegram', reason, ...given({ retryAfterMs }) } },
  );
}

function refusedFor(method: string, status: number): ColloquyError {
  const why =
    status === 401 || status === 404
      ? 'it knows no bot with this token. Take the token from @BotFather, and start again'
      : 'see the call in the documentation of the Bot API, correct the options of telegram(), and start again';
  return new ColloquyError(
    'source_refused',
    `Telegram refused the call ${method} of a source (HTTP ${status}): ${why}.`,
    { details: { channel: 'telegram', status } },
  );
}

function takenElsewhere(): ColloquyError {
  return new ColloquyError(
    'source_taken',
    'Another program asks Telegram for the updates of this bot, and Telegram gives them to one at a time. End the other program, give each its own bot, or let both share a persister with leases: then one waits for the other.',
    { retryable: true, details: { channel: 'telegram' } },
  );
}

function webhookActive(): ColloquyError {
  return new ColloquyError(
    'webhook_active',
    'The bot has a webhook, so Telegram gives no updates to a program that asks for them. Call deleteWebhook of the Bot API, or pass `deleteWebhook: true` to telegram() if no other program needs it.',
    { details: { channel: 'telegram' } },
  );
}
