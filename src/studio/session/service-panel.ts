import { type AnyActorLogic, type AnyStateMachine, fromPromise } from 'xstate';
import type { Clock } from '../../clock.ts';
import { copyDialogue, servicesOf } from '../../dialogue/engine/machine-walk.ts';
import { UsageError } from '../../errors.ts';
import { sleep } from '../../internal/async.ts';
import {
  type ServiceCall,
  type Stub,
  checkedStubs,
  failureOf,
  runService,
  unknownService,
} from '../../testing/services.ts';
import { takeoverStubs } from '../../testing/converse-operator.ts';
import { StubQueue } from '../../testing/stub-queue.ts';
import type { ServiceMode, ServiceSetting } from '../wire.ts';
import type { CallEnd, CallLog, KnownEnd, LoggedCall } from './call-log.ts';
import type { TranscriptLine } from '../../testing/transcript.ts';

/** How long a late service takes, where the page does not say. Longer than an answer waits by default. */
const LATE_MS = 5000;

/** The process that a service runs in. */
export interface ServicePlace {
  readonly clock: Clock;
  /** Aborted when the process ends. */
  readonly signal: AbortSignal;
  /** The last line of the transcript; undefined if there is none. */
  readonly line: TranscriptLine | undefined;
  /** The user whose conversation waits for a run; undefined if it is not known. */
  openidOf(token: string): string | undefined;
  /** Has virtual time wait for work that takes real time. */
  awaiting<T>(work: Promise<T>): Promise<T>;
}

interface Behaviour {
  readonly mode: ServiceMode;
  /** What a late service does after that time. */
  readonly base: Exclude<ServiceMode, 'late'>;
  readonly lateMs?: number;
}

/** Decides how services behave: each by its mode, but for outcomes that are known from a time that was taken back. */
export class ServicePanel {
  readonly #calls: CallLog;
  #names: readonly string[] = [];
  #stubs: Readonly<Record<string, Stub | undefined>> = {};
  readonly #behaviours = new Map<string, Behaviour>();
  readonly #next = new StubQueue<Stub>();
  /** The moments at which services that sleep continue, by their sleep. */
  readonly #wakes = new Map<object, number>();

  constructor(calls: CallLog) {
    this.#calls = calls;
  }

  /**
   * Takes the services of a dialogue, and the stubs that the config has for them. A service keeps its mode over a reload.
   * @throws UsageError `bad_service`
   */
  take(dialogue: AnyStateMachine, stubs: Readonly<Record<string, unknown>> | undefined): void {
    const names = servicesOf(dialogue);
    // Only the page is an operator here.
    this.#stubs = { ...takeoverStubs(dialogue, () => {}), ...checkedStubs(stubs, names) };
    this.#names = [...names];
    for (const name of this.#behaviours.keys()) {
      const known = this.#behaviours.get(name);
      const isGone = !names.has(name) || !this.#modesOf(name).includes(known?.base ?? 'real');
      if (isGone) this.#behaviours.delete(name);
    }
  }

