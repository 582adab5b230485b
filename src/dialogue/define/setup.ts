import {
  type AnyStateMachine,
  type EventObject,
  type MachineContext,
  type NonReducibleUnknown,
  type StateSchema,
  type ToStateValue,
  setup,
} from 'xstate';
import { UsageError } from '../../errors.ts';
import { given } from '../../internal/given.ts';
import { type ReadBy, readBy } from './answer-reading.ts';
import { askState } from './ask.ts';
import { checkConfig } from '../engine/config-shape.ts';
import { withEvents } from '../engine/own-events.ts';
import { checkDialogue } from '../engine/validate.ts';
import { chooseState, confirmState } from './choose.ts';
import { commandTransitions } from './commands.ts';
import { formState } from './form-state.ts';
import { type IntentDefinition, withIntents } from '../engine/intents.ts';
import { type HistoryOptions, withHistory } from '../text/history.ts';
import type { Recognizer } from '../text/recognizers.ts';
import { questionsState } from './questions-state.ts';
import { type Serving, serviceState } from './service.ts';
import { assigning, emitting, expireIn, forget, repeat, say } from './actions.ts';
import { checkSetup, checkWord } from './word-keys.ts';
import type { Checked, ClosedState } from './target-types.ts';
import type {
  Dialogue,
  DialogueConfig,
  DialogueEvent,
  DialogueTypes,
  NamedType,
  SetupConfig,
  StateConfig,
  XStateSetup,
} from './setup-types.ts';
import type { Vocabulary } from './vocabulary.ts';
import { type WordsOptions, createWords, withWords } from '../text/localize.ts';

/** XState's own setup, with words for talking: what `setupDialogue` gives to write a dialogue with. */
export interface DialogueSetup<T extends DialogueTypes>
  extends
    Omit<XStateSetup<T>, 'assign' | 'createMachine' | 'createStateConfig' | 'emit' | 'extend'>,
    Vocabulary<T> {
  /** A state to be put into a dialogue later, typed on its own. */
  createStateConfig<const Config extends StateConfig<T>>(
    config: Config & ClosedState<Config, NamedType<T>>,
  ): NoInfer<Config>;
  /**
   * Makes the dialogue, an ordinary XState machine.
   * @example
   * words.createDialogue({
   *   id: 'echo',
   *   context: {},
   *   on: { 'message.text': { actions: words.reply(({ event }) => event.text) } },
   * });
   * @throws UsageError `bad_dialogue` for what could not be carried or does not exist, with the path of the state and
   * a remedy
   */
  createDialogue<const Config extends DialogueConfig<T>>(
    config: Config & Checked<Config, NamedType<T>>,
  ): Dialogue<T, ToStateValue<Config & StateSchema>>;
}

/**
 * Where a dialogue begins: names its types and its parts, and gives the words to write it with.
 *
 * @throws UsageError `bad_intent`, `bad_option`
 *
 * @example
 * const greeter = setupDialogue({ types: {} as { context: { name?: string } } });
 * const dialogue = greeter.createDialogue({
 *   id: 'greeter', version: '1', context: {}, initial: 'name',
 *   states: {
 *     name: greeter.ask({ question: 'What is your name?', parse: text(), assign: 'name', target: 'met' }),
 *     met: greeter.done(({ context }) => `Hello ${context.name}.`),
 *   },
 * });
 */
export function setupDialogue<
  Context extends MachineContext,
  const Intent extends string = never,
  Actors extends DialogueTypes['actors'] = {},
  Emitted extends EventObject = never,
  Input = NonReducibleUnknown,
  Output extends NonReducibleUnknown = NonReducibleUnknown,
  Children extends DialogueTypes['children'] = {},
  Actions extends DialogueTypes['actions'] = {},
  Guards extends DialogueTypes['guards'] = {},
  Delay extends string = never,
  Tag extends string = string,
  Events extends DialogueTypes['events'] = {},
  Values extends DialogueTypes['values'] = {},
