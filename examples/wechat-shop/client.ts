import { createCipheriv, createDecipheriv, createHash, randomBytes, randomInt } from 'node:crypto';
import { XMLParser } from 'fast-xml-parser';

/** The side of WeChat: the address of the bot, and the keys that both know. */
export interface Account {
  readonly url: string;
  readonly token: string;
  readonly encodingAESKey: string;
  readonly appId: string;
}

export type Fields = Readonly<Record<string, string>>;

const parser = new XMLParser({ parseTagValue: false, trimValues: false });
let lastMessageId = 24_000_000_000_000_000n;

/** The body of a push from a user, before encryption. Delivered twice, it is the same message. */
export function createPush(openid: string, fields: Fields): string {
  lastMessageId += 1n;
  return toXml({
    ToUserName: 'gh_colloquy',
    FromUserName: openid,
    CreateTime: String(Math.floor(Date.now() / 1000)),
    ...(fields['MsgType'] === 'event' ? {} : { MsgId: String(lastMessageId) }),
    ...fields,
  });
}

export const createText = (openid: string, text: string): string =>
  createPush(openid, { MsgType: 'text', Content: text });

/**
 * Encrypts, signs and sends a push as WeChat does in safe mode, and returns the text that its user would read: none
 * after `success`.
 */
export async function deliver(account: Account, push: string): Promise<string | undefined> {
  const { encodingAESKey, appId, token } = account;
  const encrypted = encrypt(encodingAESKey, push, appId);
  const response = await fetch(`${account.url}?${sign(token, encrypted)}`, {
    method: 'POST',
    headers: { 'content-type': 'text/xml' },
    body: toXml({ ToUserName: 'gh_colloquy', Encrypt: encrypted }),
  });
  const body = await response.text();
  if (response.status !== 200) throw new Error(`The bot answered ${response.status}.`);
  if (body === 'success') return undefined;
  const envelope = fromXml(body);
  const { Encrypt: answer = '', TimeStamp: timestamp = '', Nonce: nonce = '' } = envelope;
  if (digest([token, timestamp, nonce, answer]) !== envelope['MsgSignature']) {
    throw new Error('The answer is not signed by the bot.');
  }
  return fromXml(decrypt(encodingAESKey, answer, appId))['Content'];
}

/** Asks for the proof that WeChat's console wants before it accepts a URL. */
export async function verifyUrl(account: Account, echostr: string): Promise<string> {
  const response = await fetch(`${account.url}?${sign(account.token)}&echostr=${echostr}`);
  return response.text();
}

/** The query of a request, with its signature, and a second signature that includes the encrypted text. */
function sign(token: string, encrypted?: string): string {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const nonce = String(randomInt(1e9));
  const query = { signature: digest([token, timestamp, nonce]), timestamp, nonce };
  if (encrypted === undefined) return new URLSearchParams(query).toString();
  return new URLSearchParams({
    ...query,
    encrypt_type: 'aes',
    msg_signature: digest([token, timestamp, nonce, encrypted]),
  }).toString();
}

const digest = (values: readonly string[]): string =>
  createHash('sha1').update(values.toSorted().join('')).digest('hex');

// AES-256-CBC over 16 random bytes, the length, the text and the AppID, padded to 32 bytes; the key begins with the IV.

function encrypt(encodingAESKey: string, text: string, appId: string): string {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(text));
  const parts = [randomBytes(16), length, Buffer.from(text), Buffer.from(appId)];
  const padding = 32 - (Buffer.concat(parts).length % 32);
  const key = Buffer.from(`${encodingAESKey}=`, 'base64');
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const content = Buffer.concat([...parts, Buffer.alloc(padding, padding)]);
  return Buffer.concat([cipher.update(content), cipher.final()]).toString('base64');
}

function decrypt(encodingAESKey: string, encrypted: string, appId: string): string {
  const key = Buffer.from(`${encodingAESKey}=`, 'base64');
  const cipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const content = Buffer.concat([cipher.update(encrypted, 'base64'), cipher.final()]);
  const end = content.length - (content.at(-1) ?? 0);
  const textEnd = 20 + content.readUInt32BE(16);
  if (content.subarray(textEnd, end).toString() !== appId) {
    throw new Error('The answer is for another account.');
  }
  return content.subarray(20, textEnd).toString();
}

function toXml(fields: Fields): string {
  const elements = Object.entries(fields).map(
    ([name, value]) =>
      `<${name}><![CDATA[${value.replaceAll(']]>', ']]]]><![CDATA[>')}]]></${name}>`,
  );
  return `<xml>${elements.join('')}</xml>`;
}

const fromXml = (text: string): Fields => (parser.parse(text) as { xml: Fields }).xml;
