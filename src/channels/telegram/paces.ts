import type { Reply } from '../../reply.ts';
import type { Pace } from '../pacing.ts';
import { type TelegramPlace, isPrivate } from './address.ts';
import { toCalls } from './calls.ts';

/**
 * What Telegram allows a bot: 30 messages in a second, one in a second in a chat, and 20 in a minute in a group
 * (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this). Each call is a message.
 */
export function pacesOf(place: TelegramPlace, reply: Reply): readonly Pace[] {
  const calls = toCalls(reply);
  const cost = typeof calls === 'string' ? 1 : calls.length;
  const { chat } = place;
  return [
    ...(isPrivate(place) ? [] : [{ key: `group ${chat}`, count: 20, perMs: 60_000, cost }]),
    { key: `chat ${chat}`, count: 1, perMs: 1000, cost },
    { key: 'bot', count: 30, perMs: 1000, cost },
  ];
}
