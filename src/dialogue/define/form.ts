import type { InputFrom, OutputFrom, UnknownActorLogic } from 'xstate';
import type { Reply } from '../../reply.ts';
import type { AnswerSource } from './answer-source.ts';
import type { OptionsFor } from './choose.ts';
import type { ParseContextIn } from '../text/parse-context.ts';
import type { Parsing } from '../parsers/schema.ts';
import type { Answerers, RetryArgs, Silence } from '../engine/question.ts';
import type { Recognizer } from '../text/recognizers.ts';
import type { Saying } from './actions.ts';

/** The slots of a form, by the key of the context that each fills. */
export type Slots<Context, Actors extends Record<string, UnknownActorLogic>> = {
  readonly [Key in keyof Context]?: Slot<Context, Exclude<Context[Key], undefined>, Actors>;
};

/** A value to find out: by a question, by a choice, or by a sub-dialogue. */
export type Slot<Context, Value, Actors extends Record<string, UnknownActorLogic>> =
  | (AskedSlot<Context, Value> & {
      /** Only a list has it. */
      readonly list?: never;
    })
  | (ChosenSlot<Context, Value> & {
      /** Only a list has it. */
      readonly list?: never;
    })
  | DialogueSlot<Context, Value, Actors>
  | (Value extends readonly (infer Item)[] ? ListSlot<Context, Item> : never);

/**
 * A slot of several values, which the user names until that is all. Its parser, options, `extract` and `format` are for one
 * value, and the key of the context holds an array of them.
 */
export type ListSlot<Context, Item> = (AskedSlot<Context, Item> | ChosenSlot<Context, Item>) &
  ListOptions;

/** What a list takes besides what one of its values takes. */
export interface ListOptions {
  /** Marks the slot as a list. */
  readonly list: true;
  /** The fewest values that the list takes. Default 1. */
  readonly min?: number | undefined;
  /** The most. Default 50. */
  readonly max?: number | undefined;
}

/** What every kind of slot takes. */
export interface SlotOptions<Context, Value> {
  /**
   * Its name in the summary, and when the user is asked what to change: a text, or a function of the `context`. Default:
   * its key.
   */
  readonly label?: (string | ((args: { readonly context: Context }) => string)) | undefined;
  /** How its value is shown in the summary, with the `context` beside it. Default: as its parser shows it, or by the kind of value. */
  readonly format?: ((value: Value, about: { readonly context: Context }) => string) | undefined;
  /**
   * Whether it has to be filled, by the `context` with the values so far. Default: always. When it stops applying, its
   * value is deleted. A value that came before it applies is kept while a slot before it in the order is open; the `when`
   * of other slots does not see it.
   */
  readonly when?: ((args: { readonly context: Context }) => boolean) | undefined;
}

/** A slot that a question fills. */
export interface QuestionedSlot<Context, Value> extends SlotOptions<Context, Value> {
  /** What asks for the value. */
  readonly question: Saying<Context>;
  /**
   * Finds the value in any message of the form: `within(/(\S+) people/u, integer())`. Without it only the answer to the
   * question of the slot fills it. A parser finds the context in its second argument.
   */
  readonly extract?: Parsing<Value, ParseContextIn<Context>> | undefined;
  /** Said to an answer that cannot be read. Default: the issue. */
  readonly retry?: (string | Reply | ((args: RetryArgs<Context>) => string | Reply)) | undefined;
}

/** A slot that is asked for, with what reads the answer: a parser or schema, or what gives one by the context. */
export type AskedSlot<Context, Value> = QuestionedSlot<Context, Value> &
  AnswerSource<Context, Value>;

/** A slot whose value the user chooses among options. */
export interface ChosenSlot<Context, Value> extends QuestionedSlot<Context, Value> {
  /** What there is to choose from, or how it follows from the context. A value that is no option any more is asked for again. */
  readonly options: OptionsFor<Context, Value & string>;
}

/** A slot that a child machine fills, invoked by the name under which it is provided in `actors`. */
export type DialogueSlot<
  Context,
  Value,
  Actors extends Record<string, UnknownActorLogic>,
> = SlotOptions<Context, Value> &
  {
    [Name in keyof Actors & string]: {
      /** The name of the sub-dialogue in `actors`. */
      readonly dialogue: Name;
      /** Makes the input of the sub-dialogue from the `context`. Default: it starts without one. */
      readonly input?: (args: { readonly context: Context }) => InputFrom<Actors[Name]>;
    } & ValueOf<Context, Value, OutputFrom<Actors[Name]>>;
  }[keyof Actors & string];

/** The slot's value by the sub-dialogue's output; where that is one itself, it need not be given. */
type ValueOf<Context, Value, Output> = [Output] extends [Value]
  ? {
      /** Makes the value from the `context` and the `output` of the sub-dialogue. Default: the output is the value. */
      readonly value?: (args: { readonly context: Context; readonly output: Output }) => Value;
    }
  : {
      /** Makes the value from the `context` and the `output` of the sub-dialogue. */
      readonly value: (args: { readonly context: Context; readonly output: Output }) => Value;
    };

/** How a form asks, confirms and ends: the config of the word `form` besides its `slots`. */
export interface FormOptions<Context, Target extends string> {
  /** The order of the questions. Default: that of `slots`. */
  readonly order?: readonly (keyof Context & string)[] | undefined;
  /** The summary that the user is to confirm; `false` for none. Default: a line for each slot. */
  readonly confirm?: boolean | Saying<Context> | undefined;
  /** Whether a filled slot can be changed: "no, four people". Default true. */
  readonly correct?: boolean | undefined;
  /** Whether what the context holds already counts as filled. Default false: the form starts with empty slots. */
  readonly keep?: boolean | undefined;
  /**
   * Finds the values of several slots at once in a message, under their keys: a model. It is asked where the form asks, unless
   * the question alone takes the whole message. The parser of its slot reads each value that it finds; what no parser
   * takes is dropped.
   */
  readonly understand?: Recognizer | undefined;
  /** Where to go when all is filled, and confirmed. */
  readonly target: Target;
  /** How many answers to one question may be unreadable before `otherwise`. Default 3. */
  readonly attempts?: number | undefined;
  /** Who may answer, in a conversation of several people. What others say goes to the states around. Default: everybody. */
  readonly of?: Answerers<Context> | undefined;
  /** Where to go when the attempts are used up. Without it, there is no limit. */
  readonly otherwise?: Target | undefined;
  /** What happens if the user does not answer a question for a while; a list for several spans. */
  readonly timeout?: Silence<Context, Target> | readonly Silence<Context, Target>[] | undefined;
}
