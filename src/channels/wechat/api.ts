import type { DeliveryError } from '../../errors.ts';
import { fieldsOf, numberOf } from '../../internal/fields.ts';
import { type RefusalCode, refused } from '../refusal.ts';
import { type Fetch, postJson, whileWanted } from '../web-api.ts';
import type { TokenProvider } from './access-token.ts';
import { clean } from './envelope.ts';
import type { Elements } from './write.ts';

/** The interface of an account, for calls that need its access token. */
export interface Api {
  readonly channel: string;
  readonly baseUrl: string;
  readonly accessToken: TokenProvider;
  readonly fetch: Fetch;
}

/** The token is wrong, or at its end. */
const STALE_TOKEN: ReadonlySet<number> = new Set([40001, 40014, 42001]);

/**
 * What the numbers of an answer mean
 * (https://developers.weixin.qq.com/doc/offiaccount/Getting_Started/Global_Return_Code.html).
 */
const CODES: Readonly<Record<number, RefusalCode>> = {
  [-1]: 'unavailable',
  45009: 'rate_limited',
  45011: 'rate_limited',
  45015: 'push_closed',
  45047: 'push_closed',
  43004: 'not_subscribed',
  48001: 'not_authorized',
  40003: 'bad_openid',
  81013: 'bad_openid',
  45033: 'rate_limited',
  45002: 'too_long',
  45008: 'too_many_articles',
};

/**
 * Calls the interface with a token, and once again with the next one where it is refused.
 * @returns what it answered
 * @throws DeliveryError by the code of what it answered
 */
export async function callApi(
  api: Api,
  path: string,
  payload: Elements,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  // As text in UTF-8: WeChat refuses a body with `\u…` in it (40033).
  const body = JSON.stringify(clean(payload));
  const { channel, accessToken } = api;
  const call = { channel, signal };
  // The token is fetched for all who ask; that one of them waits no longer does not end it for the others.
  let token = await whileWanted(accessToken.get(), call);
  for (let isLast = false; ; isLast = true) {
    const { status, data } = await postJson(api.fetch, {
      ...call,
      url: `${api.baseUrl}${path}?access_token=${encodeURIComponent(token)}`,
      body,
    });
    const fields = fieldsOf(data);
    const errcode = numberOf(fields['errcode']);
    if (status < 300 && (errcode ?? 0) === 0 && data !== undefined) return fields;
    if (errcode === undefined || !STALE_TOKEN.has(errcode) || isLast) {
      throw refusalOf(channel, status, errcode);
    }
    token = await whileWanted(accessToken.renew(token), call);
  }
}

function refusalOf(channel: string, status: number, errcode: number | undefined): DeliveryError {
  let code: RefusalCode = 'reply_refused';
  if (errcode !== undefined && errcode !== 0) {
    code = STALE_TOKEN.has(errcode) ? 'stale_token' : (CODES[errcode] ?? code);
  } else if (status === 429) code = 'rate_limited';
  // An answer that is no JSON is a proxy's, or was cut.
  else if (status < 400 || status >= 500) code = 'unavailable';
  return refused({ channel, code, status, reason: errcode });
}
