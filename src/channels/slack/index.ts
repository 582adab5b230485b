import { ColloquyError, UsageError } from '../../errors.ts';
import type { Answer, Channel, Reception } from '../channel.ts';
import { fieldsOf, nameOf } from '../fields.ts';
import { isFresh } from '../fresh.ts';
import { badBody, decodeUtf8, parseJson, parseJsonBody } from '../json-body.ts';
import { createPartSender } from '../part-sender.ts';
import { unsayable } from '../refusal.ts';
import { isSignedByOneOf, toMoment, toSecrets } from '../secrets.ts';
import { type Fetch, postJson, whileWanted } from '../web-api.ts';
import { toAddress } from './address.ts';
import { messagesOf } from './event.ts';
import { commandOf, interactionsOf } from './interaction.ts';
import { KINDS, TEXT_LIMIT, toPosts } from './posts.ts';
import { refusalOf } from './push.ts';

export interface SlackOptions {
  /** The app's signing secret. Several while one takes over from another. */
  readonly signingSecret: string | readonly string[];
  /** The bot token, `xoxb-…`, or what gives that of a workspace where the app is in several. */
  readonly token: string | ((team: string) => string | Promise<string>);
  /** What its openids begin with; another one for each app on the same runner. Default `slack:`. */
  readonly prefix?: string | undefined;
  /** Where the Web API is. Default `https://slack.com/api`. */
  readonly baseUrl?: string | undefined;
  /** Default: that of the platform. */
  readonly fetch?: Fetch | undefined;
}

/** Slack advises to refuse what is older (https://docs.slack.dev/authentication/verifying-requests-from-slack). */
const FRESH_MS = 300_000;
const MAX_CHALLENGE_LENGTH = 512;
const DAY_MS = 86_400_000;

/** Slack wants nothing in an answer; what is said is pushed. */
const ACKNOWLEDGE: Answer = { status: 200, body: '' };

/**
 * An app of Slack: the Events API, buttons, and slash commands, all at one address. A request is proven by its
 * signature over the body, no older or newer than five minutes. Slack takes no replies in an answer: all are pushed.
 *
 * A user's direct messages are one conversation; in a channel each thread is one, begun by the message that it hangs
 * on, and the app answers in it. A message that also mentions the app counts once. What bots write is acknowledged and
 * goes no further.
 * @throws UsageError `bad_secret`, `bad_token`, `bad_prefix`
 */
export function slack(options: SlackOptions): Channel {
  const { token, prefix = 'slack:', baseUrl = 'https://slack.com/api' } = options;
  const { fetch = globalThis.fetch } = options;
  const secrets = toSecrets('slack', options.signingSecret);
  if (typeof token !== 'function' && (typeof token !== 'string' || !/^[!-~]+$/.test(token))) {
    throw new UsageError(
      'bad_token',
      'slack() needs the bot token of the app, or a function that gives that of a workspace.',
    );
  }
  if (!/^[\w-]{1,64}:$/.test(prefix)) {
    throw new UsageError(
      'bad_prefix',
      '`prefix` is 1 to 64 letters, digits, `_` and `-`, and a colon: `slack:`.',
    );
  }
  const sender = createPartSender();

  return {
    name: 'slack',
    prefix,
    limits: {
      bodyTimeoutMs: 2000,
      answerMs: 3000,
      // At once, after a minute, after five; with delayed events on, every hour of a day.
      redelivery: { withinMs: DAY_MS },
      text: TEXT_LIMIT,
      kinds: KINDS,
    },
    async receive(request) {
      const { method, headers, receivedAt } = request;
      if (method !== 'POST') return { type: 'reject', status: 405, headers: { allow: 'POST' } };
      const timestamp = headers.get('x-slack-request-timestamp') ?? '';
      const signature = headers.get('x-slack-signature') ?? '';
      if (!isFresh(toMoment(timestamp), receivedAt, FRESH_MS) || !signature.startsWith('v0='))
        return UNPROVEN;
      const body = await request.readBody();
      const isProven = isSignedByOneOf(secrets, signature.slice(3), `v0:${timestamp}:`, body);
      return isProven ? receiveProven(prefix, body) : UNPROVEN;
    },
    async push(openid, reply, { id, signal }) {
      const { team, channel, thread } = toAddress(prefix, openid);
      const posts = toPosts(reply);
      if (typeof posts === 'string') throw unsayable('slack', posts);
      const bearer =
        typeof token === 'function'
          ? await whileWanted((async () => token(team))(), { channel: 'slack', signal })
          : token;
      const place = { channel, ...(thread !== undefined && { thread_ts: thread }) };
      await sender.send(
        id,
        posts.map((post) => async () => {
          const answer = await postJson(fetch, {
            channel: 'slack',
            url: `${baseUrl}/chat.postMessage`,
            headers: { authorization: `Bearer ${bearer}` },
            body: JSON.stringify({ ...post, ...place }),
            signal,
          });
          const refusal = refusalOf(answer);
          if (refusal) throw refusal;
        }),
      );
    },
  };
}

const UNPROVEN: Reception = { type: 'reject', status: 401 };

function receiveProven(prefix: string, body: Uint8Array): Reception {
  try {
    return isJson(body)
      ? receiveEvent(prefix, parseJsonBody(body))
      : receiveForm(prefix, new URLSearchParams(decodeUtf8(body)));
  } catch (error) {
    if (ColloquyError.is(error, 'bad_body')) return { type: 'reject', status: 400, error };
    throw error;
  }
}

const BRACE = 0x7b;

/** Events are JSON, all else is a form; neither can begin as the other does. */
function isJson(body: Uint8Array): boolean {
  return body[0] === BRACE;
}

function receiveEvent(prefix: string, body: unknown): Reception {
  const fields = fieldsOf(body);
  switch (fields['type']) {
    case 'url_verification': {
      const challenge = nameOf(fields['challenge']);
      if (challenge === undefined || challenge.length > MAX_CHALLENGE_LENGTH) {
        throw badBody('a challenge');
      }
      return { type: 'handshake', answer: { status: 200, headers: TEXT_HEADERS, body: challenge } };
    }
    case 'event_callback':
      return acknowledged(messagesOf(prefix, fields));
    default:
      // app_rate_limited, and what may come: nobody said anything.
      return acknowledged([]);
  }
}

const TEXT_HEADERS = {
  'content-type': 'text/plain; charset=utf-8',
  'x-content-type-options': 'nosniff',
};

function receiveForm(prefix: string, form: URLSearchParams): Reception {
  const payload = form.get('payload');
  if (payload !== null) {
    return acknowledged(interactionsOf(prefix, fieldsOf(parseJson(payload))));
  }
  if (form.has('command')) return acknowledged(commandOf(prefix, form));
  // Slack checks now and then whether an address of commands is there.
  if (form.has('ssl_check')) return acknowledged([]);
  throw badBody('an event, an interaction or a command of Slack');
}

function acknowledged(messages: ReturnType<typeof messagesOf>): Reception {
  return { type: 'messages', messages, acknowledge: ACKNOWLEDGE };
}
