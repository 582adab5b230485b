/**
 * Targets that do not exist, found while the dialogue is typed. XState takes any string for a target; what it cannot
 * resolve, it refuses where the machine is made.
 */

/** `Config` itself where every target in it exists; else what it lacks, at the state that names it. */
export type WithTargets<Config, Siblings extends string = never> = Refuse<
  Exclude<TargetsOf<Config>, Reachable<Siblings, StatesOf<Config>>>
> &
  (Config extends { readonly initial: infer Initial extends string }
    ? Refuse<Exclude<Initial, StatesOf<Config> | `${StatesOf<Config>}.${string}`>>
    : unknown) &
  (Config extends { readonly states: infer States }
    ? {
        readonly states: {
          readonly [Name in keyof States]: WithTargets<States[Name], keyof States & string>;
        };
      }
    : unknown);

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