  get settings(): readonly ServiceSetting[] {
    return this.#names.map((name) => {
      const { mode, lateMs } = this.#behaviourOf(name);
      const late = lateMs === undefined ? {} : { lateMs };
      return { name, mode, modes: this.#modesOf(name), ...late };
    });
  }

  /** When the next service that sleeps continues. */
  get nextWakeAt(): number | undefined {
    const first = Math.min(...this.#wakes.values());
    return Number.isFinite(first) ? first : undefined;
  }

  /** @throws UsageError `bad_service`, `bad_request` */
  set(name: string, mode: ServiceMode, lateMs: number = LATE_MS): void {
    if (!this.#names.includes(name)) throw unknownService(name, new Set(this.#names));
    const modes = this.#modesOf(name);
    if (!modes.includes(mode)) {
      throw new UsageError(
        'bad_request',
        `The service '${name}' can be ${modes.join(', ')}. A stub has to be in the config, under \`converse\`.`,
      );
    }
    if (!(Number.isFinite(lateMs) && lateMs >= 0)) {
      throw new UsageError('bad_duration', '`lateMs` is a number of milliseconds, at least 0.');
    }
    const { base } = this.#behaviourOf(name);
    this.#behaviours.set(name, mode === 'late' ? { mode, base, lateMs } : { mode, base: mode });
    this.#calls.forget(name);
  }

  /** The next call of a service that has no queued stub yet takes this one. */
  queue(name: string, stub: Stub): void {
    this.#next.add(name, stub);
  }

  /** The same dialogue, with services that ask this panel. */
  provide(dialogue: AnyStateMachine, place: () => ServicePlace): AnyStateMachine {
    return copyDialogue(dialogue, {
      serviceFor: (name, logic) =>
        fromPromise<unknown, never>(({ input, signal, emit, self: { id } }) => {
          const at = place();
          const ended = AbortSignal.any([signal, at.signal]);
          const call = { signal: ended, emit, idempotencyKey: id, clock: this.#sleeper(at.clock) };
          return this.#run({ name, input, logic, call, place: at });
        }) as unknown as AnyActorLogic,
    });
  }

  async #run(run: ServiceRunAt): Promise<unknown> {
    const { name, input, call, place } = run;
    const token = call.idempotencyKey;
    const about = { kind: 'service', name, input, token, openid: place.openidOf(token) } as const;
    const known = this.#calls.take(about);
    const logged = this.#calls.begin(about, place.clock.now(), place.line);
    const how = await endOf(
      known === undefined ? () => this.#behave(run) : () => replay(known, logged, call),
    );
    // What failed because its state was left, or its process ended, has not ended alone.
    const isLeft = call.signal.aborted && 'error' in how;
    if (!isLeft && !place.signal.aborted) this.#calls.end(logged, how, place.clock.now());
    if ('error' in how) throw how.error as Error;
    return how.output;
  }

  #behave({ name, input, logic, call, place }: ServiceRunAt): Promise<unknown> {
    const queued = this.#next.take(name);
    if (queued !== undefined) return Promise.resolve(queued(input as never, call));
    const { mode, base, lateMs = 0 } = this.#behaviourOf(name);
    const act = async (): Promise<unknown> => {
      switch (base) {
        case 'fail':
          throw new Error(failureOf(name));
        case 'hang':
          return new Promise<never>(() => {});
        case 'stub':
          return this.#stubs[name]?.(input as never, call);
        case 'real': {
          const { idempotencyKey: id, signal, emit } = call;
          return place.awaiting(runService(logic, { id, input, signal, emit }));
        }
      }
    };
    return mode === 'late' ? sleep(call.clock, lateMs, call.signal).then(act) : act();
  }

  #behaviourOf(name: string): Behaviour {
    const usual = this.#stubs[name] === undefined ? 'real' : 'stub';
    return this.#behaviours.get(name) ?? { mode: usual, base: usual };
  }

  #modesOf(name: string): readonly ServiceMode[] {
    return this.#stubs[name] === undefined
      ? ['real', 'fail', 'hang', 'late']
      : ['stub', 'real', 'fail', 'hang', 'late'];
  }

  /** The clock, which notes what services wait for. */
  #sleeper(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      wake: (at, callback, options) => {
        const wake = {};
        this.#wakes.set(wake, at);
        const cancel = clock.wake(
          at,
          () => {
            this.#wakes.delete(wake);
            callback();
          },
          options,
        );
        return () => {
          this.#wakes.delete(wake);
          cancel();
        };
      },
    };
  }

  /** The process ended, and with it what slept in it. */
  cutOff(): void {
    this.#wakes.clear();
    this.#calls.cutOff();
  }
}

interface ServiceRunAt {
  readonly name: string;
  readonly input: unknown;
  readonly logic: AnyActorLogic;
  readonly call: ServiceCall;
  readonly place: ServicePlace;
}

/** Ends as it ended before: a run that goes on at the same moment, another call after as long a time. */
async function replay(
  { how, tookMs, endedAt, token }: KnownEnd,
  { isResumed }: LoggedCall,
  { clock, signal, idempotencyKey }: ServiceCall,
): Promise<unknown> {
  const isSameRun = isResumed && token === idempotencyKey;
  const left = isSameRun ? Math.max(endedAt - clock.now(), 0) : tookMs;
  if (left > 0) await sleep(clock, left, signal);
  if ('error' in how) throw how.error as Error;
  return how.output;
}

async function endOf(work: () => Promise<unknown>): Promise<CallEnd> {
  try {
    return { output: await work() };
  } catch (error) {
    return { error };
  }
}
