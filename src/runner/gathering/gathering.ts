import type { StoreCore } from '../../context/store-core.ts';
import { type NewPart, isSameBurst, lastOf, burstMessage } from '../../context/record/burst.ts';
import { type ConversationRecord, NONE } from '../../context/record/record.ts';
import { recall } from '../../context/record/seen-log.ts';
import { readVerdict } from '../../dialogue/text/intent-match.ts';
import { wordsOf } from '../../dialogue/text/by-words.ts';
import type { MaybePromise } from '../../internal/maybe.ts';
import type { Message } from '../../message.ts';
import type { Turn } from '../events.ts';
import type { Exchange } from '../delivery/exchange.ts';
import type { MessageCause } from '../transition.ts';
import type { TurnContext } from '../turn.ts';

interface GatheringParts {
  readonly core: StoreCore;
  readonly context: TurnContext;
}

/** What has the callers. */
interface Callers {
  /** Takes the turn of a burst. */
  run(exchange: Exchange, cause: MessageCause): MaybePromise<Turn | undefined>;
  close(exchange: Exchange, turn: Turn): unknown;
  /** A message whose callers have left. */
  exchangeOf(openid: string, message: Message, id: string | undefined): Exchange;
}

/** The last part of a burst, while callers wait for the answer. */
interface Parked {
  readonly exchange: Exchange;
  readonly burst: ConversationRecord['burst'];
}

/**
 * Gathers the texts that a person writes one after another, and takes them as one message. A part is committed before its
 * callers know: the record has the parts and the time at which they are complete, so that any process can take their turn.
 * Callers wait for the turn only with the last part; those of a part before leave when the next one is committed.
 */
export class Gathering {
  readonly #parts: GatheringParts;
  readonly #callers: Callers;
  readonly #words: readonly NonNullable<ReturnType<typeof wordsOf>>[];
  /** By openid. An entry leaves with its callers. */
  readonly #parked = new Map<string, Parked>();
  #isStopped = false;

  constructor(parts: GatheringParts, callers: Callers) {
    this.#parts = parts;
    this.#callers = callers;
    const { engine, options } = parts.context;
    const named = { ...Object.fromEntries(engine.intents.named), ...options.recognizers };
    this.#words = Object.values(named).flatMap((recognizer) => wordsOf(recognizer) ?? NONE);
  }

