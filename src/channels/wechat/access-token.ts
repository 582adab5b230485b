import { type KeysOf, checkOptions, keyTable } from '../../internal/closed.ts';
import { type Clock, systemClock } from '../../clock.ts';
import { DeliveryError, UsageError } from '../../errors.ts';
import { fieldsOf, nameOf, numberOf } from '../../internal/fields.ts';

/** As `fetch` of the platform. */
export type TokenFetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Gives the access token of an account. Fetching one ends the former, so all processes of an account have to share one
 * provider: this one in a single process, elsewhere an object of your own with these two methods.
 */
export interface TokenProvider {
  /**
   * The current token.
   * @throws DeliveryError `no_token`, retryable
   */
  get(): Promise<string>;
  /** Another one than `old`, which the platform refused. */
  renew(old: string): Promise<string>;
}

export interface TokenOptions {
  /** The AppSecret of the account, or the Secret of the application. */
  readonly secret: string;
  /**
   * Where the interface of the platform is. Default: `https://api.weixin.qq.com`, for WeCom `https://qyapi.weixin.qq.com`.
   */
  readonly baseUrl?: string | undefined;
  /** Default: that of the platform. */
  readonly fetch?: TokenFetch | undefined;
  /** The clock by which tokens end. Default: the system clock. */
  readonly clock?: Clock | undefined;
}

/** Options of `accessTokens()`: the account and its secret. */
export interface AccessTokenOptions extends TokenOptions {
  /** The AppID of the account. */
  readonly appId: string;
}

const KEYS = keyTable('appId secret baseUrl fetch clock') satisfies KeysOf<AccessTokenOptions>;

/** Where a token comes from, and for which channel. */
interface TokenSource extends Pick<TokenOptions, 'fetch' | 'clock'> {
  readonly channel: string;
  readonly url: string;
}

export const WECHAT_API = 'https://api.weixin.qq.com';

/** The former token still works for about five minutes after the next was made. */
const EARLY_MS = 300_000;
const LONGEST_FETCH_MS = 10_000;

/**
 * The access token of a WeChat account: fetched once for all who ask, and again five minutes before its end.
 * @throws UsageError `bad_app_id`, `bad_secret`
 */
export function accessTokens(options: AccessTokenOptions): TokenProvider {
  checkOptions('accessTokens()', options, KEYS);
  const { appId, secret, baseUrl = WECHAT_API, ...rest } = options;
  checkGiven('accessTokens', { appId, secret });
  const query = new URLSearchParams({ grant_type: 'client_credential', appid: appId, secret });
  const url = `${baseUrl}/cgi-bin/token?${query.toString()}`;
  return createTokens({ ...rest, channel: 'wechat', url });
}

/**
 * That an account is named and has a secret: where one of them is missing, no token will ever come.
 * @throws UsageError `bad_app_id` or `bad_secret`, without a character of it
 */
export function checkGiven(
  owner: string,
  { secret, ...ids }: { readonly secret: string } & Readonly<Record<string, string>>,
): void {
  for (const [name, value] of Object.entries({ ...ids, secret })) {
    if (typeof value === 'string' && value !== '') continue;
    const code = name === 'secret' ? 'bad_secret' : 'bad_app_id';
    throw new UsageError(code, `${owner}() needs \`${name}\` as the console shows it.`);
  }
}

export function createTokens(source: TokenSource): TokenProvider {
  const { clock = systemClock } = source;
  let current: { readonly token: string; readonly until: number } | undefined;
  let fetching: Promise<string> | undefined;

  async function fetchNext(): Promise<string> {
    try {
      const { token, expiresMs } = await fetchToken(source);
      current = { token, until: clock.now() + Math.max(expiresMs - EARLY_MS, expiresMs / 2) };
      return token;
    } finally {
      fetching = undefined;
    }
  }

  const provider: TokenProvider = {
    async get() {
      if (current !== undefined && clock.now() < current.until) return current.token;
      return (fetching ??= fetchNext());
    },
    async renew(old) {
      // After another call was refused, the next token is there already.
      if (current?.token === old) current = undefined;
      return provider.get();
    },
  };
  return provider;
}

async function fetchToken({
  channel,
  url,
  fetch = globalThis.fetch,
  clock = systemClock,
}: TokenSource): Promise<{ readonly token: string; readonly expiresMs: number }> {
  const limit = new AbortController();
  const cancel = clock.wake(clock.now() + LONGEST_FETCH_MS, () => limit.abort());
  let reason: number | undefined;
  try {
    const response = await fetch(url, { signal: limit.signal, redirect: 'manual' });
    const data = fieldsOf(await response.json());
    const token = nameOf(data['access_token']);
    if (token !== undefined)
      return { token, expiresMs: (numberOf(data['expires_in']) ?? 0) * 1000 };
    reason = numberOf(data['errcode']);
  } catch {
    // What fetch throws may hold the address, and the secret in it.
  } finally {
    cancel();
  }
  const why = reason === undefined ? 'no answer' : `error ${reason}`;
  throw new DeliveryError(
    'no_token',
    `${channel} gave no access token (${why}), so a reply could not be pushed. Compare the id and the secret with the console, and the list of addresses that may ask for tokens; it is tried again.`,
    { retryable: true, details: { channel, ...(reason !== undefined && { reason }) } },
  );
}
