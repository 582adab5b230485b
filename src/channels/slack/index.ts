import { type KeysOf, checkOptions, keyTable } from '../../internal/closed.ts';
import { UsageError } from '../../errors.ts';
import type { Reply } from '../../reply.ts';
import type { AsideOptions, Channel, ChannelBase, PushOptions, SourceChannel } from '../channel.ts';
import type { ChannelRequest, Reception } from '../reception.ts';
import type { Fields } from '../../internal/fields.ts';
import { SCOPES, type Scope, checkPrefix, isFresh } from '../fresh.ts';
import { createPartSender } from '../part-sender.ts';
import { POST_ONLY, UNPROVEN } from '../receptions.ts';
import { unsayable } from '../refusal.ts';
import { isSignedByOneOf, toMoment, toSecrets } from '../secrets.ts';
import { type Fetch, postJson, whileWanted } from '../web-api.ts';
import { type SlackAddress, isEphemeral, slackIdOf, toAddress } from './address.ts';
import type { SlackListener } from './inbound.ts';
import { DraftMessages } from './drafts.ts';
import type { SlackCall } from './push.ts';
import { messageNamed } from './message-id.ts';
import { KINDS, TEXT_LIMIT, postFor, toPosts } from './posts.ts';
import { change, isOutside, refusalOf } from './push.ts';
import { LastPlaces } from './last-places.ts';
import { readEnvelope } from './envelope.ts';
import { type WebSocketClass, webSocketOf } from './socket.ts';
import { createSocketMode } from './socket-mode.ts';
import { receiveProven } from './proven-body.ts';

export type { Scope } from '../fresh.ts';
export type { WebSocketClass } from './socket.ts';

/** Options of `slack()`: the secret and the token of the app, and whose a conversation is. */
export interface SlackOptions {
  /**
   * The app's signing secret. Several while one takes over from another. Left out beside an `appToken`, the channel takes no
   * requests: it is one for `createSource`.
   */
  readonly signingSecret?: string | readonly string[];
  /** The app-level token, `xapp-…`, with the scope `connections:write`: `createSource` asks for events by Socket Mode. */
  readonly appToken?: string;
  /** The bot token, `xoxb-…`, or what gives that of a workspace where the app is in several. */
  readonly token: string | ((team: string) => string | Promise<string>);
  /** What its openids begin with; another one for each app on the same runner. Default `slack:`. */
  readonly prefix?: string | undefined;
  /**
   * Whose a conversation is in a channel. `user`, the default: each person has one in each thread, and one for their slash
   * commands. `thread`: all in a thread share one; slash commands are each person's. `chat`: all in the channel share one, in
   * all its threads. Direct messages are always one conversation with a person.
   */
  readonly scope?: Scope | undefined;
  /** Where the Web API is. Default `https://slack.com/api`. */
  readonly baseUrl?: string | undefined;
  /** Default: that of the platform. */
  readonly fetch?: Fetch | undefined;
  /** For Socket Mode. Default: that of the platform, which Node.js has from version 22 on; before, take that of the package ws. */
  readonly WebSocket?: WebSocketClass | undefined;
}

const KEYS = keyTable(
  'signingSecret appToken token prefix scope baseUrl fetch WebSocket',
) satisfies KeysOf<SlackOptions>;

/** Slack advises to refuse what is older (https://docs.slack.dev/authentication/verifying-requests-from-slack). */
const FRESH_MS = 300_000;
/**
 * A text of 40 000 characters in a message and again in its blocks, with each character written as an escape, fits into it.
 */
const MAX_BODY_BYTES = 512 * 1024;
const DAY_MS = 86_400_000;
/** A workspace may have about fifty changed messages in a minute (https://docs.slack.dev/reference/methods/chat.update). */
const DRAFT_MS = 2000;

/**
 * An app of Slack: the Events API, buttons, and slash commands. With an `appToken`, `createSource` asks Slack for all of it by
 * Socket Mode. With a `signingSecret`, `createWebhook` takes it at one address; a request is proven by its signature over the body, no older or newer than five minutes. Slack takes no replies in an answer: all are pushed.
 *
 * A user's direct messages are one conversation, in all threads; in a channel each thread is one, begun by its first message,
 * and the app answers in it. Only the user of a slash command sees the answer, and continues with buttons, or with a message
 * in the channel. A message that also mentions the app counts once. What bots write is acknowledged and goes no further.
 * @example
 * createWebhook(runner, slack({ signingSecret: 'secretOfTheApp', token: 'xoxb-1' }));
 * @throws UsageError `bad_secret`, `bad_token`, `bad_prefix`, `bad_option`
 */