  /**
   * The message as a part of a burst; undefined if it is no text, or a command: who says one has finished what came before.
   */
  partOf(exchange: Exchange, message: Message): NewPart | undefined {
    const { core, context } = this.#parts;
    if (!context.gather.isAnywhere || message.type !== 'message.text') return undefined;
    if (this.#words.some((means) => readVerdict(means(message))?.score === 1)) return undefined;
    const { text, from, receivedAt } = message;
    const { countsAs: id, awaitsBurst } = exchange;
    const now = core.clock.now();
    return {
      part: { ...(id !== undefined && { id }), text, at: Math.min(receivedAt ?? now, now) },
      from,
      // When the record is loaded, its caller waits.
      heldUntil: () =>
        awaitsBurst ? exchange.leavesAt + core.clock.now() - core.processClock.now() : 0,
    };
  }

  /** A part is committed: its callers wait for the turn, and those of the part before it leave. */
  park(exchange: Exchange, record: ConversationRecord): MaybePromise<undefined> {
    const { openid, id } = exchange;
    const { gather, durable } = this.#parts.context;
    const { burst } = record;
    exchange.isCommitted = true;
    if (burst === undefined || lastOf(burst).id !== id) return this.#end(exchange, 'gathered');
    const before = this.#parked.get(openid)?.exchange;
    this.#parked.delete(openid);
    if (before !== undefined) this.#end(before, 'gathered');
    const max = gather.at(record)?.max ?? 0;
    const isComplete = (this.#isStopped && !durable) || burst.parts.length >= max;
    if (!isComplete) {
      if (this.#isStopped || exchange.isAbandoned) return this.#end(exchange, 'pending');
      if (!exchange.awaitsBurst) return this.#end(exchange, 'gathered');
    }
    this.#parked.set(openid, { exchange, burst });
    exchange.onLeft = () => this.#leave(exchange);
    if (isComplete) return Promise.resolve(this.take(record)).then(() => undefined);
    return undefined;
  }

  /**
   * Whether the turn of a burst begins now.
   * @param before epoch ms of what else is due; the burst is due no later
   * @param isOver whether a message has come that is no part of it
   */
  isDue({ openid, burst }: ConversationRecord, before: number, isOver: boolean): boolean {
    if (burst === undefined || burst.dueAt > before) return false;
    const { records, clock } = this.#parts.core;
    const isHere = isSameBurst(this.#parked.get(openid)?.burst, burst);
    return isOver || isHere || records.dueTimes.anyoneTakesAt(burst) <= clock.now();
  }

  /** Takes the turn of the burst in a record, in the lane. Never throws. */
  take(record: ConversationRecord, leavesReplies = false): MaybePromise<Turn | undefined> {
    const { openid, burst } = record;
    if (burst === undefined) return undefined;
    const callers = this.#callers;
    this.settle(openid, record);
    const parked = this.#parked.get(openid);
    this.#parked.delete(openid);
    const { id, at } = lastOf(burst);
    // If no caller waits, a message from long ago has all the time that it needs.
    const message = burstMessage(burst, parked === undefined ? this.#parts.core.clock.now() : at);
    const exchange = parked?.exchange ?? callers.exchangeOf(openid, message, id);
    if (exchange.trace !== undefined) exchange.trace.message = message;
    exchange.onLeft = undefined;
    // Who leaves before the commit of the turn has to ask again for the replies.
    exchange.isCommitted = false;
    exchange.leavesReplies = leavesReplies;
    return callers.run(exchange, { type: 'message', message, id, burst, recognized: undefined });
  }

  /** This is what the record of a conversation is: callers leave whose part is not the last one any more. */
  settle(openid: string, record: ConversationRecord | undefined): void {
    const parked = this.#parked.get(openid);
    if (parked === undefined || isSameBurst(parked.burst, record?.burst)) return;
    this.#parked.delete(openid);
    parked.exchange.onLeft = undefined;
    this.#callers.close(parked.exchange, this.tellElse(parked.exchange, record));
  }

  /**
   * The answer to a part whose burst has grown or was taken by another process. If that one had a caller of the same part, the
   * record has the replies, and that caller may not have got them.
   */
  tellElse({ openid, id }: Exchange, record: ConversationRecord | undefined): Turn {
    const { core, context } = this.#parts;
    const isKnown = record !== undefined && id !== undefined;
    const said = isKnown ? recall(record.seen, id, core.clock.now(), context.seen) : undefined;
    const { length } = said ?? NONE;
    return { openid, id, outcome: length > 0 ? 'duplicate' : 'gathered', replies: said ?? NONE };
  }

  /**
   * From now on, no caller waits for parts to come. Bursts that are stored stay there, for the next process. Those in memory
   * are taken.
   */
  stop(): void {
    this.#isStopped = true;
    const { core, context } = this.#parts;
    if (context.durable) for (const { exchange } of this.#parked.values()) this.#leave(exchange);
    else {
      for (const { openid, burst } of core.records.unfinished()) {
        if (burst) void core.lanes.run(openid, () => this.#takeNow(openid));
      }
    }
  }

  /** Takes what is in memory. */
  #takeNow(openid: string): MaybePromise<unknown> {
    const record = this.#parts.core.records.cached(openid)?.record;
    return record && this.take(record);
  }

  /** The last caller has left, and the turn is taken without one. */
  #leave(exchange: Exchange): void {
    this.#parked.delete(exchange.openid);
    this.#end(exchange, 'pending');
  }

  #end(exchange: Exchange, outcome: 'pending' | 'gathered'): undefined {
    const { openid, id } = exchange;
    exchange.onLeft = undefined;
    this.#callers.close(exchange, { openid, id, outcome, replies: NONE });
  }
}
