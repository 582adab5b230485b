import { type AnyActorLogic, type EventObject, createActor } from 'xstate';
import type { RunningService } from '../../context/record/record.ts';
import type { Holder, Holders } from '../../context/holders.ts';
import { Barrier } from '../../internal/async.ts';
import { Work } from './work.ts';

/** How a service ended, as the event that the dialogue gets. */
type ServiceResult = { readonly type: string; readonly actorId: string } & (
  { readonly output: unknown } | { readonly error: unknown }
);

export interface EndedService {
  readonly service: RunningService;
  readonly result: ServiceResult;
}

/** The results of services, in the order in which they ended, for one consumer. */
class ResultQueue {
  #ended: readonly EndedService[] = [];
  #wake = (): void => {};
  #isClosed = false;

  /** Removes and returns all results. */
  takeAll(): readonly EndedService[] {
    const ended = this.#ended;
    this.#ended = [];
    return ended;
  }

  push(ended: EndedService): void {
    this.#ended = [...this.#ended, ended];
    this.#wake();
  }

  /** Removes the result of a service that was stopped. */
  drop(token: string): void {
    this.#ended = this.#ended.filter(({ service }) => service.token !== token);
    this.#wake();
  }

  /** The next result; undefined if the queue is empty and closed, or if it is empty and no more results are expected. */
  async next(isExpected: () => boolean = () => true): Promise<EndedService | undefined> {
    while (this.#ended.length === 0 && !this.#isClosed && isExpected()) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const [ended, ...others] = this.#ended;
    this.#ended = others;
    return ended;
  }

  /** From now on the consumer does not wait for results. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }
}

/** The services that an answer waits for. */
export class AwaitedServices {
  readonly results: ResultQueue = new ResultQueue();
  readonly #running = new Map<string, RunningService>();

  /** Whether no service is left to wait for. */
  get isDone(): boolean {
    return this.#running.size === 0;
  }

  add(service: RunningService): void {
    this.#running.set(service.token, service);
  }

  /** Stops waiting for a service that was stopped. */
  drop(token: string): void {
    this.#running.delete(token);
    this.results.drop(token);
  }

  /** The next service that ended; undefined once no result is left, and the deadline has passed or no service is left. */
  async next(): Promise<EndedService | undefined> {
    const ended = await this.results.next(() => !this.isDone);
    if (ended !== undefined) this.#running.delete(ended.service.token);
    return ended;
  }

  /** The deadline has passed, or a service waits for the lane of the answer. */
  expire(): void {
    this.results.close();
  }

  /** The services that have not ended. */
  get running(): Iterable<RunningService> {
    return this.#running.values();
  }
}

export interface ServiceListener {
  /** A service emitted an event, while it runs. */
  onEmit(openid: string, service: RunningService, event: EventObject): void;
  /** The run of a service with this token has ended, was stopped, or works for another openid from now on. */
  onEnd(token: string): void;
  /** The first service of a user runs now, or the last one does not any more. */
  onWork(openid: string, isWorking: boolean): void;
}

interface Running {
  openid: string;
  readonly stop: () => void;
  readonly holder: Holder;
  /** The awaited services of the answer that waits for it; undefined if no answer does. */
  awaited: AwaitedServices | undefined;
}

/** The services that run in this process, by token. A stopped one is aborted, and its result is dropped. */
export class Services {
  /** The results that no answer waits for, for the background worker. */
  readonly late: ResultQueue = new ResultQueue();
  readonly #running = new Map<string, Running>();
  /** The openid of each late result that has not had its turn, by token: its service must not be started again. */
  readonly #ended = new Map<string, string>();
  readonly #idle = new Barrier();
  readonly #holders: Holders;
  readonly #listener: ServiceListener;
  readonly #work: Work;

  constructor(holders: Holders, listener: ServiceListener) {
    this.#holders = holders;
    this.#listener = listener;
    this.#work = new Work((openid, isWorking) => listener.onWork(openid, isWorking));
  }

  get size(): number {
    return this.#running.size;
  }

  get tokens(): string[] {
    return [...this.#running.keys()];
  }

  /** Whether it is running, or has ended here and its result waits for its turn. */
  has(token: string): boolean {
    return this.#running.has(token) || this.#ended.has(token);
  }

  /** The openid that a late result belongs to. */
  openidOf(token: string): string | undefined {
    return this.#ended.get(token);
  }

  /** A late result has had its turn. */
  taken(token: string): void {
    this.#ended.delete(token);
    this.#idle.check();
  }

  /** A conversation has another openid: its services continue and work for that one. */
  move(tokens: readonly string[], openid: string): void {
    const moved: (readonly [token: string, from: string])[] = [];
    for (const token of tokens) {
      const running = this.#running.get(token);
      if (running !== undefined && running.openid !== openid) {
        moved.push([token, running.openid]);
        running.openid = openid;
        running.holder.move(openid);
        this.#listener.onEnd(token);
      }
      if (this.#ended.has(token)) this.#ended.set(token, openid);
    }
    for (const [token, from] of moved) this.#work.end(from, token);
    for (const [token] of moved) this.#work.begin(openid, token);
    this.#idle.check();
  }

  /**
   * Runs `logic` as an XState actor, which gives it an `AbortSignal` and catches what it throws. The id of the actor
   * (`self.id`) is the idempotency key: the same each time that this invocation runs again.
   * @param awaited the awaited services of the answer that gets the result; without them, the background worker gets it
   */
  start(
    openid: string,
    service: RunningService,
    logic: AnyActorLogic,
    awaited?: AwaitedServices,
  ): void {
    const { id, input, token, src: name } = service;
    let isStarting = true;
    const end = (result: ServiceResult): void => {
      // A service that throws at once ends before its start has returned.
      if (isStarting) return queueMicrotask(() => end(result));
      const running = this.#running.get(token);
      if (running === undefined) return;
      this.#running.delete(token);
      running.holder.end();
      const { results } = running.awaited ?? { results: this.late };
      this.#end(results, { service, result }, running.openid);
      this.#listener.onEnd(token);
      this.#work.end(running.openid, token);
    };
    const actor = createActor(logic, { id: token, input });
    // If the service awaits a call that waits for the lane, the answer stops waiting for the service.
    const holder = this.#holders.begin(openid, 'service', {
      name,
      onLetGo: awaited && (() => awaited.expire()),
    });
    this.#running.set(token, { openid, stop: () => actor.stop(), holder, awaited });
    this.#work.begin(openid, token);
    actor.subscribe({
      complete: () => {
        const { output } = actor.getSnapshot() as { output: unknown };
        end({ type: `xstate.done.actor.${id}`, output, actorId: id });
      },
      error: (error) => end({ type: `xstate.error.actor.${id}`, error, actorId: id }),
    });
    actor.on('*', (event) => {
      const running = this.#running.get(token);
      if (running !== undefined) this.#listener.onEmit(running.openid, service, event);
    });
    holder.run(() => actor.start());
    isStarting = false;
  }

  /** Leaves the services that an answer no longer waits for to the background worker, with their results. */
  leave(awaited: AwaitedServices, openid: string): void {
    for (const ended of awaited.results.takeAll()) this.#end(this.late, ended, openid);
    for (const { token } of awaited.running) {
      const running = this.#running.get(token);
      if (running === undefined) continue;
      running.awaited = undefined;
      running.holder.freeLane();
    }
  }

  stop(token: string): void {
    const running = this.#running.get(token);
    if (running === undefined) return;
    this.#running.delete(token);
    running.holder.end();
    running.stop();
    running.awaited?.drop(token);
    this.#listener.onEnd(token);
    this.#work.end(running.openid, token);
    this.#idle.check();
  }

  /** Stops what runs for a user and is not in the record any more: another process has left its state. */
  stopOthers(openid: string, services: readonly RunningService[]): void {
    for (const token of this.#work.of(openid)) {
      if (services.every((service) => service.token !== token)) this.stop(token);
    }
  }

  stopAll(): void {
    for (const token of [...this.#running.keys()]) this.stop(token);
  }

  isIdle(openid: string): boolean {
    for (const running of this.#running.values()) if (running.openid === openid) return false;
    for (const other of this.#ended.values()) if (other === openid) return false;
    return true;
  }

  /** Resolves when no service of this user is running and no late result waits for its turn. */
  async untilIdle(openid: string): Promise<void> {
    await this.#idle.until(() => this.isIdle(openid));
  }

  /** Resolves when every late result has had its turn. */
  async untilTaken(): Promise<void> {
    await this.#idle.until(() => this.#ended.size === 0);
  }

  #end(results: ResultQueue, ended: EndedService, openid: string): void {
    if (results === this.late) this.#ended.set(ended.service.token, openid);
    results.push(ended);
    this.#idle.check();
  }
}
