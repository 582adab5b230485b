import type { ActionArgs, Assigner, EventObject, OutputFrom, PropertyAssigner } from 'xstate';
import type { Duration } from '../../clock.ts';
import type { Reply, ReplyEvent, WordEvent } from '../../reply.ts';
import type { ConfirmOptions, OptionsFor } from './choose.ts';
import type { Command, CommandName } from './commands.ts';
import type { FormOptions, Slots } from './form.ts';
import type {
  AssigningOutput,
  ServiceInput,
  ServiceName,
  ServiceOptions,
  ServiceState,
} from './service-options.ts';
import type { AnswersIn, AnswersKey, QuestionsOptions } from './questions.ts';
import type { AnswerSource } from './answer-source.ts';
import type { Answered, AskOptions } from '../engine/question.ts';
import type { ReplyExpression, Saying } from './actions.ts';
import type {
  ActionsIn,
  AssigningAction,
  DialogueTypes,
  EmittingAction,
  Hears,
} from './setup-types.ts';
import type { TargetOf } from './target-types.ts';
import type { ValueFor, Assigning, KeyTaking } from './assigning.ts';
import type { ChoiceWays, Unset, WayOf } from './choice-ways.ts';
import type { StateParts, AskState, FormState } from './question-state.ts';

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
   * Has everything about this user expire that long after this turn, and not after the store's age; `null` goes back to that
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
   * of it. What is answered already is not asked again, so a questionnaire continues where the user left it.
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
