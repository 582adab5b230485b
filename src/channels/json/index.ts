import { type KeysOf, checkOptions, keyTable } from '../../internal/closed.ts';
import { createHash } from 'node:crypto';
import { type Clock, systemClock } from '../../clock.ts';
import { type DeliveryError, UsageError } from '../../errors.ts';
import type { Reply } from '../../reply.ts';
import type { Channel } from '../channel.ts';
import type { Answer, ChannelRequest, Reception } from '../reception.ts';
import { checkPrefix, checkSpan, isFresh } from '../fresh.ts';
import { parseJsonBody } from '../json-body.ts';
import { JSON_HEADERS, POST_ONLY, UNPROVEN, rejectBadBody } from '../receptions.ts';
import { type RefusalCode, refused, userOf } from '../refusal.ts';
import { toSecrets } from '../secrets.ts';
import { wellFormedJson } from '../text-parts.ts';
import { type ApiAnswer, type Fetch, postJson } from '../web-api.ts';
import { toInbound } from './message.ts';
import { SIGNATURE_HEADER, isBodySigned, parseSignature, signBody } from './signature.ts';

/** Options of `jsonWebhook()`: the secret of both sides, and where replies outside of an answer go. */
export interface JsonWebhookOptions<Event extends string = string> {
  /** What both sides sign with. Several while one takes over from another: each is taken, and the first one signs. */
  readonly secret: string | readonly string[];
  /** What its openids begin with; another one for each webhook on the same runner. Default `json:`. */
  readonly prefix?: string | undefined;
  /** How many milliseconds the signature may be older or newer than the arrival of a request. Default five minutes. */
  readonly freshMs?: number | undefined;
  /** How long the other side waits for an answer, in milliseconds. Default: long enough. */
  readonly answerMs?: number | undefined;
  /**
   * The events that the dialogue declares, as `event.paid`, which keep their fields. An event that neither the library
   * nor this list knows comes as `event.unknown`.
   */
  readonly events?: readonly (Event & `event.${string}`)[] | undefined;
  /** Where to send what is said outside of an answer. Without it, that waits for the user's next message. */
  readonly push?:
    | {
        /** The address that each reply is posted to. */
        readonly url: string;
        /** Default: that of the platform. */
        readonly fetch?: Fetch | undefined;
        /** For the time of signatures; the webhook's own. Default: that of the platform. */
        readonly clock?: Clock | undefined;
      }
    | undefined;
}

const KEYS = {
  ...keyTable('secret prefix freshMs answerMs events'),
  push: keyTable('url fetch clock'),
} satisfies KeysOf<JsonWebhookOptions>;

const ACKNOWLEDGE: Answer = { status: 200, headers: JSON_HEADERS, body: '{"replies":[]}' };
const DAY_MS = 86_400_000;
const MAX_BODY_BYTES = 512 * 1024;

/**
 * JSON for a platform without a channel here: a `POST` of `{ user, id, text }` or `{ user, id, message }`, proven by the
 * header `x-colloquy-signature`, is answered with `{ replies }`, the replies as the dialogue said them. What is said
 * outside of an answer is posted to `push.url` as `{ user, id, reply }`, signed the same way. A body may say who spoke,
 * `from: { id, name }`, where several people share a `user`.
 * @example
 * createWebhook(runner, jsonWebhook({ secret: 'shared', push: { url: 'https://app.example/replies' } }));
 * @typeParam Event the types of the events of the dialogue, `EventOf<typeof dialogue>['type']`: others do not compile
 * @throws UsageError `bad_secret`, `bad_prefix`, `bad_option`
 */
export function jsonWebhook<Event extends string = string>(
  options: JsonWebhookOptions<Event>,
): Channel {
  checkOptions('jsonWebhook()', options, KEYS);
  const { prefix = 'json:', freshMs = 300_000, answerMs, push } = options;
  const secrets = toSecrets('jsonWebhook', options.secret);
  checkPrefix(prefix, 'json:');
  checkSpan('freshMs', freshMs);
  if (answerMs !== undefined) checkSpan('answerMs', answerMs);
  const endpoint = { prefix, secrets, freshMs, events: new Set<string>(options.events) };

  return {
    name: 'json',
    prefix,
    limits: {
      maxBodyBytes: MAX_BODY_BYTES,
      redelivery: { withinMs: DAY_MS },
      ...(answerMs !== undefined && { answerMs }),
    },
    receive: async (request) =>
      request.method === 'POST' ? receiveSigned(request, endpoint) : POST_ONLY,
    ...(push && { push: createPush(prefix, secrets[0], push) }),
  };
}

interface Endpoint {
  readonly prefix: string;
  readonly secrets: readonly string[];
  readonly freshMs: number;
  readonly events: ReadonlySet<string>;
}

async function receiveSigned(
  { headers, receivedAt, readBody }: ChannelRequest,
  { prefix, secrets, freshMs, events }: Endpoint,
): Promise<Reception> {
  const signature = parseSignature(headers.get(SIGNATURE_HEADER));
  // Only what would be taken is worth reading a body for.
  if (signature === undefined || !isFresh(signature.signedAt, receivedAt, freshMs)) return UNPROVEN;
  const body = await readBody();
  if (!isBodySigned(signature, secrets, body)) return UNPROVEN;
  try {
    // What was signed, and not the header, which may hold other signatures as well.
    const signed = createHash('sha256').update(`${signature.seconds}.`).update(body);
    return {
      type: 'messages',
      messages: [toInbound(prefix, parseJsonBody(body), events, signed.digest('base64url'))],
      acknowledge: ACKNOWLEDGE,
      render: (replies) => ({
        answer: { ...ACKNOWLEDGE, body: wellFormedJson({ replies }) },
        unsent: [],
      }),
    };
  } catch (error) {
    return rejectBadBody(error);
  }
}

function createPush(
  prefix: string,
  secret: string,
  { url, fetch = globalThis.fetch, clock = systemClock }: NonNullable<JsonWebhookOptions['push']>,
): NonNullable<Channel['push']> {
  if (typeof url !== 'string' || !URL.canParse(url) || !/^https?:/.test(url)) {
    throw new UsageError('bad_option', '`push.url` is the http(s) address that replies go to.');
  }
  return async (openid: string, reply: Reply, { id, signal }) => {
    const user = userOf(prefix, openid, `${prefix}<user>`);
    const body = wellFormedJson({ user, id, reply });
    const answer = await postJson(fetch, {
      channel: 'json',
      url,
      headers: { [SIGNATURE_HEADER]: signBody(secret, body, clock.now()) },
      body,
      signal,
    });
    const refusal = refusalOf(answer);
    if (refusal) throw refusal;
  };
}

function refusalOf({ status, headers }: ApiAnswer): DeliveryError | undefined {
  if (status >= 200 && status < 300) return undefined;
  const retryAfter = headers.get('retry-after');
  return refused({ channel: 'json', code: codeOf(status), status, retryAfter });
}

function codeOf(status: number): RefusalCode {
  if (status === 429 || status === 408 || status === 425) return 'rate_limited';
  if (status >= 500) return 'unavailable';
  // The user is gone until they write again.
  return status === 410 ? 'push_closed' : 'reply_refused';
}
