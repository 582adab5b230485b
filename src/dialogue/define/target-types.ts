import type { RootKey, StateKey, TransitionKey } from '../engine/config-shape.ts';

/**
 * Targets that do not exist, found while the dialogue is typed. XState takes any string for a target; what it cannot
 * resolve, it refuses where the machine is made.
 */

/**
 * `Config` itself where every target in it exists, and every key is known; else what is wrong, at the state or the key.
 * @typeParam Type the types of events that a dialogue may name
 */
export type Checked<Config, Type extends string> = WithTargets<Config, Type, RootKey>;

type WithTargets<
  Config,
  Type extends string,
  Key extends string,
  Siblings extends string = never,
> = Refuse<Exclude<TargetsOf<Config>, Reachable<Siblings, StatesOf<Config>>>> &
  Closed<Config, Type, Key> &
  (Config extends { readonly initial: infer Initial extends string }
    ? Refuse<Exclude<Initial, StatesOf<Config> | `${StatesOf<Config>}.${string}`>>
    : unknown) &
  (Config extends { readonly states: infer States }
    ? {
        readonly states: {
          readonly [Name in keyof States]: WithTargets<
            States[Name],
            Type,
            StateKey,
            keyof States & string
          >;
        };
      }
    : unknown);

/** One state whose targets are not known yet. */
export type ClosedState<Config, Type extends string> = Closed<Config, Type, StateKey>;

/** XState passes over a key that it does not know, and one function in a config ends TypeScript's own check. */
type Closed<Config, Type extends string, Key extends string> = NoOther<
  Exclude<keyof Config & string, Key | 'parent'>,
  'a key of a state'
> &
  (Config extends { readonly on: infer On }
    ? {
        readonly on: {
          readonly [Name in keyof On]: Name extends Type | InnerType
            ? ClosedTransition<On[Name]>
            : Wrong<`no event has the type '${Name & string}'`>;
        };
      }
    : unknown);

/** The events of XState, of a question and of a service, which the states of the library name. */
type InnerType = `xstate.${string}` | `ask.${string}` | `service.${string}`;

type ClosedTransition<Transition> = Transition extends readonly unknown[]
  ? { readonly [Index in keyof Transition]: ClosedTransition<Transition[Index]> }
  : Transition extends object
    ? NoOther<Exclude<keyof Transition & string, TransitionKey>, 'a key of a transition'>
    : unknown;

type NoOther<Key extends string, What extends string> = [Key] extends [never]
  ? unknown
  : { readonly [Name in Key]?: Wrong<`'${Name}' is not ${What}`> };

type Wrong<Problem extends string> = { readonly [Name in Problem]: never };

/** A target known only as some string is left to the machine itself. */
type Refuse<Missing> = [Missing] extends [never]
  ? unknown
  : string extends Missing
    ? unknown
    : Missing extends string
      ? { readonly [Name in `there is no state '${Missing}' to go to`]: never }
      : unknown;

type Reachable<Siblings extends string, Children extends string> =
  Siblings | `${Siblings}.${string}` | `.${Children}` | `.${Children}.${string}` | `#${string}`;

type StatesOf<Config> = Config extends { readonly states: infer States }
  ? keyof States & string
  : never;

type TargetsOf<Config> =
  | (Config extends { readonly on: infer On } ? TargetOf<On[keyof On]> : never)
  | (Config extends { readonly after: infer After } ? TargetOf<After[keyof After]> : never)
  | (Config extends { readonly always: infer Always } ? TargetOf<Always> : never)
  | (Config extends { readonly onDone: infer Done } ? TargetOf<Done> : never)
  | (Config extends { readonly invoke: infer Invoked } ? TargetsOfInvoked<Invoked> : never);

type TargetsOfInvoked<Invoked> = Invoked extends readonly (infer Each)[]
  ? TargetsOfInvoked<Each>
  : | (Invoked extends { readonly onDone: infer Done } ? TargetOf<Done> : never)
    | (Invoked extends { readonly onError: infer Failed } ? TargetOf<Failed> : never);

/** The targets of a transition in any of the forms XState takes. */
export type TargetOf<Transition> = Transition extends string
  ? Transition
  : Transition extends readonly (infer Each)[]
    ? TargetOf<Each>
    : Transition extends { readonly target: infer Target }
      ? Target extends readonly (infer Each)[]
        ? Each
        : Target
      : never;
