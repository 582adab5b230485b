/** What a takeover and the operators tell one another. */

/** One thing that was said in a conversation that a person has taken over, or that waits for one. */
export interface TakeoverLine {
  /** Who said it; the bot, of what the dialogue tells operators about the conversation. */
  readonly from: 'customer' | 'operator' | 'bot';
  /** Their name, where it is known: of an operator, what the desk calls them. */
  readonly name?: string;
  /** The words; of what is no text, what kind of thing it was, as `(location: 52.5, 13.4)`. */
  readonly text: string;
  /** Where the picture is, if the channel says so. The address may hold for a short time only. */
  readonly image?: string;
}

/** What every note says. */
export interface NoteAbout {
  /** The openid of the conversation. */
  readonly customer: string;
  /** The name of the customer, where the channel knows one. */
  readonly name?: string;
}

/** What a takeover tells operators: to each that it is for, once, and in order. */
export type TakeoverNote =
  /** The conversation waits for an operator. For all of them. */
  | (NoteAbout & {
      readonly kind: 'waiting';
      /** What was said so far. */
      readonly lines: readonly TakeoverLine[];
    })
  /** An operator has it from now on. For all of them: the others need not take it. */
  | (NoteAbout & {
      readonly kind: 'taken';
      /** Who has it. */
      readonly by: string;
      /** What was said so far. */
      readonly lines: readonly TakeoverLine[];
    })
  /** The customer said something. For the operator who has the conversation. */
  | (NoteAbout & {
      readonly kind: 'said';
      /** Who has the conversation. */
      readonly by: string;
      /** What the customer said. */
      readonly line: TakeoverLine;
    })
  /** Something that an operator did was not done. For that operator. */
  | (NoteAbout & {
      readonly kind: 'refused';
      /** Whose event it was. */
      readonly to: string;
      /** Another operator has the conversation, or the result could not be read. */
      readonly problem: 'taken' | 'result';
      /** Who has the conversation, or what is wrong with the result, in words. */
      readonly why: string;
    })
  /** The conversation is with the dialogue again. For all operators. It is told once, after the commit, and not after a crash. */
  | (NoteAbout & {
      readonly kind: 'ended';
      /** Why, as in the output of the takeover. */
      readonly reason: 'returned' | 'left' | 'idle';
      /** Who had it. */
      readonly by?: string;
    });

/** The events that a takeover emits for the program, beside what the dialogue around it emits. */
export interface TakeoverEnded {
  readonly type: 'takeover.ended';
  /** Of the kind `ended`. */
  readonly note: TakeoverNote;
}

/**
 * What an operator does in a conversation that waits for one, or that they have: an event for the customer's openid, as
 * `bot.send('ann', { type: 'event.operator', by: 'bob', does: 'say', text: 'Hello!' }, { id })`.
 */
export interface OperatorEvent {
  /** Names the operator; the takeover and its notes know them by it. */
  readonly by: string;
  /**
   * `take` has the conversation from now on. `say` says the text to the customer, and takes the conversation where nobody has.
   * `leave` has it wait for another operator. `return` gives it back to the dialogue, with the text as the result.
   */
  readonly does: 'take' | 'say' | 'leave' | 'return';
  /** What is said, or the result. */
  readonly text?: string;
}

/** A note on its way to an operator. */
export interface ToldNote {
  /** What to tell. */
  readonly note: TakeoverNote;
  /** The same each time that this note is told: an id for `runner.send`. */
  readonly id: string;
  /** Aborted when the takeover is over. */
  readonly signal: AbortSignal;
}

/** How a takeover ended: what `onDone` gets as `event.output`. */
export type TakeoverOutput<Result = undefined> = {
  /** What was said, the oldest first, as much as a takeover keeps. */
  readonly lines: readonly TakeoverLine[];
} & (
  | {
      /** An operator gave the conversation back. */
      readonly reason: 'returned';
      /** The operator. */
      readonly by: string;
      /** What the parser `result` made of their words; undefined without one. */
      readonly result: Result;
      /** The words. */
      readonly text: string;
    }
  | {
      /** The customer left the operator by one of the `backWords`, or no operator said anything for the time of `idle`. */
      readonly reason: 'left' | 'idle';
      /** Who had the conversation; undefined if nobody did. */
      readonly by?: string;
    }
);
