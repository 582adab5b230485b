import { jsonSize } from '../../internal/plain-data.ts';
import { type ConversationRecord, NONE } from './record.ts';
import { type Effect, actorPath, isWithin } from '../../dialogue/engine/effect.ts';
import { type Offer, askingState, isOpen, restOf } from '../../dialogue/engine/offer.ts';
import type { Snapshot } from '../../dialogue/engine/engine.ts';
import type { ChoicesReply, Reply } from '../../reply.ts';

export type Offered = Pick<ConversationRecord, 'offers' | 'lastAsking'>;

/** The maximum of open offers; the oldest is dropped for a new one. */
const MAX_OFFERS = 16;
/** 8 characters of [0-9a-z], which hold the milliseconds of 89 years. */
const ASKINGS = 36 ** 8;
const HALF = 36 ** 4;

/**
 * Names the askings of one conversation. The name is the time at which the asking began, or the next millisecond if
 * another one began in the same. So no two askings of a conversation have the same name, and a turn that runs again
 * gives the same names. Each user has another offset: two users who are asked in the same millisecond get buttons with
 * different names.
 */
class Names {
  readonly #offset: number;

  constructor(openid: string) {
    this.#offset = startOf(openid);
  }

  after(last: string | undefined, now: number): string {
    const time = last === undefined ? now : Math.max(now, this.timeOf(last) + 1);
    const name = (Math.floor(time) + this.#offset) % ASKINGS;
    // V8 takes five times as long to write a number of over 32 bits as its two halves.
    return Math.floor(name / HALF).toString(36) + (name % HALF).toString(36).padStart(4, '0');
  }

  /** The time in a name, at which the asking began. */
  timeOf(asking: string): number {
    const number = Number.parseInt(asking, 36);
    return Number.isFinite(number) ? (number - this.#offset + ASKINGS) % ASKINGS : 0;
  }
}

/** A hash of the openid that is smaller than `ASKINGS` (FNV-1a, twice). */
function startOf(openid: string): number {
  let high = 0x811c9dc5;
  let low = 0x01000193;
  for (let place = 0; place < openid.length; place += 1) {
    const unit = openid.charCodeAt(place);
    high = Math.imul(high ^ unit, 0x01000193);
    low = Math.imul(low ^ unit, 0x5f356495);
  }
  return ((high >>> 0) * 2 ** 20 + ((low >>> 0) % 2 ** 20)) % ASKINGS;
}

/** Collects, through one turn, the offers that the turn adds and those that it ends. */
export class OfferChanges {
  readonly #next: Snapshot | undefined;
  readonly #now: number;
  readonly #names: Names;
  #offers: readonly Offer[];
  #last: string | undefined;
  /** What actors offer in this turn by an action rather than by a question. */
  readonly #byAction = new Map<string, Offer>();

  /** @param next the snapshot after the turn; undefined if the offers do not come from the dialogue */
  constructor(openid: string, base: Offered | undefined, next: Snapshot | undefined, now: number) {
    this.#names = new Names(openid);
    this.#offers = base?.offers ?? NONE;
    this.#last = lastOf(base, this.#names);
    this.#next = next;
    this.#now = now;
  }

  /** @returns the reply as it is sent: choices name their asking */
  say({ reply, actor = '', asked }: Extract<Effect, { type: 'reply' }>): Reply {
    if (asked === undefined) {
      return reply.type === 'choices' ? this.#offerByAction(reply, actor) : reply;
    }
    const question = this.#next && askingState(this.#next, actor, asked.question);
    const isOf = (offer: Offer): boolean =>
      offer.actor === actor && question !== undefined && offer.question === question;
    const standing = this.#offers.find(isOf);
    const isOffer = reply.type === 'choices';
    // A retry has the part of an answer or none; what only repeats the question leaves the part as it is.
    const part = 'part' in asked || asked.begins ? asked.part : standing?.part;
    const options = isOffer ? reply.options : asked.begins ? NONE : (standing?.options ?? NONE);
    const isKept = options.length > 0 || part !== undefined;
    if (standing === undefined && !isKept) return reply;
    const asking = asked.begins ? this.#name() : (standing?.asking ?? this.#name());
    if (standing !== undefined) this.#drop(standing);
    // A question that the same turn leaves offers nothing.
    if (question !== undefined && isKept) {
      this.#add({ asking, actor, question, options, ...(part !== undefined && { part }) });
    }
    return isOffer ? named(reply, asking) : reply;
  }

  /** For a reply from outside of the dialogue. Its offer is over when the user takes it, in any state. */
  sayOutside(reply: Reply): Reply {
    if (reply.type !== 'choices' || reply.asking !== undefined) return reply;
    const asking = this.#name();
    this.#add({ asking, actor: '', options: reply.options });
    return named(reply, asking);
  }

  /** An actor ends, or starts again. */
  end(effect: Extract<Effect, { type: 'clear' | 'stop' }>): void {
    if (effect.type === 'clear' && effect.id !== undefined) return;
    const { actor, id } = effect;
    const ended = id === undefined ? actor : actorPath(actor, id);
    for (const offer of this.#offers) {
      if (!isOnce(offer) && (ended === '' || isWithin(offer.actor, ended))) this.#drop(offer);
    }
    this.#byAction.delete(ended);
  }

  /** @param taken the offer that the message of the turn answers */
  finish(taken: Offer | undefined, maxBytes: number): Offered {
    for (const [actor, offer] of this.#byAction) {
      for (const old of this.#offers) {
        if (old.actor === actor && old.state !== undefined) this.#drop(old);
      }
      const state = this.#next && restOf(this.#next, actor);
      if (state !== undefined) this.#add({ ...offer, state });
    }
    return this.#offered(openOf(this.#offers, this.#next, taken), maxBytes);
  }

  /** The same for replies that are said without a step of the dialogue. */
  finishOutside(maxBytes: number): Offered {
    return this.#offered(this.#offers, maxBytes);
  }

  #offered(offers: readonly Offer[], maxBytes: number): Offered {
    return offered(this.#names, withinLimits(offers, maxBytes), this.#last, this.#now);
  }

  #offerByAction(reply: ChoicesReply, actor: string): Reply {
    const known = this.#byAction.get(actor);
    const asking = known?.asking ?? this.#name();
    const options = [...(known?.options ?? NONE), ...reply.options];
    this.#byAction.set(actor, { asking, actor, options });
    return named(reply, asking);
  }

  #name(): string {
    this.#last = this.#names.after(this.#last, this.#now);
    return this.#last;
  }

