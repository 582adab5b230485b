import {
  type AnyActorRef,
  type AnyStateMachine,
  type EventObject,
  type MachineConfig,
  type MachineContext,
  type MetaObject,
  type NonReducibleUnknown,
  type ParameterizedObject,
  type SetupReturn,
  type StateMachine,
  type StateNodeConfig,
  type StateSchema,
  type ToStateValue,
  type TransitionsConfig,
  type UnknownActorLogic,
  assign,
  emit,
  setup,
} from 'xstate';
import { UsageError } from '../../errors.ts';
import type { WordEvent } from '../../reply.ts';
import { type ReadBy, readBy } from './answer-reading.ts';
import { askState } from './ask.ts';
import { checkDialogue } from '../engine/validate.ts';
import { chooseState, confirmState } from './choose.ts';
import { commandTransitions } from './commands.ts';
import { formState } from './form-state.ts';
import { type IntentDefinition, withIntents } from '../engine/intents.ts';
import type { Recognizer } from '../text/recognizers.ts';
import { type ActionsIn, expireIn, forget, repeat, say } from './actions.ts';
import type { WithTargets } from './target-types.ts';
import type { DialogueEvent, Vocabulary } from './vocabulary.ts';
import { type WordsOptions, createWords, withWords } from '../text/localize.ts';

type Params = Record<string, ParameterizedObject['params'] | undefined>;

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
  Emitted extends EventObject,
  Intent extends string,
> = Omit<
  SetupReturn<
    Context,
    DialogueEvent<Intent>,
    Actors,
    Children,
    Actions,
    Guards,
    Delay,
    Tag,
    Input,
    Output,
    WordEvent | Emitted,
    MetaObject
  >,
  'assign' | 'createMachine' | 'createStateConfig' | 'emit' | 'extend'
> &
  Vocabulary<
    Context,
    Actors,
    Intent,
    Emitted,
    TransitionsConfig<
      Context,
      DialogueEvent<Intent>,
      ActorsOf<Children, Actors>,
      Named<Actions>,
      Named<Guards>,
      Delay,
      WordEvent | Emitted,
      MetaObject
    >,
    ActionsIn<
      Context,
      DialogueEvent<Intent>,
      ActorsOf<Children, Actors>,
      Named<Actions>,
      Named<Guards>,
      Delay,
      WordEvent | Emitted
    >
  > & {
    /** A state to be put into a dialogue later, typed on its own. */
    createStateConfig<
      const Config extends StateNodeConfig<
        Context,
        DialogueEvent<Intent>,
        ActorsOf<Children, Actors>,
        Named<Actions>,
        Named<Guards>,
        Delay,
        Tag,
        unknown,
        WordEvent | Emitted,
        MetaObject
      >,
    >(
      config: Config,
    ): Config;
    /**
     * Makes the dialogue, an ordinary XState machine.
     * @throws UsageError `bad_dialogue` for what could not be carried or does not exist, with the path of the state and
     * a remedy
     */
    createDialogue<
      const Config extends MachineConfig<
        Context,
        DialogueEvent<Intent>,
        ActorsOf<Children, Actors>,
        Named<Actions>,
        Named<Guards>,
        Delay,
        Tag,
        Input,
        Output,
        WordEvent | Emitted
      >,
    >(
      config: Config & WithTargets<Config>,
    ): StateMachine<
      Context,
      DialogueEvent<Intent>,
      Record<string, AnyActorRef | undefined>,
      ActorsOf<Children, Actors>,
      Named<Actions>,
      Named<Guards>,
      Delay,
      ToStateValue<Config & StateSchema>,
      Tag,
      Input,
      Output,
      WordEvent | Emitted,
      MetaObject,
      StateSchema
    >;
  };

/** What is provided by name, as XState refers to it. */
type Named<Provided extends Params> = {
  [Name in keyof Provided & string]: { type: Name; params: Provided[Name] };
}[keyof Provided & string];

type ActorsOf<
  Children extends Record<string, string>,
  Actors extends Record<string, UnknownActorLogic>,
> = {
  [Name in keyof Actors & string]: {
    src: Name;
    logic: Actors[Name];
    id: IdOf<Children, Name>;
  };
}[keyof Actors & string];

/** The id under which an actor is invoked: any, unless `types.children` says which. */
type IdOf<Children extends Record<string, string>, Name extends string> = [keyof Children] extends [
  never,
]
  ? string | undefined
  : { [Id in keyof Children]: Children[Id] extends Name ? Id & string : never }[keyof Children];

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
  Emitted extends EventObject,
  Intent extends string,
