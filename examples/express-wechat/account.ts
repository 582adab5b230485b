import type { Clock } from 'colloquy';
import { accessTokens, wechat } from 'colloquy/channels/wechat';
import type { Environment } from '../serving.ts';

/** What an account in safe mode (安全模式) needs, as its console shows it. */
export const WECHAT_SETTINGS = {
  WECHAT_TOKEN: 'the Token of the server configuration (服务器配置)',
  WECHAT_AES_KEY: 'the EncodingAESKey beside it',
  WECHAT_APP_ID: 'the AppID of the account',
} as const;

/** With `WECHAT_SECRET` the account may push; without it, late replies wait for the user's next message. */
export function createAccount(
  { WECHAT_SECRET: secret, WECHAT_API: baseUrl }: Environment,
  settings: Readonly<Record<keyof typeof WECHAT_SETTINGS, string>>,
  { clock, prefix = '' }: { readonly clock: Clock; readonly prefix?: string },
): ReturnType<typeof wechat> {
  const appId = settings.WECHAT_APP_ID;
  return wechat({
    mode: 'safe',
    token: settings.WECHAT_TOKEN,
    encodingAESKey: settings.WECHAT_AES_KEY,
    appId,
    prefix,
    // One process fetches the access token here; several processes must share one, as the guide on deploying says.
    ...(secret && {
      push: { baseUrl, accessToken: accessTokens({ appId, secret, clock, baseUrl }) },
    }),
  });
}
