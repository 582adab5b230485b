import { createHmac, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Message } from '../../message.ts';
import type { Reply } from '../../reply.ts';

/** What is hidden of conversations. */
export interface Redaction {
  readonly isRedacted: boolean;
  openid(plain: string): string;
  /** The openid behind a name that `openid` gave; a name of any other kind stays as it is. */
  plainOpenid(name: string): string;
  /** The id of a message. */
  id(plain: string): string;
  message(message: Message): Message | undefined;
  reply(reply: Reply): Reply;
}

/** Hides nothing. */
export const NOTHING_HIDDEN: Redaction = {
  isRedacted: false,
  openid: (plain) => plain,
  plainOpenid: (name) => name,
  id: (plain) => plain,
  message: (message) => message,
  reply: (reply) => reply,
};

/** The users as whom a page that sees only their hashes can write. */
const MAX_KNOWN = 1000;

/**
 * Hides what people and the bot say, and names users and messages by short hashes. Their key is a new one for each watch, so
 * that no reader can try whether a hash is that of an openid they know, or follow a user from one recording to the next.
 */
export function hidingRedaction(): Redaction {
  const key = randomBytes(32);
  const known = new LRUCache<string, string>({ max: MAX_KNOWN });
  const hash = (plain: string): string =>
    createHmac('sha256', key).update(plain).digest('hex').slice(0, 12);
  return {
    isRedacted: true,
    openid(plain) {
      const name = hash(plain);
      known.set(name, plain);
      return name;
    },
    plainOpenid: (name) => known.get(name) ?? name,
    id: hash,
    message: () => undefined,
    reply: ({ type }) => ({ type: 'text', text: `[${type}]` }),
  };
}
