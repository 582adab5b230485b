import { UsageError } from '../errors.ts';
import {
  type AwaitedCall,
  type Goal,
  type Holder,
  type HolderKind,
  type Holders,
  holderNow,
  outsideOfHolders,
} from './holders.ts';

interface CallAbout {
  /** As the program wrote it: `runner.send()`. */
  readonly name: string;
  readonly goal: Goal;
  /** The users whose lanes it waits for; none if it ends a store or a runner. */
  readonly openids: readonly string[];
}

type Work<T> = (call: HeldCall | undefined) => Promise<T>;

/** A call that may be refused before it has done anything. */
export interface HeldCall {
  /** Aborted when the call is refused. */
  readonly signal: AbortSignal;
  /**
   * Notes that the task of the call has its turn in the lane: from now on, the call cannot be refused.
   * @throws UsageError `would_deadlock` if the call was refused
   */
  begin(): void;
}

/**
 * The number of microtasks between the moment at which a function awaits a call and the search for a cycle. If the function
 * has ended by then, it did not wait for the code that awaits the call.
 */
const HOPS = 16;
const NOW = Promise.resolve();

/**
 * Makes the calls of a store and its runner that wait for a lane, or until running functions have ended. If a function awaits
 * a call that waits for this function, directly or through other users' lanes, neither could end. Then the answer stops
 * waiting for a service in that cycle; if there is no such service, a call of the cycle is refused. A call that no function
 * awaits is never refused.
 */
export class HeldCalls {
  readonly #holders: Holders;

  constructor(holders: Holders) {
    this.#holders = holders;
  }

  /** Whether the caller runs inside of a function that something waits for. */
  isInside(): boolean {
    return holderNow() !== undefined;
  }

  /**
   * Waits for the lanes of these users.
   * @param work makes the call; if it gets a `HeldCall`, it begins that in the lane
   */
  inLane<T>(name: string, openids: readonly string[], work: Work<T>): Promise<T> {
    return holderNow() === undefined
      ? work(undefined)
      : this.#make({ name, goal: 'lane', openids }, work);
  }

  /** Waits until nothing of this user runs. */
  untilIdle(name: string, openid: string, work: () => Promise<void>): Promise<void> {
    return this.#make({ name, goal: 'idle', openids: [openid] }, work);
  }

  /** Ends a store or a runner. */
  untilEnd(name: string, goal: 'lanes' | 'stop', work: () => Promise<void>): Promise<void> {
    return this.#make({ name, goal, openids: NO_ONE }, work);
  }

  #make<T>(about: CallAbout, work: Work<T>): Promise<T> {
    if (holderNow() === undefined) return work(undefined);
    const call = new Call(about, this.#holders);
    return call.resultOf(outsideOfHolders(() => work(call)));
  }
}

const NO_ONE: readonly string[] = [];

class Call implements AwaitedCall, HeldCall {
  readonly #about: CallAbout;
  readonly #holders: Holders;
  readonly #refusal = new AbortController();
  /** The functions that await it. */
  readonly #callers = new Set<Holder>();
  #isBegun = false;
  #isSettled = false;

  constructor(about: CallAbout, holders: Holders) {
    this.#about = about;
    this.#holders = holders;
  }

  get goal(): Goal {
    return this.#about.goal;
  }

  get canRefuse(): boolean {
    return !this.#isBegun && !this.#isSettled;
  }

  get signal(): AbortSignal {
    return this.#refusal.signal;
  }

  get blockers(): Iterable<Holder> {
    return this.#findBlockers();
  }

  begin(): void {
    this.signal.throwIfAborted();
    this.#isBegun = true;
  }

  refuse(by: HolderKind): void {
    this.#refusal.abort(wouldDeadlock(this.#about, by));
    this.#settle();
  }