export function slack(
  options: SlackOptions & Pick<Required<SlackOptions>, 'signingSecret' | 'appToken'>,
): Channel & SourceChannel;
export function slack(
  options: SlackOptions & Pick<Required<SlackOptions>, 'signingSecret'>,
): Channel;
export function slack(
  options: SlackOptions &
    Pick<Required<SlackOptions>, 'appToken'> & { readonly signingSecret?: never },
): SourceChannel;
export function slack(options: SlackOptions): ChannelBase & Partial<Channel> {
  checkOptions('slack()', options, KEYS);
  const { token, prefix = 'slack:', baseUrl = 'https://slack.com/api', scope = 'user' } = options;
  const { fetch = globalThis.fetch } = options;
  const { appToken } = options;
  const secrets =
    'signingSecret' in options || appToken === undefined
      ? toSecrets('slack', options.signingSecret ?? '')
      : undefined;
  if (appToken !== undefined && !/^xapp-[!-~]+$/.test(appToken)) {
    throw new UsageError(
      'bad_token',
      '`appToken` of slack() is the app-level token of the app, which begins with xapp-.',
    );
  }
  if (typeof token !== 'function' && (typeof token !== 'string' || !/^[!-~]+$/.test(token))) {
    throw new UsageError(
      'bad_token',
      'slack() needs the bot token of the app, or a function that gives that of a workspace.',
    );
  }
  checkPrefix(prefix, 'slack:');
  if (!SCOPES.has(scope)) {
    throw new UsageError(
      'bad_option',
      "`scope` says whose a conversation is in a channel: 'user', 'chat' or 'thread'.",
    );
  }
  const sendParts = createPartSender();
  const whereabouts = new LastPlaces();
  const drafts = new DraftMessages();
  const hearing: SlackListener = { prefix, scope, whereabouts };

  /** Where Slack takes what is said to a conversation, and what it wants to know of the place. */
  function routeTo(
    openid: string,
    address: SlackAddress,
  ): { readonly method: string; readonly place: Fields } {
    const { channel, user } = address;
    if (isEphemeral(address)) return { method: 'chat.postEphemeral', place: { channel, user } };
    const known = whereabouts.of(openid);
    const thread = address.thread ?? known.thread;
    return {
      method: 'chat.postMessage',
      // By the id of the user, Slack finds the direct messages with the app as well.
      place: {
        channel: channel === user ? (known.home ?? channel) : channel,
        ...(thread !== undefined && { thread_ts: thread }),
      },
    };
  }

  /** @param signal ends the wait for the token */
  async function callerFor(team: string, signal: AbortSignal): Promise<SlackCall> {
    const bearer =
      typeof token === 'function'
        ? await whileWanted((async () => token(team))(), { channel: 'slack', signal })
        : token;
    return (method, body, until) =>
      postJson(fetch, {
        channel: 'slack',
        url: `${baseUrl}/${method}`,
        headers: { authorization: `Bearer ${bearer}` },
        body: JSON.stringify(body),
        signal: until,
      });
  }

  async function say(openid: string, reply: Reply, { id, signal }: PushOptions): Promise<void> {
    const address = toAddress(prefix, openid);
    const posts = toPosts(reply);
    if (typeof posts === 'string') throw unsayable('slack', posts);
    const { team, user } = address;
    const call = await callerFor(team, signal);
    const { method, place } = routeTo(openid, address);
    const owner = reply.type === 'choices' ? user : undefined;
    const pressed = messageNamed('replaces' in reply ? reply.replaces : undefined);
    await sendParts(
      id,
      posts.map((post, index) => async () => {
        const said = postFor(owner, post);
        // What only a post takes cannot become of a draft.
        const inPlace = reply.type === 'raw' || pressed !== undefined ? undefined : said;
        const isSaid =
          index === 0 &&
          ((await drafts.replace(openid, { id, said: inPlace, call, signal })) ||
            (pressed !== undefined && (await change(pressed, said, { call, signal }))));
        if (isSaid) return;
        const answer = await call(method, { ...said, ...place }, signal);
        const refusal = refusalOf(answer);
        if (refusal === undefined) return;
        // Commands can be given where the app is no member; Slack takes the answers to them elsewhere.
        const url =
          isEphemeral(address) && isOutside(answer) ? whereabouts.useUrlOf(openid) : undefined;
        if (url === undefined) throw refusal;
        const { status } = await postJson(fetch, {
          channel: 'slack',
          url,
          body: JSON.stringify({ ...said, response_type: 'ephemeral', replace_original: false }),
          signal,
        });
        if (status >= 300) throw refusal;
      }),
    );
  }

  /** Says something that one person sees, where the others of the channel or the thread are. */
  async function whisper(
    openid: string,
    reply: Reply,
    { id, signal, to }: AsideOptions,
  ): Promise<void> {
    const address = toAddress(prefix, openid);
    const posts = toPosts(reply);
    if (typeof posts === 'string') throw unsayable('slack', posts);
    const call = await callerFor(address.team, signal);
    const place = { ...routeTo(openid, address).place, user: to };
    const owner = reply.type === 'choices' ? to : undefined;
    await sendParts(
      id,
      posts.map((post) => async () => {
        const said = { ...postFor(owner, post), ...place };
        const refusal = refusalOf(await call('chat.postEphemeral', said, signal));
        if (refusal !== undefined) throw refusal;
      }),
    );
  }

  /** What a user says below a draft ends it. */
  function overtaken<T extends Reception>(reception: T): T {
    if (reception.type === 'messages') {
      for (const each of reception.messages) drafts.overtake(each.openid);
    }
    return reception;
  }

  return {
    name: 'slack',
    prefix,
    limits: {
      maxBodyBytes: MAX_BODY_BYTES,
      bodyTimeoutMs: 2000,
      answerMs: 3000,
      // At once, after a minute, after five; with delayed events on, every hour of a day.
      redelivery: { withinMs: DAY_MS },
      text: TEXT_LIMIT,
      kinds: KINDS,
      draftMs: DRAFT_MS,
    },
    ...(secrets && {
      async receive(request: ChannelRequest) {
        const { method, headers, receivedAt } = request;
        if (method !== 'POST') return POST_ONLY;
        const timestamp = headers.get('x-slack-request-timestamp') ?? '';
        const signature = headers.get('x-slack-signature') ?? '';
        if (!isFresh(toMoment(timestamp), receivedAt, FRESH_MS) || !signature.startsWith('v0='))
          return UNPROVEN;
        const body = await request.readBody();
        const isProven = isSignedByOneOf(secrets, signature.slice(3), `v0:${timestamp}:`, body);
        if (!isProven) return UNPROVEN;
        return overtaken(receiveProven(hearing, body));
      },
    }),
    ...(appToken !== undefined && {
      source: createSocketMode({
        baseUrl,
        fetch,
        appToken,
        WebSocket: webSocketOf(options.WebSocket),
        maxLength: MAX_BODY_BYTES,
        read: (type, payload) => overtaken(readEnvelope(hearing, type, payload)),
      }),
    }),
    // One message in a second in a channel (https://docs.slack.dev/apis/web-api/rate-limits). Bursts may be lost.
    pace(openid, reply) {
      const { team, channel } = toAddress(prefix, openid);
      const posts = toPosts(reply);
      const cost = typeof posts === 'string' ? 1 : posts.length;
      return [{ key: `${team}:${channel}`, count: 1, perMs: 1000, cost }];
    },
    push: (openid, reply, options) => say(openid, reply, options),
    async aside(openid, reply, { to, ...options }) {
      const address = toAddress(prefix, openid);
      const isAlone = address.channel === address.user || isEphemeral(address);
      if (isAlone && address.user === to) return say(openid, reply, options);
      if (isAlone || slackIdOf(to) === undefined) throw unsayable('slack', 'not_a_member');
      await whisper(openid, reply, { to, ...options });
    },
    async draft(openid, { text, signal }) {
      const address = toAddress(prefix, openid);
      // What only one person sees cannot be changed.
      if (isEphemeral(address)) return;
      const call = await callerFor(address.team, signal);
      const { place } = routeTo(openid, address);
      await drafts.show(openid, text, { call, place, signal });
    },
  };
}
