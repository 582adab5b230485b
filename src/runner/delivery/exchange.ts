import type { Clock } from '../../clock.ts';
import { type ConversationRecord, NONE } from '../../context/record/record.ts';
import type { Message } from '../../message.ts';
import type { Reply } from '../../reply.ts';
import type { Plan } from '../commit-plan.ts';
import type { Turn } from '../events.ts';
import type { TurnTrace } from '../reporting/trace.ts';
import type { HandleOptions } from '../calls.ts';
import { AwaitedServices } from '../release/services.ts';

/**
 * The maximum of callers who wait for the answer to one message. A platform delivers a message a few times. Further callers
 * are shed, and may come again when the turn has ended.
 */
const MAX_CALLERS = 64;

/** `cancelled`: it was called off before its turn began. */
type ExchangeState = 'queued' | 'running' | 'answered' | 'abandoned' | 'cancelled';

interface CallerOptions {
  readonly clock: Clock;
  /** Epoch ms. */
  readonly deadlineAt: number;
  readonly signal: AbortSignal | undefined;
}

interface ExchangeOptions extends Pick<
  HandleOptions,
  'awaitServices' | 'awaitBurst' | 'follows' | 'replyToken'
> {
  readonly id?: string | undefined;
  /** Whether it is an event from outside: no caller takes its replies, from the start. */
  readonly isSent?: boolean;
  /** Whether all callers have left already. */
  readonly isLeft?: boolean;
}

/**
 * A message and the callers who wait for its answer, each until a deadline. The turn runs to its end also if all callers
 * have left: then the exchange is abandoned, and the replies are delivered in another way. That of an event from outside
 * is abandoned from the start.
 *
 *     queued → running → answered | abandoned
 *     queued → cancelled
 */
export class Exchange {
  readonly openid: string;
  readonly id: string | undefined;
  /** The id under which it counts. Events from outside have another kind of ids: another program made them. */
  readonly countsAs: string | undefined;
  readonly isSent: boolean;
  /** Whether its callers wait for the other parts of a burst. */
  readonly awaitsBurst: boolean;
  readonly message: Message;
  readonly trace: TurnTrace | undefined;
  /** What the platform wants back with replies, as this message brought it. */
  readonly replyToken: string | undefined;
  /** Whether the message counts: its first commit is done. */
  isCommitted = false;
  /** Whether its last commit has deleted everything of the user. */
  isForgotten = false;
  /** All that was said to the message. */
  replies: readonly Reply[] = NONE;
  /** The part of `replies` that is in no outbox: the answer, or the end of the turn's task in the lane, has to deliver it. */
  owed: readonly Reply[] = NONE;
  /**
   * Set once what was overdue in the record has been done: whether its replies, which wait in the outbox, belong into the
   * answer to the message, and the id of the first of them.
   */
  overdue: { readonly isAnswered: boolean; first?: string | undefined } | undefined;
  /** Whether its replies stay in the outbox if no caller takes them, for the answer to a message that comes next. */
  leavesReplies = false;
  /** Called when the last caller has left before the answer. */
  onLeft: (() => void) | undefined;
  /** The services that the answer waits for. */
  awaited: AwaitedServices | undefined;
  readonly #awaitsServices: boolean;
  #state: ExchangeState = 'queued';
  /** Number of callers. The one who brought the message is counted from the start. */
  #waiting: number;
  #callers: Set<(turn: Turn) => void> | undefined;
  /** When the last of the callers leaves, and by which clock. */
  #leavesAt = 0;
  #clock: Clock | undefined;

  constructor(openid: string, message: Message, options: ExchangeOptions, trace?: TurnTrace) {
    const { id, isSent = false, isLeft = isSent } = options;
    this.openid = openid;
    this.id = id;
    this.countsAs = isSent && id !== undefined ? `send:${id}` : id;
    this.isSent = isSent;
    this.#waiting = isLeft ? 0 : 1;
    this.awaitsBurst = options.awaitBurst ?? true;
    this.message = message;
    this.trace = trace;
    this.replyToken = options.replyToken;
    this.#awaitsServices = options.awaitServices ?? options.follows ?? true;
  }

  get state(): ExchangeState {
    return this.#state;
  }

  /** Whether all callers have left. */
  get isAbandoned(): boolean {
    return this.#waiting === 0;
  }

  /** Whether no other caller may join. */
  get isFull(): boolean {
    return this.#waiting >= MAX_CALLERS;
  }

  /**
   * Whether the replies in the outbox of a record belong into the answer. Another process may have put replies there while the
   * answer waited for the end of a burst, and delivers them.
   */
  answers(record: Pick<ConversationRecord, 'outbox'> | undefined): boolean {
    const { overdue } = this;
    return overdue?.isAnswered === true && record?.outbox[0]?.id === overdue.first;
  }

  /** Whether the answer waits for services that start now. */
  get awaitsServices(): boolean {
    return this.#awaitsServices && !this.isAbandoned;
  }

