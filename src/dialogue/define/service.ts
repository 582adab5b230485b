import {
  type Actions,
  type EventObject,
  type InputFrom,
  type OutputFrom,
  type PromiseActorLogic,
  assign,
  raise,
} from 'xstate';
import { type Duration, toMilliseconds } from '../../clock.ts';
import { ColloquyError, UsageError } from '../../errors.ts';
import { SERVICE_MARK } from '../engine/service-mark.ts';
import { type Saying, say } from './actions.ts';
import type { AskArgs } from './answer-reading.ts';
import type { ActorsIn, DialogueTypes, EmitsIn, Hears, NamedIn } from './setup-types.ts';

/**
 * A state that runs a service: `attempt1`, `backoff1`, `attempt2`, … The states tell how often it was tried, so the user's
 * dictionary does not show that. Two events that no message can have lead out of it: `service.done` and `service.failed`.
 */

const DONE = 'service.done';
const FAILED = 'service.failed';

const MAX_RETRIES = 20;
const FIRST_BACKOFF_MS = 1000;
const LONGEST_BACKOFF_MS = 30_000;

/** The names of the services among the actors; a sub-dialogue is none. */
export type ServiceName<T extends DialogueTypes> = {
  [Name in keyof T['actors'] & string]: T['actors'][Name] extends PromiseActorLogic<
    infer _Output,
    infer _Input,
    infer _Emitted
  >
    ? Name
    : never;
}[keyof T['actors'] & string];

/** What `event` is in the actions of `done`. */
export interface ServiceDoneEvent<Output> extends EventObject {
  readonly type: 'service.done';
  /** What the service gave. */
  readonly output: Output;
}

/** What `event` is in the actions of `failed`. */
export interface ServiceFailedEvent extends EventObject {
  readonly type: 'service.failed';
  /** What the last attempt threw; after its `timeout`, a ColloquyError `service_timeout`. */
  readonly error: unknown;
}

/** A way out of a service; of several, the first whose guard holds. */
export interface ServiceWay<
  T extends DialogueTypes,
  Event extends EventObject,
  Target extends string,
> {
  /** Whether this way is taken, by the `context` and the `event`. The last way of a list has no guard. */
  readonly guard?:
    ((args: { readonly context: T['context']; readonly event: Event }) => boolean) | undefined;
  /** The state to go to. */
  readonly target: Target;
  /** Further actions of XState's, after the output was assigned. */
  readonly actions?: ServiceActions<T, Event> | undefined;
  /** Its label in a diagram. Default: `done` or `failed`. */
  readonly description?: string | undefined;
}

/** Actions that see the event of a service. */
export type ServiceActions<T extends DialogueTypes, Event extends EventObject> = Actions<
  T['context'],
  Event,
  Hears<T>,
  undefined,
  ActorsIn<T>,
  NamedIn<T['actions']>,
  NamedIn<T['guards']>,
  T['delay'],
  EmitsIn<T>
>;

/** How a service is called, called again and left: the config of the word `service`. */
export interface ServiceOptions<
  T extends DialogueTypes,
  Name extends ServiceName<T>,
  Target extends string,
> {
  /** The name of the service in `actors` of `setupDialogue()`. */
  readonly src: Name;
  /** Where the output leads: a state, more about it, or a list. */
  readonly done: ServiceWays<T, ServiceDoneEvent<OutputFrom<T['actors'][Name]>>, Target>;
  /** Where to go after the last attempt has failed. */
  readonly failed: ServiceWays<T, ServiceFailedEvent, Target>;
  /** Number of further attempts after a failure, from 0 to 20. Default 0. */
  readonly retries?: number | undefined;
  /**
   * The time before each retry; `attempt` counts from 1, and is the one that failed. Default: a second, then twice as long
   * each time, a maximum of 30 seconds. The function is called where the dialogue is defined.
   */
  readonly backoff?:
    Duration | ((args: { readonly attempt: number }) => Duration | number) | undefined;
  /** How long one attempt may take. After that its `signal` is aborted, and it counts as failed. */
  readonly timeout?: Duration | undefined;
  /** Said to each message that comes while the service runs, or waits for a retry. */
  readonly busy?: Saying<T['context']> | undefined;
}

/** Where a service leads when it ends: a state, a way, or a list of ways. */
export type ServiceWays<T extends DialogueTypes, Event extends EventObject, Target extends string> =
  Target | ServiceWay<T, Event, Target> | readonly ServiceWay<T, Event, Target>[];

/** What the service gets. It need not be given to a service that takes nothing. */
export type ServiceInput<T extends DialogueTypes, Name extends ServiceName<T>> =
  undefined extends InputFrom<T['actors'][Name]>
    ? {
        /** Makes what the service gets. */
        readonly input?: InputOf<T, Name> | undefined;
      }
    : {
        /** Makes what the service gets. */
        readonly input: InputOf<T, Name>;
      };

/** Makes the input of a service from the `context`. */
type InputOf<T extends DialogueTypes, Name extends ServiceName<T>> = (args: {
  readonly context: T['context'];
}) => InputFrom<T['actors'][Name]>;

/** Where the output goes: a key of the context that takes it, or a function that says what changes. */
export interface AssigningOutput<Context, To, Output, Key> {
  /**
   * The key of the context that takes the output, or what changes by the `context` and the `output`. Default: nothing
   * changes.
   */
  readonly assign?:
    | (To & Key)
    | ((args: { readonly context: Context; readonly output: Output }) => Partial<Context>)
    | undefined;
}

