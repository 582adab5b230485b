import type { ActionArgs, Assigner, EventObject, OutputFrom, PropertyAssigner } from 'xstate';
import type { Duration } from '../../clock.ts';
import type { Reply, ReplyEvent, WordEvent } from '../../reply.ts';
import type { ConfirmOptions, OptionsFor, Way } from './choose.ts';
import type { Command, CommandName } from './commands.ts';
import type { FormOptions, Slots } from './form.ts';
import type {
  AssigningOutput,
  ServiceInput,
  ServiceName,
  ServiceOptions,
  ServiceState,
} from './service.ts';
import type { AnswersIn, AnswersKey, QuestionsOptions } from './questions.ts';
import type { AnswerSource } from './answer-source.ts';
import type { GatherOptions } from '../engine/gather.ts';
import type { AnswerArgs, Answered, AskOptions } from '../engine/question.ts';
import type { ReplyExpression, Saying } from './actions.ts';
import type {
  ActionsIn,
  AssigningAction,
  DialogueTypes,
  EmittingAction,
  Hears,
  TransitionsIn,
} from './setup-types.ts';
import type { TargetOf } from './target-types.ts';

/** The words for talking, as every dialogue's setup has them. Each is an action or a state of XState's. */
export interface Vocabulary<T extends DialogueTypes> {
  /**
   * Says something: a text, a reply, or what a function makes of the context and the event. Like every action it sees
   * the context as the actions before it left it. Nothing is said unless the turn commits.
   * @example
   * words.reply(({ context }) => `Hello ${context.name}.`);
   * @throws StepError `bad_reply` for what is no reply; if a function gives it, the turn fails
   */
  reply<Event extends EventObject = Hears<T>>(
    reply: string | Reply | ReplyExpression<T['context'], Event, Hears<T>>,
  ): EmittingAction<T, Event, ReplyEvent>;
  /**
   * Tells the program around the dialogue something, once the turn is committed: `runner.on('emit', …)`.
   * @example
   * words.emit(({ context }) => ({ type: 'booked', day: context.day ?? 'today' }));
   * @throws UsageError `bad_option` for what is no event
   */
  emit<Event extends EventObject = Hears<T>>(
    event: T['emitted'] | ((args: ActionArgs<T['context'], Event, Hears<T>>) => T['emitted']),
  ): EmittingAction<T, Event, T['emitted']>;
  /**
   * Changes the context, which is the user's dictionary. `event` is the message of the transition it stands in.
   * @example
   * words.assign({ age: ({ context }) => (context.age ?? 0) + 1 });
   * @throws UsageError `bad_option` for what assigns nothing, and for an async function
   */
  assign<Event extends EventObject = Hears<T>>(
    assignment:
      | Assigner<T['context'], Event, undefined, Hears<T>, never>
      | PropertyAssigner<T['context'], Event, undefined, Hears<T>, never>,
  ): AssigningAction<T, Event>;
  /**
   * Has everything about this user expire that long after this turn, whatever the store's age; `null` goes back to that
   * age. It takes a duration, milliseconds, or a function of the `context` that gives one. A fixed moment: later messages
   * do not put it off, another `expireIn` does.
   * @example
   * words.expireIn({ days: 30 });
   * @throws UsageError `bad_duration`; if a function gives it, the turn fails
   */
  expireIn<Event extends EventObject = Hears<T>>(
    duration:
      | Duration
      | number
      | null
      | ((args: { readonly context: T['context'] }) => Duration | number | null),
  ): EmittingAction<T, Event, WordEvent>;
  /**
   * Deletes everything about this user with this turn: context, state, timers, services. What the turn says is still
   * said. Only the id of the message stays until redeliveries are over.
   * @example
   * const erase = { 'intent.cancel': { target: '.gone', actions: [words.reply('All gone.'), words.forget()] } };
   */
  forget<Event extends EventObject = Hears<T>>(): EmittingAction<T, Event, WordEvent>;
  /**
   * Has the question repeated that stands open, here or in a sub-dialogue; where none does, nothing happens.
   * @example
   * const hours = { 'intent.hours': { actions: [words.reply('From 9 to 5.'), words.repeat()] } };
   */
  repeat<Event extends EventObject = Hears<T>>(): EmittingAction<T, Event, WordEvent>;
  /**
   * A state that asks: the question on entry, the answer read by `parse` and put into the context, the question's issue
   * said where it cannot be read, `otherwise` after too many attempts. What is read is any message; intents and events
   * are for the states around it.
   * @throws UsageError `bad_ask`
   *
   * @example
   * words.ask({ question: 'How old are you?', parse: integer({ min: 1, max: 120 }), assign: 'age', target: 'bye' });
   */
  ask<
    Value extends ValueFor<T['context'], To>,
    const To = unknown,
    const Target extends string = never,
  >(
    config: AskOptions<T['context'], Target> &
      Assigning<T['context'], To, NoInfer<Value>> &
      StateParts<T> &
      AnswerSource<T['context'], Value> & {
        /** Where an answer leads: one place, or the first whose guard holds. Without one, the question stays open. */
        readonly target?:
          | Target
          | readonly Answered<T['context'], NoInfer<Value>, Target, ActionsIn<T>>[]
          | undefined;
      },
  ): AskState<Target>;
  /**
   * A state that has the user choose among `options`: by number, label or another name, or with a button where the channel
   * has them.
   * @example
   * words.choose({ question: 'Which colour?', options: ['red', 'blue'], assign: 'colour', target: 'next' });
   * @throws UsageError `bad_ask`; `bad_option` for options that no question can offer
   */
  choose<
    const Value extends string & ValueFor<T['context'], To>,
    const To = unknown,
    const Target extends string = never,
    const Ways extends ChoiceWays<T['context'], NoInfer<Value>, ActionsIn<T>> | Unset =
      ChoiceWays<T['context'], NoInfer<Value>, ActionsIn<T>> | Unset,
  >(
    config: AskOptions<T['context'], Target> &
      Assigning<T['context'], To, NoInfer<Value>> &
      StateParts<T> & {
        readonly options: OptionsFor<T['context'], Value>;
        /**
         * Where a choice leads: one place for all, one for each value, or the first whose guard holds. Without one, the
         * question stays open.
         */
        readonly target?: Ways | undefined;
      },
  ): AskState<NoInfer<Target> | WayOf<NoInfer<Ways>>>;
  /**
   * A state that asks for a yes or a no.
   * @example
   * words.confirm({ question: 'Shall I book it?', assign: 'sure', yes: 'booked', no: 'cancelled' });
   * @throws UsageError `bad_ask`
   */
  confirm<const To = unknown, const Target extends string = never>(
    config: ConfirmOptions<T['context'], Target, ActionsIn<T>> &
      Assigning<T['context'], To, boolean, KeyTaking<T['context'], boolean>> &
      StateParts<T>,
  ): AskState<Target>;
  /**
   * A state that fills several `slots` of the context, one question each. One message may fill several, and correct what
   * was filled before; at the end comes a summary to confirm.
   * @example
   * words.form({
   *   slots: {
   *     name: { question: 'Your name?', parse: text() },
   *     day: { question: 'Which day?', parse: date(), extract: anywhere(date()) },
   *   },
   *   target: 'booked',
   * });
   * @throws UsageError `bad_form`, `bad_option`, `bad_ask`
   */
  form<const Target extends string = never>(
    config: FormOptions<T['context'], Target> & {
      readonly slots: Slots<T['context'], T['actors']>;
    } & StateParts<T>,
  ): FormState<Target>;
  /**
   * A state that asks a list of questions, which may come from data, and keeps the answers in the context, or under one key
   * of it. What is answered already is not asked again, so a questionnaire goes on where it was left.
   * @example
   * const survey = words.questions({
   *   questions: [
   *     { key: 'name', question: 'Your name?', parse: text() },
   *     { key: 'age', question: 'Your age?', parse: integer(), when: ({ context }) => context.name !== 'Ann' },
   *   ],
   *   progress: true,
   *   target: 'thanks',
   * });
   * @throws UsageError `bad_form`, `bad_option`, `bad_ask`
   */
  questions<
    const Key extends AnswersKey<T['context']> = never,
    const Target extends string = never,
  >(
    config: QuestionsOptions<T['context'], AnswersIn<T['context'], Key>, Target> & {
      /** The key of the context that holds the answers by their keys. Default: they are keys of the context. */
      readonly answers?: Key;
    } & StateParts<T>,
  ): FormState<Target>;
  /**
   * A state that runs a service, again after a failure, and says to messages meanwhile that it is busy. A service without a
   * `timeout` may keep the user waiting for as long as it takes.
   * @example
   * words.service({
   *   src: 'guess',
   *   input: ({ context }) => ({ name: context.name ?? '' }),
   *   assign: 'age',
   *   retries: 3,
   *   timeout: { seconds: 10 },
   *   done: 'guessed',
   *   failed: 'sorry',
   * });
   * @throws UsageError `bad_option`, `bad_duration`
   */
  service<
    const Name extends ServiceName<T>,
    const To = unknown,
    const Target extends string = never,
  >(
    config: ServiceOptions<T, Name, Target> &
      ServiceInput<T, Name> &
      AssigningOutput<
        T['context'],
        To,
        OutputFrom<T['actors'][Name]>,
        KeyTaking<T['context'], OutputFrom<T['actors'][Name]>>
      > &
      StateParts<T>,
  ): ServiceState<Target>;
  /**
   * Deletes keys of the context, which the user's dictionary then does not have any more.
   * As with `assign`, what comes after it in the same turn sees undefined.
   * @example
   * words.clear('day', 'age');
   */
  clear<Event extends EventObject = Hears<T>>(
    ...keys: readonly (keyof T['context'] & string)[]
  ): AssigningAction<T, Event>;
  /**
   * The last state: says goodbye on its `entry` and ends the dialogue. The next message starts it again over its context.
   * @example
   * words.done('Thank you.', ({ context }) => `Goodbye, ${context.name}.`);
   * @throws StepError `bad_reply` for what is no reply; if a function gives it, the turn fails
   */
  done(...replies: readonly Saying<T['context']>[]): {
    readonly type: 'final';
    readonly entry: EmittingAction<T, Hears<T>, ReplyEvent>[];
  };
  /**
   * Commands that work in every state, as transitions for the `on` of the outermost one. Declare `commandIntents`, or
   * intents of the same names, in `intents`.
   *
   * `help`, and every command without a `target`, says its words and has the open question repeated: an interruption that
   * resumes where it was left. `back` to a history state leaves an interruption that is a state. A target in
   * one region of an active parallel state leaves the other regions as they are.
   * @example
   * words.commands({ help: { say: 'I book tables.' }, cancel: { target: '.bye' }, hours: { say: 'From 9 to 5.' } });
   * @throws UsageError `bad_option` for a key of a command that there is not
   */
  commands<
    const Commands extends {
      readonly [Name in CommandName | T['intent']]?: Command<T['context'], string, ActionsIn<T>>;
    },
  >(
    commands: Commands & {
      readonly [Name in Exclude<keyof Commands, CommandName | T['intent']>]: never;
    },
  ): {
    readonly [Name in keyof Commands & string as `intent.${Name}`]: {
      readonly target: TargetOf<Commands[Name]>;
    };
  };
}

