import { draftCases } from './channel/drafts.ts';
import { messageCases } from './channel/messages.ts';
import { proofCases } from './channel/proofs.ts';
import { pushCases } from './channel/replies.ts';
import { answerCases } from './channel/answers.ts';
import type { ChannelCase } from './channel/harness.ts';
import { typingCases } from './channel/typing.ts';
import { webhookCases } from './channel/webhook.ts';

/**
 * What every channel holds to, as cases for any test runner:
 *
 *     const { cases, skipped } = selectCases(channelContract, subject);
 *     for (const { name, run } of cases) it(name, () => run(subject));
 *
 * Where the types of the port leave something open, these are the rules:
 *
 * - A request that is not proven gets the same answer for every fault, and is not reported: what strangers
 *   send must not fill a log. What is proven and cannot be read is rejected with a status of 4xx.
 * - An id has 1 to 512 characters, an openid more than the prefix, and a message is one that any runner takes.
 * - A reply that a channel has no way to say is refused for good: not `retryable`, and `push_closed` only where an answer
 *   to the user's next message can say it.
 * - A text is cut where a reader sees the end of a character. Parts that went out are not sent again under the same id.
 * - A channel without an answer of the platform, be it for a broken network or an aborted signal, is `retryable`.
 * - A draft shows the end of a text that is too long, and delays no reply. The next reply takes its place.
 * - No error holds a secret, nor an error beneath it that may.
 */
export const channelContract: readonly ChannelCase[] = Object.freeze([
  ...proofCases,
  ...messageCases,
  ...answerCases,
  ...pushCases,
  ...typingCases,
  ...draftCases,
  ...webhookCases,
]);
