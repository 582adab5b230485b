import { signValues } from '../../../src/channels/wechat/signature.ts';

export const TOKEN = 'MY_WECHAT_TOKEN';

export function signedQuery(token = TOKEN, timestamp = '1714036504', nonce = '1514711492'): string {
  return `signature=${signValues([token, timestamp, nonce])}&timestamp=${timestamp}&nonce=${nonce}`;
}

/** A signed push as WeChat would send it; `init` and `query` spoil it. */
export function push(body: NonNullable<RequestInit['body']>, query = signedQuery()): Request {
  return new Request(`http://bot.example/wechat?${query}`, {
    method: 'POST',
    headers: { 'content-type': 'text/xml' },
    body,
    duplex: 'half',
  });
}

/** The XML of a push: the common fields, and more of them or other values for them. `undefined` leaves one out. */
export function xml(fields: Readonly<Record<string, string | undefined>> = {}): string {
  const all = {
    ToUserName: 'gh_account',
    FromUserName: 'openid-1',
    CreateTime: '1714036504',
    MsgType: 'text',
    Content: 'hi',
    MsgId: '5847060634540564918',
    ...fields,
  };
  const elements = Object.entries(all).map(([name, value]) =>
    value === undefined ? '' : `<${name}><![CDATA[${value}]]></${name}>`,
  );
  return `<xml>${elements.join('')}</xml>`;
}

export function event(
  name: string,
  fields: Readonly<Record<string, string | undefined>> = {},
): string {
  return xml({ MsgType: 'event', Event: name, Content: undefined, MsgId: undefined, ...fields });
}