/**
 * Where the value goes. `To` is what was given, a key or a function: if TypeScript could infer only a key, it would
 * infer the union of all keys for a function whose parameters have types.
 */
export interface Assigning<Context, To, Value, Key = keyof Context> {
  /** A key of the context that takes the value, or a function that says what changes. */
  readonly assign?:
    (To & Key) | ((args: AnswerArgs<Context, Value>) => Partial<Context>) | undefined;
}

/** What each of the keys of the context takes; of a function, anything. */
export type ValueFor<Context, To> = unknown extends To
  ? unknown
  : [Extract<To, keyof Context>] extends [never]
    ? unknown
    : {
          [Key in Extract<To, keyof Context>]: (value: Context[Key]) => void;
        }[Extract<To, keyof Context>] extends (value: infer Value) => void
      ? Value
      : never;

/** The ways of a choice: one for all, one for each value, or the first whose guard holds. */
export type ChoiceWays<Context, Value extends string, Actions> =
  | string
  | { readonly [V in Value]: Way<string, Actions> }
  | readonly Answered<Context, Value, string, Actions>[];

/** In the place of ways that are not given. */
export interface Unset {
  /** Never there. */
  readonly [UNSET]: never;
}

declare const UNSET: unique symbol;

/** The states that the ways of a choice lead to. */
export type WayOf<Ways> = [Unset] extends [Ways]
  ? never
  : Ways extends string
    ? Ways
    : Ways extends readonly (infer Way)[]
      ? LeadsTo<Way>
      : TargetOf<Ways[keyof Ways]> & string;

