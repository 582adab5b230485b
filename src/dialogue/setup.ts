import {
  type ActionArgs,
  type ActionFunction,
  type AnyStateMachine,
  type Assigner,
  type EventObject,
  type MachineContext,
  type MetaObject,
  type NonReducibleUnknown,
  type ParameterizedObject,
  type PropertyAssigner,
  type SetupReturn,
  type UnknownActorLogic,
  assign,
  emit,
  setup,
} from 'xstate';
import type { Message } from '../message.ts';
import { type Reply, type ReplyEvent, toReply } from '../reply.ts';
import { checkDialogue } from './check.ts';

type Params = Record<string, ParameterizedObject['params'] | undefined>;

/** What a reply that is not constant is made from. */
export type ReplyExpression<Context extends MachineContext, Event extends EventObject> = (
  args: ActionArgs<Context, Event, Message>,
) => string | Reply;

/** XState's own setup, with words for talking. */
export type DialogueSetup<
  Context extends MachineContext,
  Actors extends Record<string, UnknownActorLogic>,
  Children extends Record<string, string>,
  Actions extends Params,
  Guards extends Params,
  Delay extends string,
  Tag extends string,
  Input,
  Output extends NonReducibleUnknown,
> = Omit<
  XStateSetup<Context, Actors, Children, Actions, Guards, Delay, Tag, Input, Output>,
  'assign' | 'createMachine'
> & {
  /**
   * Says something: a text, a reply, or what a function makes of the context and the event. Like every action it sees
   * the context as the actions before it left it. Nothing is said unless the turn commits.
   */
  reply<Event extends EventObject = Message>(
    reply: string | Reply | ReplyExpression<Context, Event>,
  ): ActionFunction<
    Context,
    Event,
    Message,
    ParameterizedObject['params'] | undefined,
    never,
    never,
    never,
    never,
    ReplyEvent
  >;
  /** Changes the context, which is the user's dictionary. `event` is the message of the transition it stands in. */
  assign<Event extends EventObject = Message>(
    assignment:
      | Assigner<Context, Event, undefined, Message, never>
      | PropertyAssigner<Context, Event, undefined, Message, never>,
  ): ActionFunction<Context, Event, Message, undefined, never, never, never, never, never>;
  /**
   * Makes the dialogue, an ordinary XState machine.
   * @throws UsageError `bad_dialogue` for what could not be carried, with the path of the state and a remedy
   */
  createDialogue: XStateSetup<
    Context,
    Actors,
    Children,
    Actions,
    Guards,
    Delay,
    Tag,
    Input,
    Output
  >['createMachine'];
};

type XStateSetup<
  Context extends MachineContext,
  Actors extends Record<string, UnknownActorLogic>,
  Children extends Record<string, string>,
  Actions extends Params,
  Guards extends Params,
  Delay extends string,
  Tag extends string,
  Input,
  Output extends NonReducibleUnknown,
> = SetupReturn<
  Context,
  Message,
  Actors,
  Children,
  Actions,
  Guards,
  Delay,
  Tag,
  Input,
  Output,
  ReplyEvent,
  MetaObject
>;

/** The types of a dialogue, and what it refers to by name: as in XState's `setup`, whose events are messages here. */
type SetupConfig<
  Context extends MachineContext,
  Actors extends Record<string, UnknownActorLogic>,
  Children extends Record<string, string>,
  Actions extends Params,
  Guards extends Params,
  Delay extends string,
  Tag extends string,
  Input,
  Output extends NonReducibleUnknown,
> = Parameters<
  typeof setup<
    Context,
    Message,
    Actors,
    Children,
    Actions,
    Guards,
    Delay,
    Tag,
    Input,
    Output,
    ReplyEvent,
    MetaObject
  >
>[0];

/**
 * Where a dialogue begins: names its types and its parts, and gives the words to write it with.
 *
 * @example
 * const greeter = setupDialogue({ types: {} as { context: { name?: string } } });
 * export default greeter.createDialogue({
 *   id: 'greeter', version: '1', context: {}, initial: 'name',
 *   states: {
 *     name: {
 *       entry: greeter.reply('What is your name?'),
 *       on: { 'message.text': { target: 'met', actions: greeter.assign({ name: ({ event }) => event.text }) } },
 *     },
 *     met: { entry: greeter.reply(({ context }) => `Hello ${context.name}.`), type: 'final' },
 *   },
 * });
 */
export function setupDialogue<
  Context extends MachineContext,
  Actors extends Record<string, UnknownActorLogic> = {},
  Children extends Record<string, string> = {},
  Actions extends Params = {},
  Guards extends Params = {},
  Delay extends string = never,
  Tag extends string = string,
  Input = NonReducibleUnknown,
  Output extends NonReducibleUnknown = NonReducibleUnknown,
>(
  config: SetupConfig<Context, Actors, Children, Actions, Guards, Delay, Tag, Input, Output>,
): DialogueSetup<Context, Actors, Children, Actions, Guards, Delay, Tag, Input, Output> {
  const {
    createMachine,
    assign: _assign,
    ...words
  } = setup(config as never) as never as {
    createMachine(machine: unknown): AnyStateMachine;
    assign: unknown;
  };
  return {
    ...words,
    assign,
    reply: (reply: unknown) =>
      emit(typeof reply === 'function' ? said(reply as (args: unknown) => unknown) : saying(reply)),
    createDialogue(machine: unknown) {
      const dialogue = createMachine(machine);
      checkDialogue(dialogue);
      return dialogue;
    },
  } as never;
}

/** A constant reply is checked and frozen once, where the dialogue is defined. */
function saying(reply: unknown): ReplyEvent {
  return Object.freeze({ type: 'reply', reply: Object.freeze(toReply(reply)) });
}

function said(reply: (args: unknown) => unknown): (args: unknown) => ReplyEvent {
  return (args) => ({ type: 'reply', reply: reply(args) as string });
}
