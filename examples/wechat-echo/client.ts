import { createHash } from 'node:crypto';
import { XMLParser } from 'fast-xml-parser';

/** The side of WeChat: the address of the bot, and the token that both know. */
export interface Account {
  readonly url: string;
  readonly token: string;
}

const ACCOUNT_ID = 'gh_colloquy';
const parser = new XMLParser({ parseTagValue: false, trimValues: false });
let lastMessageId = 5_847_060_634_540_564_917n;

/** The body of a push from a user. Sent twice, it is the same message again. */
export function createPush(openid: string, fields: Readonly<Record<string, string>>): string {
  lastMessageId += 1n;
  const all = {
    ToUserName: ACCOUNT_ID,
    FromUserName: openid,
    CreateTime: String(Math.floor(Date.now() / 1000)),
    ...(fields['MsgType'] === 'event' ? {} : { MsgId: String(lastMessageId) }),
    ...fields,
  };
  const elements = Object.entries(all).map(
    ([name, value]) =>
      `<${name}><![CDATA[${value.replaceAll(']]>', ']]]]><![CDATA[>')}]]></${name}>`,
  );
  return `<xml>${elements.join('')}</xml>`;
}

export const createText = (openid: string, text: string): string =>
  createPush(openid, { MsgType: 'text', Content: text });

/** Sends a push as WeChat does, and returns what its user would read: nothing after `success`. */
export async function deliver(account: Account, push: string): Promise<string | undefined> {
  const response = await fetch(`${account.url}?${sign(account.token)}`, {
    method: 'POST',
    headers: { 'content-type': 'text/xml' },
    body: push,
  });
  const body = await response.text();
  if (response.status !== 200) throw new Error(`The bot answered ${response.status}.`);
  if (body === 'success') return undefined;
  const { xml } = parser.parse(body) as { xml?: { Content?: string } };
  if (xml?.Content === undefined) throw new Error('The bot answered neither success nor a text.');
  return xml.Content;
}

/** Asks for the proof that WeChat's console wants before it accepts a URL. */
export async function verifyUrl(account: Account, echostr: string): Promise<string> {
  const response = await fetch(`${account.url}?${sign(account.token)}&echostr=${echostr}`);
  return response.text();
}

function sign(token: string): string {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const nonce = String(Math.floor(Math.random() * 1e10));
  const values = [token, timestamp, nonce].toSorted().join('');
  const signature = createHash('sha1').update(values).digest('hex');
  return `signature=${signature}&timestamp=${timestamp}&nonce=${nonce}`;
}