>(
  config: SetupConfig<
    DialogueTypes<
      Context,
      Intent,
      Actors,
      Emitted,
      Input,
      Output,
      Children,
      Actions,
      Guards,
      Delay,
      Tag,
      Events,
      Values
    >,
    DialogueEvent<Intent, Events, Values>
  >,
): DialogueSetup<
  DialogueTypes<
    Context,
    Intent,
    Actors,
    Emitted,
    Input,
    Output,
    Children,
    Actions,
    Guards,
    Delay,
    Tag,
    Events,
    Values
  >
> {
  checkSetup(config);
  const {
    intents,
    events,
    recognize,
    words: wordsOptions,
    history,
    ...parts
  } = config as unknown as UntypedConfig;
  const { createMachine, ...base } = setup(parts as never) as never as {
    createMachine(machine: unknown): AnyStateMachine;
  };
  const words = createWords(wordsOptions);
  // Checked here, where they are declared, rather than at the first dialogue.
  const declared = withIntents(
    { ...withWords(wordsOptions), ...withEvents(events), ...withHistory(history) },
    { intents, recognize },
  );
  return {
    ...base,
    assign: (assignment: unknown) => assigning(assignment),
    emit: (event: unknown) => emitting(event),
    reply: (said: unknown) => say(said),
    expireIn,
    forget: () => forget,
    repeat: () => repeat,
    ask(question: ReadBy) {
      checkWord('ask', question);
      const { parse, parseFor, ...rest } = question;
      return state(rest, askState, { read: readBy({ parse, parseFor } as ReadBy) });
    },
    choose(question: object) {
      checkWord('choose', question);
      return state(question, chooseState);
    },
    confirm(question: object) {
      checkWord('confirm', question);
      return state(question, confirmState);
    },
    form(form: object) {
      checkWord('form', form);
      return state(form, formState, { hearsBack: Object.hasOwn(intents ?? {}, 'back') });
    },
    questions(questionnaire: object) {
      checkWord('questions', questionnaire);
      return state(questionnaire, questionsState, {
        hearsBack: Object.hasOwn(intents ?? {}, 'back'),
      });
    },
    service(service: Serving) {
      checkWord('service', service);
      return state(service, serviceState);
    },
    done: (...replies: unknown[]) => ({ type: 'final', entry: replies.map((said) => say(said)) }),
    clear: (...keys: string[]) => {
      const cleared = Object.fromEntries(keys.map((key) => [key, undefined]));
      return assigning(() => cleared);
    },
    commands(commands: never) {
      checkWord('commands', commands);
      return commandTransitions(commands, words);
    },
    createDialogue(machine: object) {
      checkConfig(machine);
      const dialogue = make(() => createMachine({ ...machine, ...declared }));
      checkDialogue(dialogue);
      return dialogue;
    },
  } as never;

  /** A state of ours, with what XState takes beside it. */
  function state(
    config: object,
    build: (config: never, words: ReturnType<typeof createWords>) => object,
    more: object = {},
  ): object {
    const { id, tags, description, meta, exit, ...rest } = config as Record<string, unknown>;
    const entry = [rest['entry'] ?? []].flat();
    // A question has the actions of its entry with what it says: where it is skipped, neither happens.
    const built = build({ ...rest, ...more, entry } as never, words);
    return { entry, ...built, ...given({ exit, id, tags, description, meta }) };
  }
}

interface UntypedConfig {
  readonly intents?: Readonly<Record<string, IntentDefinition>>;
  readonly events?: object;
  readonly recognize?: Recognizer;
  readonly words?: WordsOptions<never>;
  readonly history?: HistoryOptions;
}

/** XState refuses a target that does not exist, in its own error. */
function make(createMachine: () => AnyStateMachine): AnyStateMachine {
  try {
    return createMachine();
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : 'XState refused it';
    throw new UsageError(
      'bad_dialogue',
      `The dialogue cannot be made: ${problem.replaceAll('\n', ' ').replace(/\.+$/, '')}. Name a sibling by its key, a state within by '.key', any other by its id as '#id'.`,
      { cause },
    );
  }
}