  /** The result of the call, as a promise that notices which functions await it. */
  resultOf<T>(result: Promise<T>): Promise<T> {
    const promise = new NoticedPromise<T>((resolve, reject) => {
      this.signal.addEventListener('abort', () => reject(this.signal.reason as Error));
      result.then(resolve, reject).finally(() => this.#settle());
    });
    promise.onAwait = () => this.#awaited();
    return promise;
  }

  #awaited(): void {
    const caller = holderNow();
    if (caller === undefined || this.#isSettled) return;
    this.#callers.add(caller);
    caller.calls.add(this);
    void this.#judge(caller);
  }

  async #judge(caller: Holder): Promise<void> {
    for (let hop = 0; hop < HOPS; hop += 1) await NOW;
    if (!this.#isSettled && !caller.isOver) resolveCycle(this, caller);
  }

  #settle(): void {
    this.#isSettled = true;
    for (const caller of this.#callers) caller.calls.delete(this);
  }

  *#findBlockers(): Iterable<Holder> {
    const { goal, openids } = this.#about;
    const holders = this.#holders;
    const isOfAll = goal === 'lanes' || goal === 'stop';
    for (const holder of isOfAll ? holders.all() : holders.ofAny(openids)) {
      if (holder.holdsLane || goal === 'idle') yield holder;
      else if (goal === 'stop' && holder.kind === 'listener') yield holder;
    }
  }
}

/** A promise that notices when code waits for its result. Code that only catches its rejection does not. */
class NoticedPromise<T> extends Promise<T> {
  onAwait: (() => void) | undefined;

  // oxlint-disable-next-line unicorn/no-thenable -- it is a promise
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    const next = super.then(onFulfilled, onRejected) as NoticedPromise<A | B>;
    if (typeof onFulfilled === 'function') this.onAwait?.();
    else next.onAwait = this.onAwait;
    return next;
  }
}

/** One step of a cycle: a call, and a function that has to end before it. */
interface Link {
  readonly call: AwaitedCall;
  readonly blocker: Holder;
}

/** Ends the cycle in which `caller` awaits a call that waits for `caller`, if there is one. */
function resolveCycle(call: AwaitedCall, caller: Holder): void {
  const cycle = findCycle(call, caller, new Set());
  if (cycle === undefined) return;
  const free = cycle.find(({ call: { goal }, blocker }) => goal !== 'idle' && blocker.canLetGo);
  if (free !== undefined) return free.blocker.letGo();
  // The function that awaits a call of the cycle is the one that blocks the call before it.
  const index = cycle.findIndex((link) => link.call.canRefuse);
  const by = index === 0 ? caller : cycle[index - 1]?.blocker;
  if (by !== undefined) cycle[index]?.call.refuse(by.kind);
}

function findCycle(
  call: AwaitedCall,
  caller: Holder,
  known: Set<Holder>,
): readonly Link[] | undefined {
  for (const blocker of call.blockers) {
    if (blocker === caller) return [{ call, blocker }];
    if (known.has(blocker)) continue;
    known.add(blocker);
    for (const next of blocker.calls) {
      const rest = findCycle(next, caller, known);
      if (rest !== undefined) return [{ call, blocker }, ...rest];
    }
  }
  return undefined;
}

const PLACES: Readonly<Record<HolderKind, readonly [where: string, remedy: string]>> = {
  rephraser: ['in a rephraser', 'Return the texts, and let a service or the program do the rest'],
  recognizer: [
    'in a recognizer',
    'Return what the message means, and let the dialogue or the program that calls handle() do the rest',
  ],
  service: [
    'in a service',
    'Let the service end, and await the call where the program calls handle()',
  ],
  update: [
    'in the function of an update',
    'Change the draft that the function has, and make the call after the update',
  ],
  onCorrupt: [
    'in `onCorrupt`',
    'Store the body that it was given elsewhere, and answer, without a call of this store or its runner',
  ],
  listener: [
    "in a listener of 'reply' events",
    'Let the listener end, and await the call outside of it',
  ],
};

function wouldDeadlock({ name, goal, openids }: CallAbout, inside: HolderKind): UsageError {
  const [where, remedy] = PLACES[inside];
  const [openid] = openids;
  const isRefused = goal === 'lane' || goal === 'idle';
  const became = isRefused ? 'It was refused and did nothing' : 'It has begun and goes on';
  return new UsageError(
    'would_deadlock',
    `${name} was awaited ${where}, and each would wait for the end of the other. ${became}. ${remedy}; or do not await the call.`,
    { ...(openid !== undefined && { openid }), details: { call: name, inside } },
  );
}
