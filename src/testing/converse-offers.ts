import type { Message } from '../message.ts';
import type { ChoiceOption, ChoicesReply, Reply } from '../reply.ts';
import type { Incoming } from '../runner/calls.ts';

/** The maximum of offers that are remembered; the oldest leave first. */
const MAX_OFFERS = 16;

/** What a user was offered to choose from, as they see it: buttons stay where they are when their question is over. */
export class Offers {
  #said: readonly ChoicesReply[] = [];

  /** What was offered last; undefined where nothing was. */
  get last(): ChoicesReply | undefined {
    return this.#said.at(-1);
  }

  /** An option that is seen, by its value or its label, of the last reply that has it. */
  option(wanted: string): ChoiceOption | undefined {
    const has = ({ options }: ChoicesReply): boolean => optionIn(options, wanted) !== undefined;
    return optionIn(this.#said.findLast(has)?.options ?? [], wanted);
  }

  copy(): Offers {
    const copy = new Offers();
    copy.#said = this.#said;
    return copy;
  }

  /** Notes what there is to choose from in what is said. */
  note(replies: readonly Reply[]): void {
    for (const reply of replies) {
      if (reply.type === 'choices') this.#said = [...this.#said, reply].slice(-MAX_OFFERS);
    }
  }

  /**
   * A press names its asking, and the message of its button: both are those of the last reply with such a button. What no
   * button sends stays as it is.
   */
  pressed(message: Incoming): Incoming {
    if (!isAction(message)) return message;
    const asking = message.asking ?? this.#askingOf(message.value);
    return asking === undefined
      ? message
      : { ...(asking && { messageId: asking }), ...message, asking };
  }

  /** The same without what `pressed` would name. */
  unnamed(message: Incoming): Incoming {
    if (!isAction(message) || message.asking === undefined) return message;
    const { asking, messageId, ...rest } = message;
    return {
      ...rest,
      ...(asking !== this.#askingOf(message.value) && { asking }),
      ...(messageId !== undefined && messageId !== asking && { messageId }),
    };
  }

  #askingOf(value: string): string | undefined {
    return this.#said.findLast(({ options }) => options.some((option) => option.value === value))
      ?.asking;
  }
}

function isAction(message: Incoming): message is Extract<Message, { type: 'message.action' }> {
  return typeof message === 'object' && message?.type === 'message.action';
}

/** An option by its value, its label or its number from 1. */
export function optionIn(
  options: readonly ChoiceOption[],
  wanted: string | number,
): ChoiceOption | undefined {
  if (typeof wanted === 'number') return options[wanted - 1];
  return (
    options.find(({ value }) => value === wanted) ?? options.find(({ label }) => label === wanted)
  );
}