  #add(offer: Offer): void {
    this.#offers = [...this.#offers, offer];
  }

  #drop(offer: Offer): void {
    this.#offers = this.#offers.filter((each) => each !== offer);
  }
}

/** The offers that are still open after a turn that offered nothing. */
export function stillOffered(
  base: ConversationRecord | undefined,
  next: Snapshot | undefined,
  taken: Offer | undefined,
  now: number,
): Offered {
  if (base?.offers === undefined && base?.lastAsking === undefined) return NOTHING;
  const { offers = NONE } = base;
  const open = openOf(offers, next, taken);
  return leftOf(base, open.length === offers.length ? offers : open, now);
}

/** The record without the timers, services and offers of its dialogue, for a dialogue that starts again. */
export function withoutDialogue(record: ConversationRecord, now: number): ConversationRecord {
  const nothing = { timers: NONE, services: NONE, offers: undefined, lastAsking: undefined };
  return { ...record, ...nothing, ...leftOf(record, (record.offers ?? NONE).filter(isOnce), now) };
}

/** The last asking, for the record of a user whose data is deleted. */
export function lastAskingOf(
  openid: string,
  base: Offered | undefined,
  now: number,
): string | undefined {
  return leftOf({ ...base, openid }, NONE, now).lastAsking;
}

const NOTHING: Offered = Object.freeze({});

function leftOf(
  base: Offered & { readonly openid: string },
  open: readonly Offer[],
  now: number,
): Offered {
  const names = new Names(base.openid);
  return offered(names, open, lastOf(base, names), now);
}

function offered(
  names: Names,
  offers: readonly Offer[],
  last: string | undefined,
  now: number,
): Offered {
  const isToBeKept =
    last !== undefined &&
    names.timeOf(last) >= Math.floor(now) &&
    offers.every(({ asking }) => asking !== last);
  if (offers.length === 0) return isToBeKept ? { lastAsking: last } : NOTHING;
  return isToBeKept ? { offers, lastAsking: last } : { offers };
}

/** The offers that are still open after a turn that took one of them, or none. */
function openOf(
  offers: readonly Offer[],
  next: Snapshot | undefined,
  taken: Offer | undefined,
): readonly Offer[] {
  return offers.filter((offer) => isOpen(offer, next) && !(offer === taken && isOnce(offer)));
}

function isOnce({ question, state }: Offer): boolean {
  return question === undefined && state === undefined;
}

/** The latest asking that a record holds. */
function lastOf(base: Offered | undefined, names: Names): string | undefined {
  let last = base?.lastAsking;
  for (const { asking } of base?.offers ?? NONE) {
    if (last === undefined || names.timeOf(asking) > names.timeOf(last)) last = asking;
  }
  return last;
}

function named(reply: ChoicesReply, asking: string): Reply {
  return Object.freeze(Object.assign({}, reply, { asking }));
}

/** The latest offers, within the limits. The last one stays in any case: the record holds its reply, too. */
function withinLimits(offers: readonly Offer[], maxBytes: number): readonly Offer[] {
  if (offers.length <= 1) return offers;
  const kept: Offer[] = [];
  let bytes = 0;
  for (const offer of offers.toReversed()) {
    bytes += jsonSize({ offer });
    if (kept.length > 0 && (bytes > maxBytes || kept.length >= MAX_OFFERS)) break;
    kept.unshift(offer);
  }
  return kept;
}
