import type { Reply } from '../reply.ts';
import type { Outcome, Turn } from '../runner/events.ts';
import type { Conversation } from '../context/record/inspect.ts';
import type { Incoming } from '../runner/calls.ts';
import { Offers } from './converse-offers.ts';

/** `waiting`: for virtual time to pass, as a service or a recognizer takes some. `lost`: the process crashed first. */
export type ChatOutcome = Outcome | 'waiting' | 'lost';

/** One user of a conversation, and what is known of them. */
export class User {
  readonly openid: string;
  /** The name of the user in a transcript; empty for the main user of the chat. */
  readonly named: { readonly user?: string };
  /** Since the last step. */
  said: Reply[] = [];
  /** The events that the dialogue emitted beside replies, in the same time. */
  emitted: { readonly type: string }[] = [];
  /** The drafts of services, in the same time. */
  drafts: string[] = [];
  outcome: ChatOutcome | undefined;
  turn: Turn | undefined;
  /** Why the last message was refused at the door. */
  refused: unknown;
  expired = false;
  output: unknown;
  view: Conversation | undefined;
  expiresAt: number | undefined;
  isEvicted = false;
  readonly offers: Offers = new Offers();
  last: { readonly message: Incoming; readonly id: string } | undefined;

  readonly #idPrefix: string;
  #sent = 0;

  /** @param idPrefix what the ids of their messages begin with, apart from those of other conversations on the same disk */
  constructor(openid: string, named: { readonly user?: string }, idPrefix: string) {
    this.openid = openid;
    this.named = named;
    this.#idPrefix = idPrefix;
  }

  /** An id for a message, as a platform gives one to each. */
  nextId(): string {
    this.#sent += 1;
    return `${this.#idPrefix}m${this.#sent}`;
  }

  /** A step of the test begins. */
  begin(): void {
    this.said = [];
    this.emitted = [];
    this.drafts = [];
  }

  /** A message is on its way. */
  sending(message: Incoming, id: string): void {
    this.last = { message, id };
    this.awaiting();
  }

  /** An outcome is to come. */
  awaiting(): void {
    this.outcome = 'waiting';
    this.turn = undefined;
    this.refused = undefined;
    this.expired = false;
  }

  hear(replies: readonly Reply[], turn?: Turn): void {
    this.said.push(...replies);
    this.offers.note(replies);
    // An earlier part of a burst has its outcome when the next one comes.
    if (turn === undefined || (turn.outcome === 'gathered' && turn.id !== this.last?.id)) return;
    this.turn = turn;
    this.outcome = turn.outcome;
  }
}
