import { type ConversationRecord, NONE } from '../context/record/record.ts';
import { seenEntries } from '../context/record/seen-log.ts';
import type { Engine, Snapshot, Step } from '../dialogue/engine/engine.ts';
import { type Offer, isOpen, offersOf } from '../dialogue/engine/offer.ts';
import type { Scene } from '../dialogue/engine/scene.ts';
import { normalize } from '../dialogue/text/normalize.ts';
import { type ActionMessage, type Message, textOf } from '../message.ts';
import type { ChoiceOption } from '../reply.ts';
import { offeredAside } from './asking.ts';

/** A message, with what it chooses from. */
export interface Heard {
  readonly message: Message;
  /** What the user may choose from; undefined where there is nothing. */
  readonly scene: Scene | undefined;
}

/** A longer text is no option. */
const LONGEST_OPTION = 1000;

/**
 * Finds out what a message chooses. A button that brings its `asking` belongs to that one and to no other. One that
 * brings none, as an entry of a menu, chooses what it is named after, and so do words that are exactly an option.
 * @param live where the dialogue stands; undefined where it does not run
 * @param context of the dialogue
 * @returns undefined for a button whose question is over
 */
export function hearChoice(
  record: ConversationRecord | undefined,
  live: Snapshot | undefined,
  message: Message,
  context: object,
): Heard | undefined {
  const offers = record?.offers;
  if (message.type === 'message.action') {
    const { asking } = message;
    if (asking === undefined) return named(offers ?? offersOf(live, context), message, live);
    return asking === ''
      ? unnamed(record, live, message, context)
      : pressed(offers ?? [], live, message);
  }
  if (offers === undefined) return { message, scene: undefined };
  return { message, scene: { offers, ...spoken(offers, live, message) } };
}

/**
 * Has the question that offered what was chosen take it, before anybody else may: what was offered is an answer to it
 * and no command.
 * @returns undefined where no question offered it
 */
export function answer(
  engine: Engine,
  snapshot: Snapshot,
  data: object,
  { message, scene }: Heard,
  now: number,
): Step | undefined {
  const chosen = scene?.chosen;
  if (scene === undefined || chosen?.question === undefined) return undefined;
  const step = engine.step(snapshot, message, data, now, { ...scene, actor: chosen.actor });
  return step.handled ? step : undefined;
}

/** What a dialogue that starts anew finds: nothing that the one before waited for or offered. */
export function withoutDialogue(record: ConversationRecord, now: number): ConversationRecord {
  const nothing = { timers: NONE, services: NONE, offers: undefined, lastAsking: undefined };
  return { ...record, ...nothing, ...offeredAside(record, now) };
}

/** A button that names its asking. */
function pressed(
  offers: readonly Offer[],
  live: Snapshot | undefined,
  message: ActionMessage,
): Heard | undefined {
  const chosen = offers.find(({ asking }) => asking === message.asking);
  const option = chosen && optionOf(chosen, message);
  if (option === undefined || !isOpen(chosen as Offer, live)) return undefined;
  return { message: chosenBy(message, option), scene: { offers, chosen } };
}

/**
 * A button from before buttons named their asking. It counts where a conversation of that time waits for it: its
 * question offers it, or it was in what was said last.
 */
function unnamed(
  record: ConversationRecord | undefined,
  live: Snapshot | undefined,
  message: ActionMessage,
  context: object,
): Heard | undefined {
  if (record === undefined || record.offers !== undefined || live === undefined) return undefined;
  const { asking: _asking, ...rest } = message;
  const heard = named(offersOf(live, context), rest, live);
  if (heard.scene?.chosen !== undefined) return heard;
  const last = seenEntries(record.seen).at(-1)?.replies ?? [];
  const isFromThen = last.some(
    (reply) =>
      reply.type === 'choices' &&
      reply.asking === undefined &&
      optionOf(reply, message) !== undefined,
  );
  return isFromThen ? heard : undefined;
}

/** A button that nobody knows the asking of, as one of a menu. Only questions are chosen from by name. */
function named(
  offers: readonly Offer[],
  message: ActionMessage,
  live: Snapshot | undefined,
): Heard {
  const chosen = offers.findLast(
    (offer) => isOfQuestion(offer, live) && optionOf(offer, message) !== undefined,
  );
  const option = chosen && optionOf(chosen, message);
  return {
    message: option === undefined ? message : chosenBy(message, option),
    scene: { offers, chosen },
  };
}

/** What is offered in exactly these words. */
function spoken(
  offers: readonly Offer[],
  live: Snapshot | undefined,
  message: Message,
): Pick<Scene, 'chosen' | 'option'> | undefined {
  const text: unknown = message.type.startsWith('message.') ? textOf(message) : undefined;
  if (typeof text !== 'string' || text.length > LONGEST_OPTION) return undefined;
  const said = normalize(text);
  if (said === '') return undefined;
  const isSaid = ({ value, label = value }: ChoiceOption): boolean =>
    normalize(value) === said || normalize(label) === said;
  const chosen = offers.findLast(
    (offer) => isOfQuestion(offer, live) && offer.options.some(isSaid),
  );
  return chosen && { chosen, option: chosen.options.find(isSaid) };
}

function isOfQuestion(offer: Offer, live: Snapshot | undefined): boolean {
  return offer.question !== undefined && isOpen(offer, live);
}

/** By its value, or by its label where that is all that a channel knows. */
function optionOf(
  { options }: Pick<Offer, 'options'>,
  { value }: ActionMessage,
): ChoiceOption | undefined {
  return (
    options.find((option) => option.value === value) ??
    onlyOne(options.filter(({ label }) => label !== undefined && label.trim() === value.trim()))
  );
}

/** Two options that are called the same cannot be told apart. */
function onlyOne(options: readonly ChoiceOption[]): ChoiceOption | undefined {
  return options.length === 1 ? options[0] : undefined;
}

function chosenBy(message: ActionMessage, { value, label }: ChoiceOption): ActionMessage {
  return { ...message, value, ...(label !== undefined && { label }) };
}
