import { MessageError } from './errors.ts';
import { isKeyed, kindOf } from './internal/closed.ts';
import { clone, type Oddity } from './internal/plain-data.ts';
import { isShared } from './internal/shared-data.ts';
import { type Message, MESSAGE_TYPES, type IntentMessage } from './message.ts';

const MAX_DEPTH = 32;

/**
 * Checks a message and returns our own copy of it, so that the caller cannot change it during a turn.
 * @param declared further types the dialogue names
 * @param receivedAt epoch milliseconds of its arrival; it goes over what the message says itself
 * @throws MessageError `bad_message` for a type outside the closed set, a missing text, or a key that reaches a prototype.
 */
export function toMessage(
  input: string | Message | { readonly type: string },
  declared: ReadonlySet<string>,
  receivedAt: number,
): Message {
  if (typeof input === 'string') return { type: 'message.text', text: input, receivedAt };
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw refused(`a string or an object with a type, not ${kindOf(input)}`);
  }
  const type: unknown = (input as { type?: unknown }).type;
  if (typeof type !== 'string' || !(MESSAGE_TYPES.has(type) || declared.has(type))) {
    throw refused(
      `a type out of ${[...MESSAGE_TYPES].join(', ')}, or an event.… or intent.… type that the dialogue declares, or that a machine of XState alone names in its \`on\``,
    );
  }
  const raw: unknown = (input as { raw?: unknown }).raw;
  const copy = (
    isShared(raw)
      ? { ...clone({ ...input, raw: undefined }, COPY_RULES), raw }
      : clone(input, COPY_RULES)
  ) as Message & { receivedAt: number };
  // A getter may answer differently the second time.
  if (copy.type !== type) throw refused('a type that stays the same');
  if (copy.type === 'message.text' && typeof copy.text !== 'string') {
    throw refused('a string under `text` of a message.text');
  }
  if (copy.type === 'message.action') {
    for (const key of ['asking', 'messageId'] as const) {
      if (typeof (copy[key] ?? '') === 'string') continue;
      throw refused(`a string under \`${key}\` of a message.action, or none`);
    }
  }
  copy.receivedAt = receivedAt;
  if (!type.startsWith('intent.')) return copy;
  return toIntent(copy as object as GivenIntent) as Message;
}

type GivenIntent = Partial<IntentMessage> & Required<Pick<IntentMessage, 'type' | 'receivedAt'>>;

/** An intent that the program passes itself, with what a recognizer would have added. */
function toIntent(given: GivenIntent): object {
  const { text = '', score = 1, values = {}, message, receivedAt } = given;
  if (typeof text !== 'string') throw refused('a string under `text` of an intent, or none');
  if (!Number.isFinite(score)) throw refused('a number under `score` of an intent, or none');
  if (!isKeyed(values)) throw refused('an object under `values` of an intent, or none');
  if (message !== undefined && !isKeyed(message)) {
    throw refused('a message under `message` of an intent, or none');
  }
  const said: Message =
    text === ''
      ? { type: 'message.unknown', receivedAt }
      : { type: 'message.text', text, receivedAt };
  return { ...given, text, score, values, message: message ?? said };
}

/**
 * An event that another program reports, as a message. No user spoke by an event of any type.
 * @throws MessageError `bad_message` as `toMessage`, and for what only a user says
 */
export function toOutsideEvent(
  event: { readonly type: string },
  declared: ReadonlySet<string>,
  receivedAt: number,
): Message {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    throw refused(`an object with the type of an event, not ${kindOf(event)}`);
  }
  const { type } = event;
  if (typeof type !== 'string' || !(MESSAGE_TYPES.has(type) || declared.has(type))) {
    const own = [...declared].toSorted().join(', ') || 'none';
    throw refused(
      `the type of an event that the dialogue names, or of an event of the library; the dialogue names ${own}`,
    );
  }
  const message = toMessage(event, declared, receivedAt);
  if (message.type.startsWith('message.')) {
    throw refused(
      'an event.… or intent.… type, for it comes from another program; pass what a user says to handle()',
    );
  }
  return { ...message, spoken: false } as Message;
}

const EXPECTED: Readonly<Record<Oddity['is'], string>> = {
  deep: `nesting of at most ${MAX_DEPTH} levels`,
  instance: 'data in it that structuredClone() can copy',
  prototype: 'keys that do not reach a prototype (a key is `__proto__`)',
  value: 'plain data in it, not a ',
};

const COPY_RULES = {
  maxDepth: MAX_DEPTH,
  refuse: (is: Oddity['is'], type: string): MessageError => refused(EXPECTED[is] + type),
};

function refused(expected: string): MessageError {
  return new MessageError(
    'bad_message',
    `The message was refused and nothing is stored: expected ${expected}.`,
  );
}
