import { type Fields, nameOf } from '../fields.ts';
import { unknownOpenid } from '../refusal.ts';

/**
 * Where a conversation takes place: in a direct message, or in a thread of a channel. Two people in one thread have two
 * conversations.
 */
export interface Address {
  readonly team: string;
  readonly channel: string;
  readonly thread?: string;
  readonly user: string;
}

/** `slack:<team>:<channel>:<user>`, with `.<thread>` behind the channel in a thread. */
export function toOpenid(prefix: string, { team, channel, thread, user }: Address): string {
  return `${prefix}${team}:${thread === undefined ? channel : `${channel}.${thread}`}:${user}`;
}

const ID = /^[A-Za-z0-9]{1,64}$/;
const MOMENT = /^\d{1,20}\.\d{1,10}$/;
const REST = /^(\w+):(\w+)(?:\.([\d.]+))?:(\w+)$/;

/** @throws DeliveryError `unknown_openid` */
export function toAddress(prefix: string, openid: string): Address {
  const [, team, channel, thread, user] =
    (openid.startsWith(prefix) && REST.exec(openid.slice(prefix.length))) || [];
  if (team !== undefined && channel !== undefined && user !== undefined) {
    return { team, channel, user, ...(thread !== undefined && { thread }) };
  }
  throw unknownOpenid(openid, `${prefix}<team>:<channel>:<user>`);
}

/**
 * The conversation of a user. What has no channel belongs to the direct messages with them, whose channel Slack also
 * knows by the user's id.
 * @param thread the thread, or the message that begins one; no matter in direct messages that are in none
 */
export function addressOf(place: {
  readonly team: unknown;
  readonly channel: unknown;
  readonly user: unknown;
  readonly thread?: unknown;
}): Address | undefined {
  const team = idOf(place.team);
  const user = idOf(place.user);
  const channel = place.channel === undefined ? user : idOf(place.channel);
  if (team === undefined || user === undefined || channel === undefined) return undefined;
  const thread = momentOf(place.thread);
  return { team, channel, user, ...(thread !== undefined && { thread }) };
}

/** Where a message and its answers stand together: its thread, and in a channel the one that it begins. */
export function threadOf(message: Fields, channel: unknown): string | undefined {
  const thread = momentOf(message['thread_ts']);
  return thread ?? (isDirect(channel) ? undefined : momentOf(message['ts']));
}

/** The ids of direct messages begin with a D (https://docs.slack.dev/reference/objects/conversation-object). */
function isDirect(channel: unknown): boolean {
  return typeof channel === 'string' && channel.startsWith('D');
}

function idOf(value: unknown): string | undefined {
  const name = nameOf(value);
  return name !== undefined && ID.test(name) ? name : undefined;
}

/** Slack numbers the messages of a channel by moments: `1355517523.000005`. */
export function momentOf(value: unknown): string | undefined {
  const name = nameOf(value);
  return name !== undefined && MOMENT.test(name) ? name : undefined;
}
