import type { Clock } from '../clock.ts';
import { NONE } from '../context/record/record.ts';
import type { Reply } from '../reply.ts';
import type { Turn } from './events.ts';
import type { Following } from './following.ts';
import type { TurnWatch } from './observe.ts';

/**
 * A message that is not answered at once: the callers who wait for it, each until a deadline of their own. It comes to
 * its end whether or not anyone still waits.
 */
export class OpenTurn {
  readonly openid: string;
  readonly id: string | undefined;
  /** Whether its answer waits for the services that it starts. */
  readonly follows: boolean;
  /** Who follows it, where somebody observes the runner. */
  watch: TurnWatch | undefined;
  /** Whether its turn has begun. */
  started = false;
  /** Whether it was called off before it began. */
  cancelled = false;
  /** Whether the message counts: its first commit is done. */
  counts = false;
  /** The services it waits for, from the first that it starts until it answers. */
  following: Following | undefined;
  /** Where the turn ends; set once, right after it was queued. */
  result: Promise<Turn> | undefined;
  /** How many of its replies, from the first on, have gone out or go out from the outbox of the record: nobody waited. */
  posted = 0;
  /** When the last of its callers leaves, and by which clock. */
  #leavesAt = 0;
  #clock: Clock | undefined;
  #callers = 0;
  #hadCallers = false;

  constructor(openid: string, id: string | undefined, follows: boolean) {
    this.openid = openid;
    this.id = id;
    this.follows = follows;
  }

  /** Whether somebody waits for the answer; otherwise it has to be sent after them. */
  get awaited(): boolean {
    return this.#callers > 0;
  }

  /** What of the replies has not gone out in another way. */
  unposted(replies: readonly Reply[]): readonly Reply[] {
    return this.posted === 0 ? replies : replies.slice(this.posted);
  }

  /** Whether all who waited for the answer have left. */
  get left(): boolean {
    return this.#hadCallers && this.#callers === 0;
  }

  /** Whether all who wait will have left in so many milliseconds. */
  leavesWithin(ms: number): boolean {
    return this.#clock !== undefined && this.#leavesAt - this.#clock.now() <= ms;
  }

  /** What becomes of one that was called off. Its caller has been told already. */
  calledOff(): Turn {
    const { openid, id } = this;
    const turn: Turn = { openid, id, outcome: 'shed', replies: [] };
    this.watch?.end(turn);
    return turn;
  }

  /**
   * The turn, or `pending` when the deadline comes first. The first caller's deadline also ends the following of
   * services; a caller who joined later has no say in that.
   */
  wait(
    result: Promise<Turn>,
    clock: Clock,
    deadlineAt: number,
    signal: AbortSignal | undefined,
    isFirst: boolean,
  ): Promise<Turn> {
    this.#callers += 1;
    this.#hadCallers = true;
    this.#clock = clock;
    this.#leavesAt = Math.max(this.#leavesAt, deadlineAt);
    return new Promise<Turn>((resolve, reject) => {
      let waiting = true;
      const leave = (): boolean => {
        if (!waiting) return false;
        waiting = false;
        this.#callers -= 1;
        cancel();
        signal?.removeEventListener('abort', onAbort);
        return true;
      };
      const expire = (): void => {
        if (isFirst) {
          // A turn that follows its services answers for itself now, with what was said so far.
          if (this.following !== undefined) return this.following.expire();
        }
        const { openid, id } = this;
        const pending = { openid, id, outcome: 'pending', replies: NONE } as const;
        if (leave()) resolve(this.counts ? pending : { ...pending, uncommitted: true });
        // The lane is not held up for an answer that nobody waits for.
        if (this.left) this.following?.expire();
      };
      const onAbort = (): void => {
        if (this.started || !isFirst) return expire();
        this.cancelled = true;
        if (leave()) reject(signal?.reason as Error);
      };
      const cancel = clock.wake(deadlineAt, expire, { holdsProcess: true });
      signal?.addEventListener('abort', onAbort, { once: true });
      result.then(
        (turn) => {
          if (leave()) resolve(turn);
        },
        (error: unknown) => {
          if (leave()) reject(error as Error);
        },
      );
    });
  }
}

/** Names a message among those of all users. */
export function keyOf(openid: string, id: string): string {
  return `${openid.length}:${openid}${id}`;
}
