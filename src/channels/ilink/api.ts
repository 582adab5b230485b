import { randomBytes } from 'node:crypto';
import type { Fields } from '../../internal/fields.ts';
import { type ApiAnswer, type Fetch, postJson } from '../web-api.ts';
import type { ColloquyError } from '../../errors.ts';

/** What every call tells of the program beside the call itself; existing programs send this version of theirs. */
const CHANNEL_VERSION = '1.0.0';
/** Many long messages, each character of which is written as an escape. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

export interface IlinkApiOptions {
  readonly baseUrl: string;
  readonly token: string;
  readonly agent: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: Fetch;
}

/** Where and how a call is made. */
interface CallOptions {
  readonly signal: AbortSignal;
  /** What is thrown where no answer came. */
  readonly noAnswer?: (reason: string) => ColloquyError;
}

/** Calls iLink: `getupdates`, `sendmessage`, `getconfig` or `sendtyping`. */
export type IlinkCall = (
  method: string,
  parameters: Fields,
  options: CallOptions,
) => Promise<ApiAnswer>;

/**
 * The calls of iLink (https://github.com/Tencent/openclaw-weixin#backend-api-protocol): each is a POST of JSON with the
 * token of the login.
 */
export function createIlinkCall(options: IlinkApiOptions): IlinkCall {
  const { baseUrl, token, agent, headers, fetch } = options;
  return (method, parameters, { signal, noAnswer }) =>
    postJson(fetch, {
      channel: 'ilink',
      url: `${baseUrl}/ilink/bot/${method}`,
      headers: {
        ...headers,
        authorizationtype: 'ilink_bot_token',
        authorization: `Bearer ${token}`,
        'x-wechat-uin': randomUin(),
      },
      body: JSON.stringify({
        ...parameters,
        base_info: { channel_version: CHANNEL_VERSION, bot_agent: agent },
      }),
      signal,
      maxAnswerBytes: MAX_ANSWER_BYTES,
      ...(noAnswer && { noAnswer }),
    });
}

/** The number that iLink wants with each call: 32 random bits, in decimal digits, in Base64. */
function randomUin(): string {
  return Buffer.from(String(randomBytes(4).readUInt32BE())).toString('base64');
}
