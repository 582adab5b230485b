import { MessageError } from './errors.ts';
import { isReserved } from './internal/reserved.ts';
import { utf8Size } from './internal/utf8-size.ts';
import { kindOf } from './internal/closed.ts';

const MAX_OPENID_BYTES = 512;

/**
 * @throws MessageError `bad_openid` unless it may be the openid of a user: a key that this library does not keep for itself.
 */
export function checkOpenid(openid: unknown): asserts openid is string {
  checkKey(openid);
  if (isReserved(openid)) throw badOpenid('one that the library keeps for itself');
}

/**
 * For persisters, which also keep what is of no user.
 * @throws MessageError `bad_openid` unless it is a non-empty, well-formed string of at most 512 UTF-8 bytes.
 */
export function checkKey(openid: unknown): asserts openid is string {
  if (typeof openid !== 'string') throw badOpenid(kindOf(openid));
  if (openid.length === 0) throw badOpenid('empty');
  // Lone surrogates all become the same character in UTF-8, and two users one.
  if (!openid.isWellFormed()) throw badOpenid('not well-formed');
  if (openid.length * 3 <= MAX_OPENID_BYTES) return;
  const bytes = utf8Size(openid);
  if (bytes > MAX_OPENID_BYTES) throw badOpenid(`${bytes} bytes long`);
}

function badOpenid(found: string): MessageError {
  return new MessageError(
    'bad_openid',
    `An openid is a non-empty, well-formed string of at most ${MAX_OPENID_BYTES} UTF-8 bytes; this one is ${found}.`,
  );
}