> = Parameters<
  typeof setup<
    Context,
    DialogueEvent<Intent>,
    Actors,
    Children,
    Actions,
    Guards,
    Delay,
    Tag,
    Input,
    Output,
    Emitted,
    MetaObject
  >
>[0] & {
  /** The intents that the dialogue declares, with what recognises each. `intent.<name>` is a message then. */
  readonly intents?: { readonly [Name in Intent]: IntentDefinition };
  /** Recognises several intents at once: a model, a service. */
  readonly recognize?: Recognizer;
  /** The language in which the library itself speaks to users, and other words for what it says. */
  readonly words?: WordsOptions<Context>;
};

/**
 * Where a dialogue begins: names its types and its parts, and gives the words to write it with.
 *
 * @throws UsageError `bad_intent`, `bad_option`
 *
 * @example
 * const greeter = setupDialogue({ types: {} as { context: { name?: string } } });
 * export default greeter.createDialogue({
 *   id: 'greeter', version: '1', context: {}, initial: 'name',
 *   states: {
 *     name: greeter.ask({ question: 'What is your name?', parse: text(), assign: 'name', target: 'met' }),
 *     met: greeter.done(({ context }) => `Hello ${context.name}.`),
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
  Emitted extends EventObject = never,
  const Intent extends string = never,
>(
  config: SetupConfig<
    Context,
    Actors,
    Children,
    Actions,
    Guards,
    Delay,
    Tag,
    Input,
    Output,
    Emitted,
    Intent
  >,
): DialogueSetup<
  Context,
  Actors,
  Children,
  Actions,
  Guards,
  Delay,
  Tag,
  Input,
  Output,
  Emitted,
  Intent
> {
  const { intents, recognize, words: wordsOptions, ...parts } = config as unknown as UntypedConfig;
  const { createMachine, ...base } = setup(parts as never) as never as {
    createMachine(machine: unknown): AnyStateMachine;
  };
  const words = createWords(wordsOptions);
  // Checked here, where they are declared, rather than at the first dialogue.
  const declared = withIntents(withWords(wordsOptions), { intents, recognize });
  return {
    ...base,
    assign,
    emit,
    reply: (said: unknown) => say(said),
    expireIn,
    forget: () => forget,
    repeat: () => repeat,
    ask: ({ parse, parseFor, ...question }: ReadBy) =>
      state(question, askState, { read: readBy({ parse, parseFor } as ReadBy) }),
    choose: (question: object) => state(question, chooseState),
    confirm: (question: object) => state(question, confirmState),
    form: (form: object) =>
      state(form, formState, { hearsBack: Object.hasOwn(intents ?? {}, 'back') }),
    done: (...replies: unknown[]) => ({ type: 'final', entry: replies.map((said) => say(said)) }),
    clear: (...keys: string[]) => {
      const cleared = Object.fromEntries(keys.map((key) => [key, undefined]));
      return assign(() => cleared);
    },
    commands: (commands: never) => commandTransitions(commands, words),
    createDialogue(machine: object) {
      const dialogue = make(() => createMachine({ ...machine, ...declared }));
      checkDialogue(dialogue);
      return dialogue;
    },
  } as never;

  /** A state of ours, with what XState takes beside it. */
  function state(
    given: object,
    build: (config: never, words: ReturnType<typeof createWords>) => object,
    more: object = {},
  ): object {
    const { id, tags, description, entry = [], exit, ...rest } = given as Record<string, unknown>;
    const built = build({ ...rest, ...more } as never, words) as { readonly entry?: unknown[] };
    return {
      ...built,
      entry: [...[entry].flat(), ...(built.entry ?? [])],
      ...(exit !== undefined && { exit }),
      ...(id !== undefined && { id }),
      ...(tags !== undefined && { tags }),
      ...(description !== undefined && { description }),
    };
  }
}

interface UntypedConfig {
  readonly intents?: Readonly<Record<string, IntentDefinition>>;
  readonly recognize?: Recognizer;
  readonly words?: WordsOptions<never>;
}

/** XState refuses a target that does not exist, in an error of its own. */
function make(createMachine: () => AnyStateMachine): AnyStateMachine {
  try {
    return createMachine();
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : 'XState refused it';
    throw new UsageError(
      'bad_dialogue',
      `The dialogue cannot be made: ${problem.replaceAll('\n', ' ')}. Name a sibling by its key, a state within by '.key', any other by its id as '#id'.`,
      { cause },
    );
  }
}
