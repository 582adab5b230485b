import { ColloquyError, UsageError } from '../../errors.ts';
import type { Answer, Channel, Reception, Rejection } from '../channel.ts';
import { type Push, toPush } from './message.ts';
import { parseXml } from './parse.ts';
import { type Envelope, renderReplies } from './render.ts';
import { isSigned, single } from './signature.ts';

export interface WechatOptions {
  /** The Token of the account's message push settings. */
  readonly token: string;
  /** How the account sends: configured here as in the console, and never decided by a request. */
  readonly mode?: 'plaintext';
}

/** WeChat waits five seconds for an answer. */
const LIMITS = { maxBodyBytes: 1024 * 1024, bodyTimeoutMs: 3000 };
const MAX_ECHO_LENGTH = 256;

const ACKNOWLEDGE: Answer = {
  status: 200,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: 'success',
};

/**
 * WeChat Official Accounts (公众号, 服务号), XML in plaintext mode: URL verification, pushes and passive replies of every
 * kind. One answer holds one message, a text of at most 2048 bytes or one of another kind: the texts that a turn begins
 * with are merged, and what does not fit is reported. A handoff goes before everything else.
 * @throws UsageError `bad_token`, `bad_mode`
 */
export function wechat(options: WechatOptions): Channel {
  const { token, mode = 'plaintext' } = options;
  if (typeof token !== 'string' || token === '') {
    throw new UsageError(
      'bad_token',
      `wechat() needs the token of the account's message push settings as a non-empty string; it got ${token === '' ? 'an empty string' : `a value of type ${typeof token}`}.`,
    );
  }
  if (mode !== 'plaintext') {
    throw new UsageError(
      'bad_mode',
      "wechat() speaks the mode 'plaintext' only. Set the account to 明文模式 in the console.",
    );
  }

  return {
    name: 'wechat',
    prefix: '',
    limits: LIMITS,
    async receive(request) {
      const { method, url } = request;
      if (method !== 'GET' && method !== 'POST') return METHOD_NOT_ALLOWED;
      if (!isSigned(url.searchParams, token)) return { type: 'reject', status: 403 };
      return method === 'GET' ? verifyUrl(url.searchParams) : receivePush(await request.readBody());
    },
  };
}

const METHOD_NOT_ALLOWED: Rejection = {
  type: 'reject',
  status: 405,
  headers: { allow: 'GET, POST' },
};

/** The console checks a URL by a signed GET that wants its `echostr` back. */
function verifyUrl(query: URLSearchParams): Reception {
  if (!query.has('echostr')) return METHOD_NOT_ALLOWED;
  const echo = single(query, 'echostr');
  if (!echo || echo.length > MAX_ECHO_LENGTH) return { type: 'reject', status: 400 };
  return {
    type: 'handshake',
    answer: {
      status: 200,
      headers: {
        'content-type': 'text/plain; charset=utf-8',
        'x-content-type-options': 'nosniff',
      },
      body: echo,
    },
  };
}

function receivePush(body: Uint8Array): Reception {
  try {
    const push = toPush(parseXml(body), body);
    const { openid, message, id, answerable } = push;
    return {
      type: 'messages',
      messages: [{ openid, message, id }],
      acknowledge: ACKNOWLEDGE,
      render: (replies, sentAt) =>
        answerable
          ? renderReplies(replies, envelopeOf(push, sentAt))
          : { unsent: replies.map((_, index) => ({ index, reason: 'nobody_to_answer' })) },
    };
  } catch (error) {
    if (ColloquyError.is(error, 'bad_body')) return { type: 'reject', status: 400, error };
    throw error;
  }
}

function envelopeOf({ openid, account, maxArticles }: Push, sentAt: number): Envelope {
  return { to: openid, from: account, sentAt, maxArticles };
}
