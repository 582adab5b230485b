import type { Answer } from '../reception.ts';
import { isFresh } from '../fresh.ts';
import { JSON_HEADERS } from '../receptions.ts';
import { toMoment } from '../secrets.ts';
import type { Cipher } from './cipher.ts';
import type { PushFields } from './parse.ts';
import { isPayloadSigned, signValues, single } from './signature.ts';
import { type Content, type Elements, removeIllegalCharacters, writeXml } from './write.ts';

/** What an account sends, and therefore gets. */
export type Format = 'xml' | 'json';

/** Proves and opens what is encrypted. */
export interface PayloadKeys {
  /** The first one signs. */
  readonly tokens: readonly [string, ...string[]];
  readonly cipher: Cipher;
}

/**
 * Whether a query says that it was signed near enough to its arrival.
 * @param freshMs infinite where that does not matter
 */
export function isFreshQuery(query: URLSearchParams, receivedAt: number, freshMs: number): boolean {
  return freshMs === Infinity || isFresh(toMoment(single(query, 'timestamp')), receivedAt, freshMs);
}

/**
 * What is in an encrypted payload. The signature over it is verified before it is decrypted.
 * @returns undefined where the sender is not proven, or the payload is for another receiver
 */
export function openPayload(
  encrypted: unknown,
  query: URLSearchParams,
  { tokens, cipher }: PayloadKeys,
): Uint8Array | undefined {
  if (typeof encrypted !== 'string' || !isPayloadSigned(query, tokens, encrypted)) return undefined;
  return cipher.open(encrypted);
}

/** What an answer has to be wrapped in, for the request it answers. */
export interface Seal extends PayloadKeys {
  readonly query: URLSearchParams;
  /** Whether its names are in lower case, as those of WeCom in JSON are. */
  readonly isLower?: boolean;
  /** Epoch milliseconds. */
  readonly sentAt: number;
}

/** An answer of a message, encrypted where the request was. */
export function toAnswer(content: Elements, format: Format, seal: Seal | undefined): Answer {
  if (seal === undefined) return write(content, format);
  const { tokens, cipher, query, isLower = false, sentAt } = seal;
  const encrypted = cipher.seal(write(content, format).body);
  const timestamp = Math.floor(sentAt / 1000);
  const nonce = single(query, 'nonce') ?? '';
  const sealed = {
    Encrypt: encrypted,
    MsgSignature: signValues([tokens[0], String(timestamp), nonce, encrypted]),
    TimeStamp: timestamp,
    Nonce: nonce,
  };
  return write(isLower ? lowerCased(sealed) : sealed, format);
}

function lowerCased(elements: Elements): Elements {
  return Object.fromEntries(
    Object.entries(elements).map(([name, content]) => [name.toLowerCase(), content]),
  );
}

function write(content: Elements, format: Format): Answer {
  return format === 'json'
    ? { status: 200, headers: JSON_HEADERS, body: JSON.stringify(clean(content)) }
    : { status: 200, headers: XML_HEADERS, body: writeXml({ xml: content }) };
}

const XML_HEADERS = { 'content-type': 'application/xml; charset=utf-8' };

/** Without the characters of which JSON would make `\u…`, which WeChat does not read. */
export function clean<T extends Content | undefined>(content: T): T {
  if (typeof content === 'string') return removeIllegalCharacters(content) as T;
  if (typeof content !== 'object') return content;
  if (Array.isArray(content)) return content.map((item: Content) => clean(item)) as unknown as T;
  return Object.fromEntries(
    Object.entries(content as Elements).map(([name, value]) => [name, clean(value)]),
  ) as T;
}

/** The encrypted payload of an envelope, by either of its names. */
export function encryptedOf(fields: PushFields): unknown {
  return fields['Encrypt'] ?? fields['encrypt'];
}
