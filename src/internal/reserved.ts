/**
 * What the library itself keeps in a persister, beside the conversations of users: no user has a key that begins with this.
 * It is refused where a user's openid comes in, and left out where conversations are listed.
 */
const RESERVED = '~colloquy:';

/** The key of something that is no conversation. @param name what it is, and whose: `source:telegram:110201543:` */
export function reservedKey(name: string): string {
  return RESERVED + name;
}

/** Whether a key of a persister is no user's. */
export function isReserved(openid: string): boolean {
  return openid.startsWith(RESERVED);
}
