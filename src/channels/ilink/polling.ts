import { createHash } from 'node:crypto';
import { ColloquyError } from '../../errors.ts';
import { eitherOf, withDeadline } from '../../internal/async.ts';
import { fieldsOf, given, listOf, nameOf, numberOf } from '../../internal/fields.ts';
import type { ChannelSource, SourceOpening } from '../channel.ts';
import type { Inbound } from '../reception.ts';
import { parseJson } from '../json-body.ts';
import { ACKNOWLEDGE } from '../receptions.ts';
import type { ApiAnswer } from '../web-api.ts';
import { toRetryAfterMs } from '../refusal.ts';
import type { IlinkCall } from './api.ts';
import { toInbound } from './message.ts';
import { LOGIN_ENDED, faultOf } from './refusal.ts';

/** How long iLink keeps a call open until there is a message, where it does not say. */
const WAIT_MS = 35_000;
/** The longest that it may ask for: a proxy may cut what is silent for long. */
const LONGEST_WAIT_MS = 120_000;
/** How long its answer may take besides. */
const MARGIN_MS = 10_000;

export interface PollingOptions {
  readonly call: IlinkCall;
  readonly prefix: string;
  readonly token: string;
}

/**
 * Asks iLink for messages (https://github.com/Tencent/openclaw-weixin#getupdates). What has been given is said by a cursor, which
 * the program keeps: it is stored when the messages before it are committed, and asked with only after that. So what a crash
 * leaves comes again.
 */
export function createPolling(options: PollingOptions): ChannelSource {
  return { needsCursor: true, open: (opening) => new Polling(options, opening).run() };
}

class Polling {
  readonly #options: PollingOptions;
  readonly #opening: SourceOpening;
  /** Cursors of one login say nothing to another. */
  readonly #login: string;
  #cursor: string;
  #waitMs = WAIT_MS;

  constructor(options: PollingOptions, opening: SourceOpening) {
    this.#options = options;
    this.#opening = opening;
    this.#login = createHash('sha256').update(options.token).digest('base64url').slice(0, 16);
    this.#cursor = cursorOf(opening.cursor, this.#login);
  }

  async run(): Promise<void> {
    const { signal } = this.#opening;
    try {
      while (!signal.aborted) {
        const answer = await this.#ask();
        if (answer !== undefined) await this.#take(answer);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** @returns undefined where iLink had nothing to say for as long as it keeps a call open */
  async #ask(): Promise<ApiAnswer | undefined> {
    const { clock, signal } = this.#opening;
    const limit = new AbortController();
    const calling = this.#options.call(
      'getupdates',
      { get_updates_buf: this.#cursor },
      { signal: eitherOf(limit.signal, signal), noAnswer: failed },
    );
    const answer = await withDeadline(calling, {
      clock,
      at: clock.now() + this.#waitMs + MARGIN_MS,
      onPass() {
        limit.abort();
        return undefined;
      },
    });
    if (answer !== undefined) checkTaken(answer);
    return answer;
  }

  /** Takes what came. The next call says that it was taken, so all of it is committed by then. */
  async #take({ data }: ApiAnswer): Promise<void> {
    const { msgs, get_updates_buf: next, longpolling_timeout_ms: waitMs } = fieldsOf(data);
    this.#waitMs = Math.min(Math.max(numberOf(waitMs) ?? WAIT_MS, 0), LONGEST_WAIT_MS);
    const cursor = nameOf(next) ?? this.#cursor;
    const messages = listOf(msgs).flatMap((each) => this.#read(each));
    if (cursor === this.#cursor && messages.length === 0) return;
    const kept = JSON.stringify({ login: this.#login, cursor });
    await this.#opening.take({ type: 'messages', messages, acknowledge: ACKNOWLEDGE }, kept);
    this.#cursor = cursor;
  }

  #read(update: unknown): readonly Inbound[] {
    try {
      // As a body of a webhook is: of no more values than it may have, and without keys that reach a prototype.
      const inbound = toInbound(parseJson(JSON.stringify(update)), this.#options.prefix);
      return inbound === undefined ? [] : [inbound];
    } catch (error) {
      if (!ColloquyError.is(error, 'bad_body')) throw error;
      this.#opening.report(error);
      return [];
    }
  }
}

/** The cursor of this login, from what was stored; empty where it is of another one, or there is none. */
function cursorOf(stored: string | undefined, login: string): string {
  try {
    const kept = fieldsOf(stored === undefined ? undefined : JSON.parse(stored));
    return kept['login'] === login ? (nameOf(kept['cursor']) ?? '') : '';
  } catch {
    return '';
  }
}

/** @throws ColloquyError `source_failed`, retryable; `source_refused` */
function checkTaken(answer: ApiAnswer): void {
  const { status, headers } = answer;
  // What is no JSON came from something in between, such as the page of a hotel.
  const fault = answer.data === undefined ? status : faultOf(answer);
  if (fault === undefined) return;
  if (fault === LOGIN_ENDED || status === 401) throw loginEnded(fault);
  const retryAfterMs = status === 429 ? toRetryAfterMs(headers.get('retry-after')) : undefined;
  throw failed(fault === status ? `HTTP ${status}` : `code ${fault}`, retryAfterMs);
}

function failed(reason: string, retryAfterMs?: number): ColloquyError {
  return new ColloquyError(
    'source_failed',
    `iLink gave no messages to a source (${reason}). It is asked again, from the last message that is committed.`,
    { retryable: true, details: { channel: 'ilink', reason, ...given({ retryAfterMs }) } },
  );
}

function loginEnded(reason: number): ColloquyError {
  return new ColloquyError(
    'source_refused',
    `iLink says that the login of the bot has ended (${reason}). Log in again by the QR code, and start with the new token. What was not said yet waits for the next message of its user.`,
    { details: { channel: 'ilink', reason } },
  );
}
