import type { PromiseActorLogic, EventObject, Actions, OutputFrom, InputFrom } from 'xstate';
import type { Duration } from '../../clock.ts';
import type { Saying } from './actions.ts';
import type { DialogueTypes, Hears, ActorsIn, NamedIn, EmitsIn } from './setup-types.ts';

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
