import { ColloquyError } from '../../errors.ts';
import { Barrier } from '../../internal/async.ts';
import { fieldsOf, given, idOf, listOf } from '../../internal/fields.ts';
import type { ChannelSource, SourceOpening } from '../channel.ts';
import type { Answer, Delivery } from '../reception.ts';
import { parseJson } from '../json-body.ts';
import type { Fetch } from '../web-api.ts';
import { BotApi } from './bot-api.ts';

/** How long Telegram keeps a call open until there is an update. A proxy may cut what is silent for a minute. */
const WAIT_SECONDS = 30;
/** The maximum of updates of one call, and of those that are not committed (https://core.telegram.org/bots/api#getupdates). */
const MAX_UPDATES = 100;
/** A turn that takes longer than this holds up no other user: the updates behind it are asked for meanwhile. */
const SLOW_MS = 500;
/** How long Telegram may take to hear at the end what was taken. If it does not, it delivers that again, and it counts once. */
const LAST_CALL_MS = 3000;

export interface PollingOptions {
  /** The address of the Bot API, with the token of the bot. */
  readonly api: string;
  readonly fetch: Fetch;
  readonly updates?: readonly string[];
  readonly deleteWebhook?: boolean;
  /** Makes messages of an update. @throws MessageError where it is none */
  read(update: unknown): Promise<Delivery>;
}

/**
 * Asks Telegram for updates (https://core.telegram.org/bots/api#getting-updates). Telegram keeps an update for 24 hours, until a
 * call has an `offset` behind it. So there is no cursor to store: the offset never goes past an update that is not committed,
 * and what a crash leaves comes again.
 */
export function createPolling(options: PollingOptions): ChannelSource {
  return { open: (opening) => new Polling(options, opening).run() };
}

class Polling {
  readonly #options: PollingOptions;
  readonly #opening: SourceOpening;
  readonly #bot: BotApi;
  /** The updates that are not committed, in the order of their numbers. */
  readonly #pending = new Map<number, Promise<void>>();
  /** Behind the last update that came; undefined where Telegram has forgotten all of them. */
  #next: number | undefined;
  readonly #progress = new Barrier();
  #fault: { readonly error: unknown } | undefined;

  constructor(options: PollingOptions, opening: SourceOpening) {
    this.#options = options;
    this.#opening = opening;
    this.#bot = new BotApi({ ...options, clock: opening.clock });
    opening.signal.addEventListener('abort', () => this.#progress.check(), { once: true });
  }

  async run(): Promise<void> {
    const { signal } = this.#opening;
    try {
      if (this.#options.deleteWebhook === true)
        await this.#bot.ask('deleteWebhook', {}, { signal });
      while (!signal.aborted && this.#fault === undefined) {
        for (const update of await this.#fetch()) await this.#take(update);
        if (this.#pending.size > 0) await this.#settle();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    await Promise.all(this.#pending.values());
    if (!signal.aborted && this.#fault !== undefined) throw this.#fault.error;
    // Another process that has the source by now would lose its call by one of ours.
    if (!ColloquyError.is(signal.reason, 'source_taken')) await this.#confirm();
  }

  /** The updates that are new. While others are not committed, Telegram gives those again, too, and does not wait. */
  async #fetch(): Promise<readonly unknown[]> {
    const { signal } = this.#opening;
    const offset = this.#offset();
    const answer = await this.#bot.ask(
      'getUpdates',
      {
        limit: MAX_UPDATES,
        timeout: this.#pending.size > 0 ? 0 : WAIT_SECONDS,
        ...given({ offset, allowed_updates: this.#options.updates }),
      },
      { signal, waitMs: WAIT_SECONDS * 1000 },
    );
    const listed = listOf(answer);
    const next = this.#next ?? -Infinity;
    // It has forgotten all that came before. After a week without updates, the next one may have any number.
    if (listed.length === 0 && offset === this.#next) this.#next = undefined;
    return listed.filter((update) => numberOf(update) >= next);
  }

  /** The first update that Telegram has to keep. */
  #offset(): number | undefined {
    const [first = this.#next] = this.#pending.keys();
    return first;
  }

  async #take(update: unknown): Promise<void> {
    const { report, take } = this.#opening;
    const number = numberOf(update);
    let delivery: Delivery;
    try {
      // As a body of a webhook is: of no more values than it may have, and without keys that reach a prototype.
      delivery = await this.#options.read(parseJson(JSON.stringify(update)));
    } catch (error) {
      if (!ColloquyError.is(error, 'bad_body')) throw error;
      report(error);
      this.#next = number + 1;
      return;
    }
    this.#next = number + 1;
    const taken = take(delivery)
      .then((answer) => this.#answer(answer))
      .then(
        () => void this.#pending.delete(number),
        (error: unknown) => void (this.#fault ??= { error }),
      )
      .finally(() => this.#progress.check());
    this.#pending.set(number, taken);
  }

  /** What a webhook answers is a call of the Bot API: it ends the waiting of a button. */
  async #answer({ body }: Answer): Promise<void> {
    if (body === '') return;
    const { method, ...parameters } = fieldsOf(JSON.parse(body));
    const refusal = await this.#bot.tell(String(method), parameters, this.#opening.signal);
    // A button that was pressed long ago waits no more.
    if (refusal !== undefined && refusal.code !== 'reply_refused') this.#opening.report(refusal);
  }

  /** Resolves when all is committed, or when it takes longer than others should wait. */
  async #settle(): Promise<void> {
    const { clock, signal } = this.#opening;
    const isOver = (): boolean =>
      this.#pending.size === 0 || this.#fault !== undefined || signal.aborted;
    await this.#progress.until(isOver, { clock, at: clock.now() + SLOW_MS });
  }

  /** Tells Telegram at the end what was taken, so that it does not come again. */
  async #confirm(): Promise<void> {
    const offset = this.#offset();
    if (offset === undefined) return;
    const { signal } = new AbortController();
    const parameters = { offset, limit: 1, timeout: 0 };
    await this.#bot
      .ask('getUpdates', parameters, { signal, withinMs: LAST_CALL_MS })
      .catch(() => undefined);
  }
}

function numberOf(update: unknown): number {
  return Number(idOf(fieldsOf(update)['update_id']) ?? Number.NaN);
}
