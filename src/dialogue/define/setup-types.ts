import type {
  ActionFunction,
  AnyActorRef,
  EventDescriptor,
  EventObject,
  MachineConfig,
  MachineContext,
  MetaObject,
  NonReducibleUnknown,
  ParameterizedObject,
  StateMachine,
  StateNodeConfig,
  StateSchema,
  StateValue,
  UnknownActorLogic,
  setup,
} from 'xstate';
import type { IntentMessage, Message, OwnEvent } from '../../message.ts';
import type { WordEvent } from '../../reply.ts';
import type { CommandName } from './commands.ts';
import type { IntentDefinition } from '../engine/intents.ts';
import type { WordsOptions } from '../text/localize.ts';
import type { HistoryOptions } from '../text/history.ts';
import type { Recognizer } from '../text/recognizers.ts';

/** What XState's types make of the types of a dialogue. Its lists of arguments stand here, each of them once. */

/** The fields of events by name, and the values of intents. */
type Payloads = Record<string, object>;

type Params = Record<string, ParameterizedObject['params'] | undefined>;

/** The types of a dialogue, each by its name: what `setupDialogue` infers from its config. */
export interface DialogueTypes<
  Context extends MachineContext = MachineContext,
  Intent extends string = string,
  Actors extends Record<string, UnknownActorLogic> = Record<string, UnknownActorLogic>,
  Emitted extends EventObject = EventObject,
  Input = unknown,
  Output extends NonReducibleUnknown = NonReducibleUnknown,
  Children extends Record<string, string> = Record<string, string>,
  Actions extends Params = Params,
  Guards extends Params = Params,
  Delay extends string = string,
  Tag extends string = string,
  Events extends Payloads = {},
  Values extends Payloads = {},
> {
  /** The user's dictionary. */
  readonly context: Context;
  /** The names of the intents that it declares. */
  readonly intent: Intent;
  /** Services and sub-dialogues by name. */
  readonly actors: Actors;
  /** What it emits for the program around it. */
  readonly emitted: Emitted;
  /** What it starts with. */
  readonly input: Input;
  /** What it gives when it is done. */
  readonly output: Output;
  /** The names of actors by the ids under which they run. */
  readonly children: Children;
  /** The parameters of actions by name. */
  readonly actions: Actions;
  /** The parameters of guards by name. */
  readonly guards: Guards;
  /** The names of its delays. */
  readonly delay: Delay;
  /** The names of its tags. */
  readonly tag: Tag;
  /** The fields of the events that it declares, by name. */
  readonly events: Events;
  /** What the recognizers of intents find, by the name of the intent. */
  readonly values: Values;
}

/** What a dialogue may hear: the closed set of messages, the events that it declares, and the intents. */
export type DialogueEvent<
  Intent extends string,
  Events extends Payloads = {},
  Values extends Payloads = {},
> =
  | Message
  | { [Name in Intent]: IntentMessage<Name, ValuesOf<Values, Name>> }[Intent]
  | { [Name in keyof Events & string]: OwnEvent<Name, Events[Name]> }[keyof Events & string];

type ValuesOf<Values, Name> = Name extends keyof Values
  ? Readonly<Values[Name]>
  : IntentMessage['values'];

/** What a dialogue hears. */
export type Hears<T extends DialogueTypes> = DialogueEvent<T['intent'], T['events'], T['values']>;

/** The types of events that a dialogue may name in its `on`, each also in parts, as `message.*`. */
export type NamedType<T extends DialogueTypes> =
  EventDescriptor<Hears<T>> | `intent.${CommandName | '*'}`;

/** What its actions may emit: words of the library, and its own events. */
export type EmitsIn<T extends DialogueTypes> = WordEvent | T['emitted'];

/** XState's `setup` with the types of a dialogue. */
type SetupOf<
  T extends DialogueTypes,
  Event extends EventObject,
  Emitted extends EventObject,
> = typeof setup<
  T['context'],
  Event,
  T['actors'],
  T['children'],
  T['actions'],
  T['guards'],
  T['delay'],
  T['tag'],
  T['input'],
  T['output'],
  Emitted,
  MetaObject
>;

export type XStateSetup<T extends DialogueTypes> = ReturnType<SetupOf<T, Hears<T>, EmitsIn<T>>>;

