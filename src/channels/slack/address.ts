import { type Fields, given, nameOf } from '../../internal/fields.ts';
import type { Scope } from '../fresh.ts';
import { unknownOpenid } from '../refusal.ts';

/**
 * Where a conversation takes place. Without a `user` it belongs to everybody in the channel or in the thread. In direct
 * messages the channel is the user.
 */
export interface SlackAddress {
  readonly team: string;
  readonly channel: string;
  readonly thread?: string;
  readonly user?: string;
}

/**
 * `slack:<team>:<channel>:<user>`, with `.<thread>` behind the channel in a thread, and without the user where the
 * conversation belongs to all.
 */
export function toOpenid(prefix: string, { team, channel, thread, user }: SlackAddress): string {
  const place = thread === undefined ? channel : `${channel}.${thread}`;
  return `${prefix}${team}:${place}${user === undefined ? '' : `:${user}`}`;
}

const ID = /^[A-Za-z0-9]{1,64}$/;
const MOMENT = /^\d{1,20}\.\d{1,10}$/;
const REST = /^(\w+):(\w+)(?:\.([\d.]+))?(?::(\w+))?$/;

/** @throws DeliveryError `unknown_openid` */
export function toAddress(prefix: string, openid: string): SlackAddress {
  const [, team, channel, thread, user] =
    (openid.startsWith(prefix) && REST.exec(openid.slice(prefix.length))) || [];
  if (team !== undefined && channel !== undefined) {
    return { team, channel, ...given({ thread, user }) };
  }
  throw unknownOpenid(openid, `${prefix}<team>:<channel>:<user>`);
}

/** Where a person did something, as a payload of Slack tells it. */
export interface SlackPlace {
  readonly team: string;
  readonly user: string;
  /** Absent where Slack names none: a member who joined the team, a form. */
  readonly channel?: string;
  /** The thread it was done in. */
  readonly thread?: string;
  /** A message outside of threads, which begins one. */
  readonly begins?: string;
}

/** The place that a payload names; undefined where it names no team or no user. */
export function toPlace(
  named: Readonly<Partial<Record<keyof SlackPlace, unknown>>>,
): SlackPlace | undefined {
  const team = slackIdOf(named.team);
  const user = slackIdOf(named.user);
  const channel = slackIdOf(named.channel);
  if (team === undefined || user === undefined) return undefined;
  if (channel === undefined && named.channel !== undefined) return undefined;
  const thread = momentOf(named.thread);
  const begins = momentOf(named.begins);
  return {
    team,
    user,
    ...given({ channel, thread, begins: begins === thread ? undefined : begins }),
  };
}

/**
 * The conversation that a place belongs to. Direct messages are one conversation with a person, in each of their channels and threads.
 */
export function conversationAt(scope: Scope, place: SlackPlace): SlackAddress {
  const { team, user, thread = place.begins } = place;
  const channel = sharedChannelOf(place);
  if (channel === undefined) return { team, channel: user, user };
  if (scope === 'chat') return { team, channel };
  if (thread === undefined) return { team, channel, user };
  return scope === 'thread' ? { team, channel, thread } : { team, channel, thread, user };
}

/**
 * What only this person sees in a channel, outside of threads: a slash command, the answers to it and their buttons.
 * Undefined in direct messages, and where the conversation belongs to all.
 */
export function ephemeralAt(scope: Scope, place: SlackPlace): SlackAddress | undefined {
  const { team, user } = place;
  const channel = sharedChannelOf(place);
  return scope === 'chat' || channel === undefined ? undefined : { team, channel, user };
}

/** The channel, where others are in it as well; undefined in direct messages. */
export function sharedChannelOf({ channel }: SlackPlace): string | undefined {
  return channel === undefined || isDirect(channel) ? undefined : channel;
}

/** The ids of direct messages begin with a D (https://docs.slack.dev/reference/objects/conversation-object). */
function isDirect(channel: string): boolean {
  return channel.startsWith('D');
}

/** Whether what is said at an address is for the eyes of one person in a channel where others are. */
export function isEphemeral({ channel, thread, user }: SlackAddress): boolean {
  return user !== undefined && thread === undefined && channel !== user && !isDirect(channel);
}

/** The thread that a message is in; undefined for one that others hang on. */
export function threadOf(message: Fields): string | undefined {
  const thread = momentOf(message['thread_ts']);
  return thread === momentOf(message['ts']) ? undefined : thread;
}

export function slackIdOf(value: unknown): string | undefined {
  const name = nameOf(value);
  return name !== undefined && ID.test(name) ? name : undefined;
}

/** Slack numbers the messages of a channel by moments: `1355517523.000005`. */
export function momentOf(value: unknown): string | undefined {
  const name = nameOf(value);
  return name !== undefined && MOMENT.test(name) ? name : undefined;
}
