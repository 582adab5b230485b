import { type Message, type Person, isSpoken } from '../../message.ts';
import type { Inbound, Instead } from '../reception.ts';
import { type Fields, fieldsOf, given, nameOf } from '../../internal/fields.ts';
import type { Scope } from '../fresh.ts';
import {
  type SlackPlace,
  conversationAt,
  ephemeralAt,
  sharedChannelOf,
  toOpenid,
} from './address.ts';
import type { LastPlaces } from './last-places.ts';

/** What a channel hears with: the same for every kind of payload, so that they all find the same conversation. */
export interface SlackListener {
  readonly prefix: string;
  readonly scope: Scope;
  readonly whereabouts: LastPlaces;
}

export interface SlackInput {
  readonly place: SlackPlace;
  readonly from: Person;
  readonly message: Message;
  readonly id?: string | undefined;
  /** An address at which Slack takes answers to this payload for a while, also where the app is no member. */
  readonly responseUrl?: string | undefined;
  /** The channel of direct messages with the app itself, which others than those of two people are. */
  readonly home?: string | undefined;
}

/**
 * An ephemeral question is gone when its reader opens Slack again. So a message outside of threads that comes hours later does not answer it, but begins a thread.
 */
const PRIVATE_MS = 3_600_000;

/** The message as it goes to the conversation that it belongs to, with who said it. */
export function inboundOf(hearing: SlackListener, heard: SlackInput): Inbound {
  const { prefix, scope, whereabouts } = hearing;
  const { place, from, message, id, responseUrl, home } = heard;
  const openid = toOpenid(prefix, conversationAt(scope, place));
  const instead = insteadOf(hearing, place);
  if (isSpoken(message)) {
    for (const each of [openid, ...instead.map((other) => other.openid)]) {
      whereabouts.note(each, { home, thread: place.thread, responseUrl });
    }
  }
  return {
    openid,
    message: { ...message, from },
    ...(id !== undefined && { id }),
    ...(instead.length > 0 && { instead }),
  };
}

/**
 * - Direct messages had other openids once: one for each channel and thread. A conversation under such an openid continues.
 * - A message outside of threads answers what a slash command began, as long as that waits; else it begins a thread.
 * - A message in the thread of such an answer belongs to the same conversation.
 */
function insteadOf({ prefix, scope }: SlackListener, place: SlackPlace): readonly Instead[] {
  const { team, user, channel, thread, begins } = place;
  if (sharedChannelOf(place) === undefined) {
    if (channel === undefined) return [];
    const former = thread === undefined ? [undefined] : [thread, undefined];
    return former.map((each) => ({
      openid: toOpenid(prefix, { team, channel, user, ...given({ thread: each }) }),
      when: { is: 'kept' },
    }));
  }
  const own = ephemeralAt(scope, place);
  if (own === undefined) return [];
  const openid = toOpenid(prefix, own);
  if (thread !== undefined) {
    return [{ openid, when: { is: 'heard', ids: [thread, `${thread}:0`] } }];
  }
  if (begins === undefined) return [];
  return [{ openid, when: { is: 'active', withinMs: PRIVATE_MS } }];
}

/** A person, by what Slack tells of them in the payload: an id, or the whole user. */
export function slackPersonOf(id: string, ...told: readonly unknown[]): Person {
  for (const each of told) {
    const name = nameIn(fieldsOf(each));
    if (name !== undefined) return { id, name };
  }
  return { id };
}

/** People choose the first two themselves; `name` is what they log in with, and `username` the same in interactions. */
function nameIn(user: Fields): string | undefined {
  const profile = fieldsOf(user['profile']);
  return (
    nameOf(profile['display_name']) ??
    nameOf(user['display_name']) ??
    nameOf(profile['real_name']) ??
    nameOf(user['real_name']) ??
    nameOf(user['name']) ??
    nameOf(user['username'])
  );
}