type LeadsTo<Way> = Way extends { readonly target: infer Target extends string } ? Target : never;

/** The keys of the context that take a value. */
export type KeyTaking<Context, Value> = {
  [Key in keyof Context]-?: Value extends Context[Key] ? Key : never;
}[keyof Context];

/** What else XState takes for the state. */
export interface StateParts<T extends DialogueTypes> {
  /** Further transitions, which come before an answer is read. */
  readonly on?: TransitionsIn<T>;
  /** Before the question is said. */
  readonly entry?: ActionsIn<T>;
  /** When the state is left. */
  readonly exit?: ActionsIn<T>;
  /** The id of the state, for a target such as `#booking`. Default: the id of the dialogue and the keys on the way, with dots. */
  readonly id?: string;
  /** Tags of XState's. */
  readonly tags?: string | readonly string[];
  /** What the state is for, to those who read the definition. */
  readonly description?: string;
  /** Meta data of XState's. */
  readonly meta?: {
    /**
     * How the runner gathers the texts that arrive in this state into one message, or, with false, that each has an answer; see
     * docs/bursts.md. Default: as the states around it say, then as the runner does.
     */
    readonly gather?: GatherOptions | false;
    readonly [key: string]: unknown;
  };
}

/** As far as a type check goes: it stands in `waiting`, then `retry1`, `retry2`, … */
export interface AskState<Target extends string> {
  /** The question waits for an answer. */
  readonly initial: 'waiting';
  /** The question, and each time that it is asked again. */
  readonly states: {
    /** The question waits for an answer. */
    readonly waiting: {};
    readonly [retry: `retry${number}`]: {};
  };
  /** What is taken while the question is open. */
  readonly on: {
    /** Carries the targets to the type check. */
    readonly 'message.*': {
      /** The states that it may lead to. */
      readonly target: Target;
    };
  };
}

/** As far as a type check goes: a state for each slot, `confirm` and `correct`, with those of a question in them. */
export interface FormState<Target extends string> extends Pick<AskState<Target>, 'on'> {
  /** The state that it begins in. */
  readonly initial: string;
  /** A state for each slot, and those of the summary. */
  readonly states: { readonly [slot: string]: {} };
}
