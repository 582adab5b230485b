import {
  type AnyActorLogic,
  type AnyStateMachine,
  type PromiseActorLogic,
  type StateMachine,
  createActor,
  fromPromise,
  toPromise,
} from 'xstate';
import { type Clock, type Duration, toMilliseconds } from '../clock.ts';
import { copyDialogue } from '../dialogue/engine/machine-walk.ts';
import { UsageError } from '../errors.ts';
import { sleep } from '../internal/async.ts';

/** What a stub knows of its call, beside the input. */
export interface ServiceCall {
  /** Aborted when the state that asked for it is left. */
  readonly signal: AbortSignal;
  /** The same whenever this very call is made again, as after a crash. */
  readonly idempotencyKey: string;
  /** Emits an event to the program, as the service does. */
  readonly emit: (event: { readonly type: string }) => void;
  /** The conversation's clock: what waits for it takes virtual time. */
  readonly clock: Clock;
}

/** Stands in for a service. */
export type Stub<Input = never, Output = unknown> = (
  input: Input,
  call: ServiceCall,
) => Output | Promise<Output>;

/** The services of a dialogue and of its sub-dialogues, by the names under which they are provided. */
export type Stubs<Dialogue extends AnyStateMachine> = {
  readonly [Name in Provided<Dialogue>['src']]?: StubOf<
    Extract<Provided<Dialogue>, { readonly src: Name }>['logic']
  >;
};

type Provided<Dialogue> =
  Dialogue extends StateMachine<
    infer _Context,
    infer _Event,
    infer _Children,
    infer Actor,
    infer _Action,
    infer _Guard,
    infer _Delay,
    infer _Value,
    infer _Tag,
    infer _Input,
    infer _Output,
    infer _Emitted,
    infer _Meta,
    infer _Config
  >
    ? ServiceOf<Actor>
    : never;

type ServiceOf<Actor> = Actor extends { readonly src: infer Name; readonly logic: infer Logic }
  ? Logic extends AnyStateMachine
    ? Provided<Logic>
    : Name extends string
      ? { readonly src: Name; readonly logic: Logic }
      : never
  : never;

type StubOf<Logic> =
  Logic extends PromiseActorLogic<infer Output, infer Input> ? Stub<Input, Output> : Stub;

/** The message of the error of a service that fails, where the test gives none. */
export function failureOf(service: string): string {
  return `The service '${service}' failed.`;
}

/** A stub of a service that never ends. */
export function hangs(): Stub<unknown, never> {
  return () => new Promise<never>(() => {});
}

/**
 * A stub of a service that fails a number of times, and then does what `then` does.
 * @example
 * const price = fails(2, takes({ seconds: 1 }, () => 5)); // fails twice, then gives 5 after a second
 * @param times `Infinity` for one that always fails
 */
export function fails<Input = unknown, Output = never>(
  times: number,
  then?: Stub<Input, Output>,
): Stub<Input, Output> {
  let left = times;
  return async (input, call) => {
    left -= 1;
    if (left >= 0 || then === undefined)
      throw new Error('The service failed, as its stub was asked to.');
    return then(input, call);
  };
}

/**
 * A stub of a service that takes virtual time, and then does what `then` does.
 * @example
 * const price = takes({ seconds: 3 }, () => 5);
 * @throws UsageError `bad_duration`
 */
export function takes<Input, Output>(
  duration: number | Duration,
  then: Stub<Input, Output>,
): Stub<Input, Output> {
  const span = toMilliseconds(duration);
  return async (input, call) => {
    await sleep(call.clock, span, call.signal);
    return then(input, call);
  };
}

/** Answers the calls of services of one conversation. */
export interface ServiceStubs {
  /** The clock of the process that runs. */
  readonly clock: Clock;
  readonly stubs: Readonly<Record<string, Stub | undefined>>;
  /** The queued stub for the next call of a service, if there is one. */
  nextStub(name: string): Stub | undefined;
}

/** @throws UsageError `bad_service` for a stub of what is no service of the dialogue */
export function checkedStubs(
  stubs: Readonly<Record<string, unknown>> | undefined = {},
  services: ReadonlySet<string>,
): Readonly<Record<string, Stub | undefined>> {
  for (const [name, stub] of Object.entries(stubs)) {
    if (!services.has(name)) throw unknownService(name, services);
    if (typeof stub === 'function' || stub === undefined) continue;
    throw new UsageError('bad_service', `The stub of the service '${name}' is not a function.`);
  }
  return stubs as Readonly<Record<string, Stub | undefined>>;
}

export function unknownService(name: string, services: ReadonlySet<string>): UsageError {
  const known = [...services].map((each) => `'${each}'`).join(', ');
  return new UsageError(
    'bad_service',
    `The dialogue has no service '${name}'; it has ${known === '' ? 'none' : known}.`,
  );
}

/**
 * The same dialogue, with services that ask for a stub.
 * @param stubsOf the stubs of the conversation that a run of a service belongs to, by the token of the run
 */
export function withStubs(
  dialogue: AnyStateMachine,
  stubsOf: (token: string) => ServiceStubs | undefined,
): AnyStateMachine {
  return copyDialogue(dialogue, {
    serviceFor(name, logic) {
      const answer = fromPromise<unknown, never>(async ({ input, signal, emit, self: { id } }) => {
        const stubs = stubsOf(id);
        const stub = stubs?.nextStub(name) ?? stubs?.stubs[name];
        if (stubs === undefined || stub === undefined) {
          return runService(logic, { id, input, signal, emit });
        }
        return stub(input, { signal, emit, idempotencyKey: id, clock: stubs.clock });
      });
      return answer as unknown as AnyActorLogic;
    },
  });
}

interface ServiceRun {
  readonly id: string;
  readonly input: unknown;
  readonly signal: AbortSignal;
  readonly emit: (event: { readonly type: string }) => void;
}

/** Runs the service itself, from within another one that stands in its place. */
export function runService(
  logic: AnyActorLogic,
  { id, input, signal, emit }: ServiceRun,
): Promise<unknown> {
  const actor = createActor(logic, { id, input });
  actor.on('*', emit);
  signal.addEventListener('abort', () => actor.stop(), { once: true });
  const ended = toPromise(actor);
  actor.start();
  return ended;
}

const conversations = new Map<number, WeakRef<ServiceStubs>>();
const shared = new WeakMap<AnyStateMachine, AnyStateMachine>();
const gone = new FinalizationRegistry<number>((number) => conversations.delete(number));
let lastNumber = 0;

/** Gives a conversation a number, with which the tokens of its service runs begin if its dialogue is a shared copy. */
export function numberConversation(stubs: ServiceStubs): number {
  lastNumber += 1;
  conversations.set(lastNumber, new WeakRef(stubs));
  gone.register(stubs, lastNumber);
  return lastNumber;
}

/**
 * One copy of the dialogue for all conversations that are tested with it: to make a copy takes longer than most
 * conversations. A run of a service asks the stubs of the conversation whose number its token begins with.
 */
export function withSharedStubs(dialogue: AnyStateMachine): AnyStateMachine {
  let provided = shared.get(dialogue);
  if (provided === undefined) {
    provided = withStubs(dialogue, (token) =>
      conversations.get(Number.parseInt(token, 10))?.deref(),
    );
    shared.set(dialogue, provided);
  }
  return provided;
}
