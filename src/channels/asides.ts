import type { Reply } from '../reply.ts';

/**
 * The person that a reply is for alone, in a conversation where others would see it; undefined where everybody may.
 * @param prefix of the channel: a conversation whose openid is the prefix and a person is theirs alone
 */
export function asideTo(reply: Reply, openid: string, prefix: string): string | undefined {
  const to = reply.type === 'handoff' || reply.type === 'raw' ? undefined : reply.to;
  return to === undefined || openid === prefix + to ? undefined : to;
}
