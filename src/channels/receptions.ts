import { ColloquyError } from '../errors.ts';
import type { Answer, Handshake, Reception, Rejection } from './reception.ts';

export const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' } as const;

/** Gives a platform the text back by which it checks an address, and which no browser may take for a page. */
export function handshake(text: string): Handshake {
  return {
    type: 'handshake',
    answer: {
      status: 200,
      headers: {
        'content-type': 'text/plain; charset=utf-8',
        'x-content-type-options': 'nosniff',
      },
      body: text,
    },
  };
}

/** Tells the platform that it need not send a message again, and says nothing. */
export const ACKNOWLEDGE: Answer = { status: 200, body: '' };

export const UNPROVEN: Rejection = { type: 'reject', status: 401 };
export const FORBIDDEN: Rejection = { type: 'reject', status: 403 };
/** Of requests that are neither `GET` nor `POST`. */
export const GET_OR_POST: Rejection = {
  type: 'reject',
  status: 405,
  headers: { allow: 'GET, POST' },
};
/** Of requests that are no `POST`. */
export const POST_ONLY: Rejection = { type: 'reject', status: 405, headers: { allow: 'POST' } };

/** The rejection of a proven request whose body cannot be read. Any other error is thrown. */
export function rejectBadBody(error: unknown): Reception {
  if (ColloquyError.is(error, 'bad_body')) return { type: 'reject', status: 400, error };
  throw error;
}
