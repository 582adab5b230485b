import { ContextValue } from '../internal/async-context.ts';
import { type MaybePromise, isThenable } from '../internal/maybe.ts';

/** The kinds of functions of the program that a lane, `idle()` or the end of a runner waits for. */
export type HolderKind =
  'recognizer' | 'rephraser' | 'service' | 'update' | 'listener' | 'onCorrupt';

/** The kinds that a lane waits for and cannot continue without. */
const HOLDING: ReadonlySet<HolderKind> = new Set([
  'recognizer',
  'rephraser',
  'update',
  'onCorrupt',
]);

/**
 * What a call waits for: the lane of a user (`lane`), the end of everything that runs for a user (`idle`), the end of the work
 * in all lanes (`lanes`), or the end of that work and of all deliveries (`stop`).
 */
export type Goal = 'lane' | 'idle' | 'lanes' | 'stop';

/** A call of the library that a function awaits. */
export interface AwaitedCall {
  readonly goal: Goal;
  /** Whether it can still be refused: it has done nothing yet, or what it began goes on without its caller. */
  readonly canRefuse: boolean;
  /** The functions that have to end before it. */
  readonly blockers: Iterable<Holder>;
  refuse(by: HolderKind): void;
}

/** What earlier calls of a function showed: whether it answers without a promise. Undefined before its first call. */
export interface Habit {
  answersAtOnce?: boolean;
}

/** After this number of calls while there is no holder, the runtime follows no async contexts until there is one again. */
const QUIET_CALLS = 100;

const running = new ContextValue<Holder>();
/** The number of holders in all stores. */
let count = 0;
/** The number of calls since there was a holder. */
let quiet = QUIET_CALLS;

/** The holder in whose function the caller runs; undefined outside of any, and after that holder has ended. */
export function holderNow(): Holder | undefined {
  if (count === 0) {
    if (quiet < QUIET_CALLS && (quiet += 1) === QUIET_CALLS) running.rest();
    return undefined;
  }
  const holder = running.current;
  return holder?.isOver === true ? undefined : holder;
}

/** Runs work that a function of the program has asked for, but that is not a part of this function. */
export function outsideOfHolders<Result>(work: () => Result): Result {
  return running.run(undefined, work);
}

interface HolderOptions {
  /** Names the function to people: a service, an intent. */
  readonly name?: string | undefined;
  /** Has the lane continue without it. Undefined if no lane waits, or if the lane cannot continue. */
  readonly onLetGo?: (() => void) | undefined;
}

/** A function of the program that runs, and that a lane, `idle()` or the end of a runner waits for. */
export class Holder {
  readonly kind: HolderKind;
  readonly name: string | undefined;
  readonly calls: Set<AwaitedCall> = new Set();
  readonly #holders: Holders;
  #openid: string;
  #onLetGo: (() => void) | undefined;
  #isOver = false;

  constructor(
    holders: Holders,
    { openid, kind, name, onLetGo }: HolderOptions & { openid: string; kind: HolderKind },
  ) {
    this.kind = kind;
    this.name = name;
    this.#holders = holders;
    this.#openid = openid;
    this.#onLetGo = onLetGo;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The user it runs for, who is known to one store. */
  openidIn(holders: Holders): string | undefined {
    return holders === this.#holders ? this.#openid : undefined;
  }

  /** Whether the lane can continue without it. */
  get canLetGo(): boolean {
    return this.#onLetGo !== undefined;
  }

  /** Whether the lane waits for it. */
  get holdsLane(): boolean {
    return HOLDING.has(this.kind) || this.canLetGo;
  }

  /** Has the lane continue without it. */
  letGo(): void {
    const onLetGo = this.#onLetGo;
    this.freeLane();
    onLetGo?.();
  }

  /** Notes that the lane no longer waits for it. */
  freeLane(): void {
    this.#onLetGo = undefined;
  }

  /** Runs the function, or a part of it. */
  run<Result>(work: () => Result): Result {
    return running.run(this, work);
  }

  /** Runs the function as a whole. */
  hold<Result>(work: () => Result | PromiseLike<Result>): MaybePromise<Result> {
    try {
      const result = this.run(work);
      if (isThenable(result)) return this.#endWith(result as PromiseLike<Result>);
      this.end();
      return result as Result;
    } catch (error) {
      this.end();
      throw error;
    }
  }

  /** Notes that the conversation has moved to another openid. */
  move(openid: string): void {
    if (this.#isOver) return;
    this.#holders.remove(this, this.#openid);
    this.#openid = openid;
    this.#holders.add(this, openid);
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.freeLane();
    this.#holders.remove(this, this.#openid);
    count -= 1;
    quiet = 0;
  }

  async #endWith<Result>(result: PromiseLike<Result>): Promise<Result> {
    try {
      return await result;
    } finally {
      this.end();
    }
  }
}

interface HeldFunction extends Pick<HolderOptions, 'name'> {
  readonly openid: string;
  readonly kind: HolderKind;
  readonly habit: Habit;
}

/** The holders of one store, by openid. */
export class Holders {
  readonly #byOpenid = new Map<string, Set<Holder>>();

  begin(openid: string, kind: HolderKind, options: HolderOptions = {}): Holder {
    const holder = new Holder(this, { ...options, openid, kind });
    this.add(holder, openid);
    count += 1;
    return holder;
  }

  /**
   * Calls a function of the program that may answer with a promise. A function that has answered without one so far gets no
   * holder: following its async context would slow each promise of the process.
   * @param onBegin receives the holder, if there is one, so that the caller can end it earlier
   */
  hold<Result>(
    { openid, kind, name, habit }: HeldFunction,
    work: () => Result | PromiseLike<Result>,
    onBegin?: (holder: Holder) => void,
  ): MaybePromise<Result> {
    if (habit.answersAtOnce === true) {
      const result = work();
      if (isThenable(result)) habit.answersAtOnce = false;
      return result as MaybePromise<Result>;
    }
    const holder = this.begin(openid, kind, { name });
    onBegin?.(holder);
    const result = holder.hold(work);
    habit.answersAtOnce ??= !isThenable(result);
    return result;
  }

  *ofAny(openids: readonly string[]): Iterable<Holder> {
    for (const openid of openids) yield* this.#byOpenid.get(openid) ?? [];
  }

  *all(): Iterable<Holder> {
    for (const holders of this.#byOpenid.values()) yield* holders;
  }

  add(holder: Holder, openid: string): void {
    const known = this.#byOpenid.get(openid);
    if (known === undefined) this.#byOpenid.set(openid, new Set([holder]));
    else known.add(holder);
  }

  remove(holder: Holder, openid: string): void {
    const known = this.#byOpenid.get(openid);
    if (known?.delete(holder) === true && known.size === 0) this.#byOpenid.delete(openid);
  }
}