  /** For how long callers have waited; 0 if none waits. */
  get waitedMs(): number {
    const { receivedAt } = this.message;
    if (this.isAbandoned || this.#clock === undefined || receivedAt === undefined) return 0;
    return Math.max(this.#clock.now() - receivedAt, 0);
  }

  /** Epoch ms at which the last of its callers leaves, by the clock of the process. */
  get leavesAt(): number {
    return this.#leavesAt;
  }

  /** Whether all callers will have left within `ms`. */
  leavesWithin(ms: number): boolean {
    return this.#clock !== undefined && this.#leavesAt - this.#clock.now() <= ms;
  }

  /** Calls off an event from outside, if its turn has not begun. */
  cancel(): void {
    if (this.#state === 'queued') this.#state = 'cancelled';
  }

  /** Its turn begins. */
  start(): void {
    this.#state = 'running';
  }

  /** A commit of its turn is done. */
  committed(plan: Plan): void {
    const { replies, record } = plan;
    this.isCommitted = true;
    this.isForgotten = record.absent !== undefined;
    this.replies = this.replies.length === 0 ? replies : [...this.replies, ...replies];
    if (plan.enqueued === 0) this.say(replies);
    else this.owed = NONE;
  }

  /** What `onError` says to a message that counts already. */
  told(replies: readonly Reply[]): void {
    if (replies.length === 0) return;
    this.replies = [...this.replies, ...replies];
    this.say(replies);
  }

  say(replies: readonly Reply[]): void {
    this.owed = this.owed.length === 0 ? replies : [...this.owed, ...replies];
  }

  /** The services for the answer to wait for. */
  await(): AwaitedServices | undefined {
    if (this.awaitsServices) this.awaited ??= new AwaitedServices();
    return this.awaited;
  }

  /**
   * Ends the exchange: answers the callers who still wait.
   * @returns the replies that no caller has got
   */
  close(turn: Turn): readonly Reply[] {
    if (this.#state !== 'cancelled') this.#state = this.isAbandoned ? 'abandoned' : 'answered';
    for (const answer of this.#callers ?? NONE) answer(turn);
    return this.#state === 'abandoned' ? this.owed : NONE;
  }

  /** The turn, or a `pending` one at the deadline, for the caller who brought the message. */
  wait(options: CallerOptions): Promise<Turn> {
    return this.#wait(options, true);
  }

  /** The same for a caller who brings the same message again while its turn is running. */
  join(options: CallerOptions): Promise<Turn> {
    this.#waiting += 1;
    return this.#wait(options, false);
  }

  #wait({ clock, deadlineAt, signal }: CallerOptions, isFirst: boolean): Promise<Turn> {
    this.#clock = clock;
    this.#leavesAt = Math.max(this.#leavesAt, deadlineAt);
    return new Promise<Turn>((resolve, reject) => {
      let isWaiting = true;
      const leave = (): boolean => {
        if (!isWaiting) return false;
        isWaiting = false;
        this.#waiting -= 1;
        this.#callers?.delete(answer);
        cancel();
        signal?.removeEventListener('abort', onAbort);
        return true;
      };
      const answer = (turn: Turn): void => {
        if (leave()) resolve(isFirst ? turn : this.#asDuplicate(turn));
      };
      const onDeadline = (): void => {
        // The turn answers now, with what was said before its services have ended. A caller who joined does not decide that.
        if (isFirst && this.awaited !== undefined) return this.awaited.expire();
        if (leave()) resolve(this.#pending());
        if (!this.isAbandoned) return;
        // Services that no caller waits for do not hold the lane.
        this.awaited?.expire();
        this.onLeft?.();
      };
      const onAbort = (): void => {
        if (this.#state !== 'queued' || !isFirst) return onDeadline();
        this.#state = 'cancelled';
        if (leave()) reject(signal?.reason as Error);
      };
      this.#callers ??= new Set();
      this.#callers.add(answer);
      const cancel = clock.wake(deadlineAt, onDeadline, { holdsProcess: true });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  #pending(): Turn {
    const { openid, id } = this;
    const pending = { openid, id, outcome: 'pending', replies: NONE } as const;
    // What the others get is in no outbox: if this process ended before they had it, it would be lost.
    const isKept = this.isCommitted && this.isAbandoned;
    return isKept ? pending : { ...pending, uncommitted: true };
  }

  /** The turn for a caller who joined: without the replies that are delivered from the outbox. */
  #asDuplicate(turn: Turn): Turn {
    const { outcome } = turn;
    if (outcome === 'pending' || outcome === 'stale') return turn;
    const replies = outcome === 'duplicate' ? turn.replies : this.owed;
    return { ...turn, outcome: 'duplicate', replies };
  }
}

/** Names a message among those of all users. */
export function keyOf(openid: string, id: string): string {
  return `${openid.length}:${openid}${id}`;
}
