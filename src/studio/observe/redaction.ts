import { createHmac, randomBytes } from 'node:crypto';
import type { Message } from '../../message.ts';
import type { Reply } from '../../reply.ts';

/** What is hidden of conversations. */
export interface Redaction {
  readonly isRedacted: boolean;
  /** The name of a user or of a message. */
  name(plain: string): string;
  message(message: Message): Message | undefined;
  reply(reply: Reply): Reply;
}

/** Hides nothing. */
export const NOTHING_HIDDEN: Redaction = {
  isRedacted: false,
  name: (plain) => plain,
  message: (message) => message,
  reply: (reply) => reply,
};

/**
 * Hides what people and the bot say, and names users and messages by short hashes. Their key is a new one for each observer, so
 * that nobody can try whether a hash is that of an openid they know, or follow a user from one recording to the next.
 */
export function hidingRedaction(): Redaction {
  const key = randomBytes(32);
  return {
    isRedacted: true,
    name: (plain) => createHmac('sha256', key).update(plain).digest('hex').slice(0, 12),
    message: () => undefined,
    reply: ({ type }) => ({ type: 'text', text: `[${type}]` }),
  };
}
