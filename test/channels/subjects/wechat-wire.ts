import type { PushCall, PushFault } from 'colloquy/testing';
import { type PushFields, parseXml } from '../../../src/channels/wechat/parse.ts';

/** What WeChat and WeCom have in common: formats, envelopes and an interface for pushes. */

export const utf8: InstanceType<typeof TextEncoder> = new TextEncoder();

export function isJson(body: string | Uint8Array): boolean {
  return (typeof body === 'string' ? body.charCodeAt(0) : body[0]) === 0x7b;
}

export function fieldsIn(body: string): PushFields {
  return isJson(body) ? (JSON.parse(body) as PushFields) : parseXml(utf8.encode(body));
}

/** The texts that a user sees of a message. */
export function textsIn(message: string): readonly string[] {
  const { Content: content } = fieldsIn(message);
  return typeof content === 'string' ? [content] : [];
}

interface About {
  /** The access token that the interface gives. */
  readonly token: string;
}

export function isTokenCall({ url }: PushCall): boolean {
  const { pathname } = new URL(url);
  return pathname === '/cgi-bin/token' || pathname === '/cgi-bin/gettoken';
}

/** The interface of WeChat or WeCom: an access token to each request for one, and this to all others. */
export function tokenOr(answer: object, { token }: About): (call: PushCall) => Response {
  return (call) =>
    Response.json(isTokenCall(call) ? { access_token: token, expires_in: 7200 } : answer);
}

/** A refusal by its number. What it says in words may hold anything, so here it holds a secret. */
export function faultOf(
  name: string,
  errcode: number,
  means: PushFault['means'],
  about: About,
): PushFault {
  return { name, answer: tokenOr({ errcode, errmsg: `refused ${about.token}` }, about), means };
}

export function textsOfCall({ body }: PushCall): readonly string[] {
  if (body === '') return [];
  const { text } = JSON.parse(body) as { text?: { content: string } };
  return text === undefined ? [] : [text.content];
}
