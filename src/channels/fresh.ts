import { UsageError } from '../errors.ts';

/**
 * Whose a conversation is:
 * - `user`: each person has one in a group or channel, and one in each topic or thread there.
 * - `chat`: all who are in a group or channel share one conversation.
 * - `thread`: all who are in a topic or thread share one. A group without topics has one; what Slack shows to one person
 *   only is that person's.
 */
export type Scope = 'user' | 'chat' | 'thread';

export const SCOPES: ReadonlySet<unknown> = new Set<Scope>(['user', 'chat', 'thread']);

/**
 * Whether a request was signed near enough to its arrival.
 * @param signedAt epoch milliseconds; of a request that does not say, nothing is fresh
 */
export function isFresh(
  signedAt: number | undefined,
  receivedAt: number,
  freshMs: number,
): boolean {
  return signedAt !== undefined && Math.abs(receivedAt - signedAt) <= freshMs;
}

/** @throws UsageError `bad_option` */
export function checkSpan(option: string, ms: number): void {
  if (Number.isFinite(ms) && ms > 0) return;
  throw new UsageError('bad_option', `\`${option}\` is a number of milliseconds over 0.`);
}

/** @throws UsageError `bad_prefix` */
export function checkPrefix(prefix: string, example: string): void {
  if (/^[\w-]{1,64}:$/.test(prefix)) return;
  throw new UsageError(
    'bad_prefix',
    `\`prefix\` is 1 to 64 letters, digits, \`_\` and \`-\`, and a colon: \`${example}\`.`,
  );
}