/** The types of a dialogue, and what it refers to by name: as in XState's `setup`, whose events are messages here. */
export type SetupConfig<T extends DialogueTypes, Event extends EventObject = Hears<T>> = Parameters<
  SetupOf<T, Event, T['emitted']>
>[0] & {
  /** The intents that the dialogue declares, with what recognises each. `intent.<name>` is a message then. */
  readonly intents?: { readonly [Name in T['intent']]: IntentDefinition };
  /**
   * The events that the dialogue declares besides those of the library, each with its fields: `paid: {} as { orderId: string }`.
   * `event.<name>` is a message then.
   */
  readonly events?: T['events'];
  /** What is found in the messages of an intent, by its name: its `event.values`. */
  readonly types?: {
    /** By the name of the intent. */
    readonly values?: T['values'];
  };
  /** Recognises several intents at once: a model, a service. */
  readonly recognize?: Recognizer;
  /** The language in which the library itself speaks to users, and other words for what it says. */
  readonly words?: WordsOptions<T['context']>;
  /**
   * Has what is said kept in the record, for `history()`: the last turns, within a number and a size. Default: nothing is. Of a
   * sub-dialogue it is not looked at.
   */
  readonly history?: HistoryOptions;
};

export type DialogueConfig<T extends DialogueTypes> = MachineConfig<
  T['context'],
  Hears<T>,
  ActorsIn<T>,
  NamedIn<T['actions']>,
  NamedIn<T['guards']>,
  T['delay'],
  T['tag'],
  T['input'],
  T['output'],
  EmitsIn<T>
>;

/** The config of one state. */
export type StateConfig<T extends DialogueTypes> = StateNodeConfig<
  T['context'],
  Hears<T>,
  ActorsIn<T>,
  NamedIn<T['actions']>,
  NamedIn<T['guards']>,
  T['delay'],
  T['tag'],
  unknown,
  EmitsIn<T>,
  MetaObject
>;

/** What `createDialogue` makes: a machine whose states have the names in `Value`. */
export type Dialogue<T extends DialogueTypes, Value extends StateValue> = StateMachine<
  T['context'],
  Hears<T>,
  Record<string, AnyActorRef | undefined>,
  ActorsIn<T>,
  NamedIn<T['actions']>,
  NamedIn<T['guards']>,
  T['delay'],
  Value,
  T['tag'],
  T['input'],
  T['output'],
  EmitsIn<T>,
  MetaObject,
  StateSchema
>;

/** One action or several, as they may stand in a transition or in the entry of a state. */
export type ActionsIn<T extends DialogueTypes> = NonNullable<StateConfig<T>['entry']>;

/** Transitions by the type of the event. */
export type TransitionsIn<T extends DialogueTypes> = NonNullable<StateConfig<T>['on']>;

/** An action that emits a word of the library, or an event of the dialogue's own. */
export type EmittingAction<
  T extends DialogueTypes,
  Event extends EventObject,
  Emitted extends EventObject,
> = Action<T, Event, ParameterizedObject['params'] | undefined, Emitted>;

/** An action that changes the context. */
export type AssigningAction<T extends DialogueTypes, Event extends EventObject> = Action<
  T,
  Event,
  undefined,
  never
>;

type Action<
  T extends DialogueTypes,
  Event extends EventObject,
  Params extends ParameterizedObject['params'] | undefined,
  Emitted extends EventObject,
> = ActionFunction<T['context'], Event, Hears<T>, Params, never, never, never, never, Emitted>;

/** What is provided by name, as XState refers to it. */
export type NamedIn<Provided extends Params> = {
  [Name in keyof Provided & string]: { type: Name; params: Provided[Name] };
}[keyof Provided & string];

/** The services and sub-dialogues, as XState refers to them. */
export type ActorsIn<T extends DialogueTypes> = {
  [Name in keyof T['actors'] & string]: {
    src: Name;
    logic: T['actors'][Name];
    id: IdOf<T['children'], Name>;
  };
}[keyof T['actors'] & string];

/** The id under which an actor is invoked: any, unless `types.children` says which. */
type IdOf<Children extends Record<string, string>, Name extends string> = [keyof Children] extends [
  never,
]
  ? string | undefined
  : { [Id in keyof Children]: Children[Id] extends Name ? Id & string : never }[keyof Children];