/** As far as a type check goes: it stands in `attempt1`, then `backoff1`, `attempt2`, … */
export interface ServiceState<Target extends string> {
  /** The first attempt. */
  readonly initial: 'attempt1';
  /** Each attempt, and the pause before the next one. */
  readonly states: {
    /** The first attempt. */
    readonly attempt1: {};
    readonly [inner: `attempt${number}` | `backoff${number}`]: {};
  };
  /** What is taken while the service runs. */
  readonly on: {
    /** Carries the targets to the type check. */
    readonly 'message.*': {
      /** The states that it may lead to. */
      readonly target: Target;
    };
  };
}

/** The untyped form of a service. */
export interface Serving {
  readonly src: string;
  readonly input?: unknown;
  readonly assign?: string | ((args: { context: object; output: unknown }) => object);
  readonly done: Ways;
  readonly failed: Ways;
  readonly retries?: number;
  readonly backoff?: Duration | ((args: { attempt: number }) => Duration | number);
  readonly timeout?: Duration;
  readonly busy?: Saying<object>;
  readonly on?: Readonly<Record<string, unknown>>;
}

type Ways = string | Way | readonly Way[];

interface Way {
  readonly guard?: (args: AskArgs) => boolean;
  readonly target: string;
  readonly actions?: unknown;
  readonly description?: string;
}

/** @throws UsageError `bad_option`, `bad_duration` */
export function serviceState(config: Serving): object {
  const { src, input, retries = 0, on = {}, busy } = config;
  check(config);
  const timeoutMs = config.timeout && toMilliseconds(config.timeout);
  const failed = {
    actions: raise(({ event }: AskArgs) => ({
      type: FAILED,
      error: 'error' in event ? event['error'] : tookTooLong(src, timeoutMs),
    })),
  };
  const attempts = Array.from({ length: retries + 1 }, (_, index) => index + 1);
  const states = attempts.flatMap((attempt): [string, object][] => {
    const unsuccessful = attempt > retries ? failed : { target: `backoff${attempt}` };
    const state = {
      invoke: {
        src,
        ...(input !== undefined && { input }),
        onDone: {
          // The output is not looked at here: who explores the dialogue wants to know where it is.
          actions: raise(({ event }: AskArgs) => ({
            type: DONE,
            get output() {
              return (event as EventObject & { readonly output: unknown }).output;
            },
          })),
        },
        onError: unsuccessful,
      },
      ...(timeoutMs !== undefined && { after: { [timeoutMs]: unsuccessful } }),
    };
    if (attempt > retries) return [[`attempt${attempt}`, state]];
    const pause = { after: { [backoffOf(config, attempt)]: `attempt${attempt + 1}` } };
    return [
      [`attempt${attempt}`, state],
      [`backoff${attempt}`, pause],
    ];
  });
  const answers = busy === undefined ? [] : [{ actions: say(busy), description: 'busy' }];
  return {
    [SERVICE_MARK]: src,
    initial: 'attempt1',
    on: {
      ...on,
      ...(answers.length > 0 && {
        'message.*': [...[on['message.*'] ?? []].flat(), ...answers],
      }),
      [DONE]: exits(config.done, 'done', assignOutput(config.assign)),
      [FAILED]: exits(config.failed, 'failed', []),
    },
    states: Object.fromEntries(states),
  };
}

function exits(ways: Ways, description: string, first: readonly unknown[]): object[] {
  return waysOf(ways).map((way) => ({
    reenter: true,
    description,
    ...way,
    actions: [...first, ...(way.actions === undefined ? [] : [way.actions].flat())],
  }));
}

function waysOf(ways: Ways): readonly Way[] {
  return typeof ways === 'string' ? [{ target: ways }] : ([ways].flat() as readonly Way[]);
}

function assignOutput(to: Serving['assign']): unknown[] {
  if (to === undefined) return [];
  const change = ({ context, event }: AskArgs): object => {
    const { output } = event as EventObject & { readonly output: unknown };
    return typeof to === 'string' ? { [to]: output } : to({ context, output });
  };
  return [assign(change)];
}

function backoffOf({ backoff }: Serving, attempt: number): number {
  if (backoff === undefined) {
    return Math.min(FIRST_BACKOFF_MS * 2 ** (attempt - 1), LONGEST_BACKOFF_MS);
  }
  const given = typeof backoff === 'function' ? backoff({ attempt }) : backoff;
  const milliseconds = toMilliseconds(given);
  if (milliseconds < 0) throw refusal('waits for no less than nothing before a retry (`backoff`)');
  return milliseconds;
}

function tookTooLong(service: string, timeoutMs: number | undefined): ColloquyError {
  return new ColloquyError(
    'service_timeout',
    `The service '${service}' did not end within ${timeoutMs} ms, the \`timeout\` of its state.`,
    { retryable: true, details: { service, timeoutMs } },
  );
}

function check({ src, done, failed, retries = 0, timeout }: Serving): void {
  if (typeof src !== 'string') throw refusal('needs the name of a service as its `src`');
  for (const [key, ways] of Object.entries({ done, failed })) {
    const list = ways === undefined ? [] : waysOf(ways);
    const last = list.at(-1);
    if (last === undefined) throw refusal(`needs a state to go to as its \`${key}\``);
    if (list.some(({ target }) => typeof target !== 'string')) {
      throw refusal(`needs a \`target\` in each way of its \`${key}\``);
    }
    if (last.guard !== undefined) {
      throw refusal(
        `needs a last way without a \`guard\` in its \`${key}\`, or it could get stuck`,
      );
    }
  }
  if (!Number.isInteger(retries) || retries < 0 || retries > MAX_RETRIES) {
    throw refusal(`has from 0 to ${MAX_RETRIES} \`retries\``);
  }
  if (timeout !== undefined && toMilliseconds(timeout) <= 0) {
    throw refusal('has more than no time for an attempt (`timeout`)');
  }
}

function refusal(problem: string): UsageError {
  return new UsageError('bad_option', `A state of service() ${problem}.`);
}
