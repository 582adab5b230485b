import type { Data } from '../../internal/plain-data.ts';
import { freezeCopy } from '../../internal/frozen-copy.ts';
import type { NamedMatch } from '../../dialogue/text/intent-match.ts';
import { ColloquyError } from '../../errors.ts';
import { type IntentMessage, type Message, textOf } from '../../message.ts';
import type { About, Source } from './about.ts';

/** What was recognised in a message. */
export interface Recognized {
  /** The surest first. */
  readonly intents: readonly IntentMessage[];
  /** What was found without an intent: values for the slots of a form. */
  readonly values?: IntentMessage['values'] | undefined;
  /** The recognizers that were called. */
  readonly asked: readonly Source[];
}

/** Those that may be called where the dialogue stands. */
export interface Askable extends Recognized {
  /** The intents that a state may take. */
  readonly takes: readonly string[];
}

/** The maximum of intents that are tried for one message. */
const MAX_INTENTS = 16;

interface Found extends NamedMatch {
  readonly source: Source;
}

/** The recognition of one message, while recognizers are asked. */
export class Recognizing {
  readonly message: Message;
  readonly about: About;
  readonly askable: Askable;
  readonly found: Found[] = [];
  /** The recognizers that have not answered; undefined if none returned a promise. */
  missing: Set<Source> | undefined;
  /** Whether it is too late for answers. */
  isOver = false;
  onComplete = (): void => {};

  constructor(message: Message, about: About, askable: Askable) {
    this.message = message;
    this.about = about;
    this.askable = askable;
  }

  /** The intents as events: each once, the surest first, equal ones in the order of declaration. */
  result(
    order: { readonly intents: readonly string[]; readonly sources: readonly Source[] },
    maxBytes: number,
    onFailed: (source: Source, cause: unknown) => void,
  ): Recognized {
    const { found, askable } = this;
    if (found.length === 0) return askable;
    const placeOf = ({ intent = '' }: Found): number => order.intents.indexOf(intent);
    const orderOf = ({ source }: Found): number => order.sources.indexOf(source);
    found.sort((a, b) => b.score - a.score || placeOf(a) - placeOf(b) || orderOf(a) - orderOf(b));
    const intents = new Map<string, IntentMessage>();
    let values: IntentMessage['values'] | undefined;
    for (const { intent, score, values: given, source } of found) {
      if (intent !== undefined && intents.has(intent)) continue;
      try {
        const copy = freezeCopy((given ?? {}) as Data, maxBytes).data;
        if (intent === undefined) values = { ...copy, ...values };
        else intents.set(intent, this.#eventOf(intent, score, copy));
      } catch (cause) {
        onFailed(source, cause);
      }
      if (intents.size === MAX_INTENTS) break;
    }
    return { intents: [...intents.values()], values, asked: askable.asked };
  }

  #eventOf(intent: string, score: number, values: IntentMessage['values']): IntentMessage {
    const { message } = this;
    const { receivedAt, from, raw } = message;
    const words: unknown = textOf(message);
    return {
      type: `intent.${intent}`,
      text: typeof words === 'string' ? words : '',
      score,
      values,
      message,
      ...(from !== undefined && { from }),
      ...(raw !== undefined && { raw }),
      ...(receivedAt !== undefined && { receivedAt }),
    };
  }
}

/** It does not quote the names: they may be the user's words. */
export function unknownIntents(openid: string, count: number): ColloquyError {
  return new ColloquyError(
    'unknown_intent',
    `A recognizer named ${count} intents that the dialogue does not declare, and they were dropped. \`about.intents\` lists the declared ones.`,
    { openid, details: { recognizer: 'recognize', count } },
  );
}

export function detailsOf({ intent }: Source): Readonly<Record<string, string>> {
  return intent === undefined ? { recognizer: 'recognize' } : { intent };
}
