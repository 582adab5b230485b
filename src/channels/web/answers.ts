import { ColloquyError } from '../../errors.ts';
import { JSON_HEADERS } from '../receptions.ts';
import { wellFormedJson } from '../text-parts.ts';
import type { ChatAnswer, ChatError, ChatWelcome } from './protocol.ts';

/** Of every answer: nothing in it is for a cache, or to be taken for a page. */
const PRIVATE = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;

const STATUSES: Readonly<Record<ChatError['error'], number>> = {
  bad_request: 400,
  no_session: 401,
  bad_origin: 403,
  too_large: 413,
  not_json: 415,
  too_many: 429,
  try_again: 503,
};

export function jsonResponse(status: number, body: ChatAnswer | ChatWelcome | ChatError): Response {
  return new Response(wellFormedJson(body), { status, headers: { ...JSON_HEADERS, ...PRIVATE } });
}

export function errorResponse(error: ChatError['error'], retryAfterMs?: number): Response {
  const response = jsonResponse(STATUSES[error], { type: 'error', error });
  if (retryAfterMs !== undefined) {
    response.headers.set('retry-after', String(Math.ceil(retryAfterMs / 1000)));
  }
  return response;
}

export function emptyResponse(status: number, headers: Record<string, string> = {}): Response {
  return new Response(null, { status, headers: { ...PRIVATE, ...headers } });
}

const TRY_AGAIN_MS = 1000;
const NO_ROOM_MS = 3000;

/** For a request from which nothing was stored, and which may be sent again. */
export function tryAgain(): Response {
  return errorResponse('try_again', TRY_AGAIN_MS);
}

/** The answer to a body that could not be read or is no request; undefined for an error that is not of the page. */
export function responseToBadBody(error: unknown): Response | undefined {
  if (!ColloquyError.is(error) || error.name !== 'MessageError') return undefined;
  switch (error.code) {
    case 'body_too_large':
      return errorResponse('too_large');
    case 'body_timeout':
      return emptyResponse(408);
    case 'too_many_bodies':
      return errorResponse('try_again', NO_ROOM_MS);
    case 'bad_openid':
      // The program names its users, and the page knows none of their names.
      return undefined;
    default:
      return errorResponse('bad_request');
  }
}
