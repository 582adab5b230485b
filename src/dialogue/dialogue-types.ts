import type {
  AnyStateMachine,
  ContextFrom,
  EventFrom,
  EventObject,
  OutputFrom,
  PromiseActorLogic,
  StateMachine,
} from 'xstate';
import type { Data } from '../internal/plain-data.ts';
import type { EventMessage } from '../message.ts';
import type { WordEvent } from '../reply.ts';

/** What a dialogue keeps of a user: any plain data where its type does not say. */
export type ContextOf<Dialogue extends AnyStateMachine> = Known<ContextFrom<Dialogue>, Data>;

/** What a dialogue gives at its end. */
export type OutputOf<Dialogue extends AnyStateMachine> = Known<OutputFrom<Dialogue>, unknown>;

/**
 * What a dialogue, its sub-dialogues and its services emit for the program around them: any event where no type names one.
 */
export type EmittedBy<Dialogue extends AnyStateMachine> = [Emissions<Dialogue>] extends [never]
  ? { readonly type: string }
  : Emissions<Dialogue>;

/** The events that a dialogue names besides those of the library; all of them if its types do not say which. */
export type EventOf<Dialogue extends AnyStateMachine> = OwnOf<EventFrom<Dialogue>>;

type OwnOf<Event> = 0 extends 1 & Event
  ? AnyOwnEvent
  : Event extends { readonly type: infer Type extends string }
    ? string extends Type
      ? AnyOwnEvent
      : Type extends EventMessage['type']
        ? never
        : Type extends `event.${string}`
          ? Event
          : never
    : never;

interface AnyOwnEvent {
  /** The name of the event, after `event.`. */
  readonly type: `event.${string}`;
  readonly [field: string]: unknown;
}

/** Whether `input` has to be given, since neither none nor the default, `{ openid }`, is what the dialogue takes. */
export type NeedsInput<Input> = [Input] extends [never]
  ? false
  : {} extends Input
    ? false
    : { readonly openid: string } extends Input
      ? false
      : true;

/** The type, unless it is `any`. */
type Known<Type, Otherwise> = 0 extends 1 & Type ? Otherwise : Type;

type Emissions<Logic> =
  Logic extends StateMachine<
    infer _Context,
    infer _Event,
    infer _Children,
    infer Actor,
    infer _Action,
    infer _Guard,
    infer _Delay,
    infer _StateValue,
    infer _Tag,
    infer _Input,
    infer _Output,
    infer Emitted,
    infer _StateMeta,
    infer _StateSchema,
    infer _TransitionMeta
  >
    ? Exclude<Known<Emitted, never>, WordEvent> | InnerEmissions<Known<Actor, never>>
    : never;

type InnerEmissions<Actor> = Actor extends { readonly logic: infer Logic }
  ? Emissions<Known<Logic, never>> | ServiceEmissions<Known<Logic, never>>
  : never;

/** Of a service whose type does not name them: none. */
type ServiceEmissions<Logic> =
  Logic extends PromiseActorLogic<infer _Output, infer _Input, infer Emitted>
    ? EventObject extends Emitted
      ? never
      : Emitted
    : never;
