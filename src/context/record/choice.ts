import type { Snapshot } from '../../dialogue/engine/engine.ts';
import { type Offer, isOpen, offersOf } from '../../dialogue/engine/offer.ts';
import type { Scene } from '../../dialogue/engine/scene.ts';
import { fold } from '../../dialogue/text/normalize.ts';
import { type ActionMessage, type Message, textOf } from '../../message.ts';
import type { ChoiceOption } from '../../reply.ts';
import type { ConversationRecord } from './record.ts';
import { seenEntries } from './seen-log.ts';

/** A message, with the offers that it may choose from. */
export interface MessageInScene {
  readonly message: Message;
  /** Undefined if the user is offered nothing. */
  readonly scene: Scene | undefined;
}

/** Marks around a text that say nothing. Any other one, as in `rice?` or `~rice`, may say something else than the option. */
const SILENT = /^[\s.!,;:"'“”‘’。！，、；：「」『』]$/u;
/** The maximum length of a text that is compared with options. */
const MAX_OPTION_LENGTH = 1000;

/**
 * Finds the option that a message chooses. A button with an `asking` belongs to that offer and to no other. A button
 * without one, such as an entry of a menu, chooses the option with its value, and a text chooses the option that it is
 * word for word.
 * @param live the snapshot of the dialogue; undefined if the dialogue is not running
 * @param context of the dialogue
 * @returns undefined for a button whose question is over
 */
export function findChoice(
  record: ConversationRecord | undefined,
  live: Snapshot | undefined,
  message: Message,
  context: object,
): MessageInScene | undefined {
  const offers = record?.offers;
  if (message.type === 'message.action') {
    const { asking } = message;
    if (asking === undefined) return named(offers ?? offersOf(live, context), message, live);
    return asking === ''
      ? unnamed(record, live, message, context)
      : pressed(offers ?? [], live, message);
  }
  if (offers === undefined) return { message, scene: undefined };
  const said = spoken(offers, live, message);
  return { message, scene: { offers, chosen: said?.chosen, option: said?.option } };
}

/** A button that names the offer that it belongs to. */
function pressed(
  offers: readonly Offer[],
  live: Snapshot | undefined,
  message: ActionMessage,
): MessageInScene | undefined {
  const chosen = offers.find(({ asking }) => asking === message.asking);
  const option = chosen && optionOf(chosen, message);
  if (option === undefined || !isOpen(chosen as Offer, live)) return undefined;
  return { message: chosenBy(message, option), scene: { offers, chosen } };
}

/**
 * A button from a version in which buttons did not name their offer. It counts only in a conversation of that version,
 * if its question is still open or the last replies offered it.
 */
function unnamed(
  record: ConversationRecord | undefined,
  live: Snapshot | undefined,
  message: ActionMessage,
  context: object,
): MessageInScene | undefined {
  if (record === undefined || record.offers !== undefined || live === undefined) return undefined;
  const { asking: _asking, ...rest } = message;
  const found = named(offersOf(live, context), rest, live);
  if (found.scene?.chosen !== undefined) return found;
  const last = seenEntries(record.seen).at(-1)?.replies ?? [];
  const isFromThen = last.some(
    (reply) =>
      reply.type === 'choices' &&
      reply.asking === undefined &&
      optionOf(reply, message) !== undefined,
  );
  return isFromThen ? found : undefined;
}

/** A button of no known offer, such as an entry of a menu: it chooses an option with its name, of a question only. */
function named(
  offers: readonly Offer[],
  message: ActionMessage,
  live: Snapshot | undefined,
): MessageInScene {
  const chosen = offers.findLast(
    (offer) => isOfQuestion(offer, live) && optionOf(offer, message) !== undefined,
  );
  const option = chosen && optionOf(chosen, message);
  return {
    message: option === undefined ? message : chosenBy(message, option),
    scene: { offers, chosen },
  };
}

/** The option that a text is word for word. */
function spoken(
  offers: readonly Offer[],
  live: Snapshot | undefined,
  message: Message,
): Pick<Scene, 'chosen' | 'option'> | undefined {
  const text: unknown = message.type.startsWith('message.') ? textOf(message) : undefined;
  if (typeof text !== 'string' || text.length > MAX_OPTION_LENGTH) return undefined;
  const said = bare(text);
  if (said === '') return undefined;
  const isSaid = ({ value, label = value }: ChoiceOption): boolean =>
    value === said || bare(value) === said || bare(label) === said;
  const chosen = offers.findLast(
    (offer) => isOfQuestion(offer, live) && offer.options.some(isSaid),
  );
  return chosen && { chosen, option: chosen.options.find(isSaid) };
}

function bare(text: string): string {
  const folded = fold(text);
  let start = 0;
  let end = folded.length;
  while (start < end && SILENT.test(folded.charAt(start))) start += 1;
  while (start < end && SILENT.test(folded.charAt(end - 1))) end -= 1;
  return folded.slice(start, end);
}

function isOfQuestion(offer: Offer, live: Snapshot | undefined): boolean {
  return offer.question !== undefined && isOpen(offer, live);
}

/** The option with the value of the button, or with its label: some channels know only the label. */
function optionOf(
  { options }: Pick<Offer, 'options'>,
  { value }: ActionMessage,
): ChoiceOption | undefined {
  const named = options.find((option) => option.value === value);
  if (named !== undefined) return named;
  const [labelled, ...others] = options.filter(({ label }) => label?.trim() === value.trim());
  // Two options with the same label look the same.
  return others.length === 0 ? labelled : undefined;
}

function chosenBy(message: ActionMessage, { value, label }: ChoiceOption): ActionMessage {
  return { ...message, value, ...(label !== undefined && { label }) };
}
