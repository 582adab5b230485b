import { ColloquyError } from '../../errors.ts';
import type { Reply } from '../../reply.ts';
import type { PushOptions } from '../channel.ts';
import { createPartSender } from '../part-sender.ts';
import { unsayable } from '../refusal.ts';
import { type TelegramPlace, isPrivate } from './address.ts';
import { type BotCall, editCall, toCalls } from './calls.ts';
import type { Send } from './push.ts';

/** Says a reply at a place, in the place of an earlier message or below it. */
type Say = (place: TelegramPlace, reply: Reply, options: PushOptions) => Promise<void>;

export function createSaying(send: Send): Say {
  const sendParts = createPartSender();

  /** @returns false where the message is gone, too old, or a picture: the reply is to be said below */
  async function tryEdit(
    edit: BotCall,
    { chat }: TelegramPlace,
    signal: AbortSignal,
  ): Promise<boolean> {
    try {
      await send(edit, { chat }, signal);
      return true;
    } catch (error) {
      if (ColloquyError.is(error, 'reply_refused')) return false;
      throw error;
    }
  }

  return async (place, reply, { id, signal }) => {
    const calls = toCalls(reply);
    if (typeof calls === 'string') throw unsayable('telegram', calls);
    const edit = editCall(reply, calls, place);
    await sendParts(
      id,
      calls.map((call, index) => async () => {
        const isEdited = index === 0 && edit !== undefined && (await tryEdit(edit, place, signal));
        if (!isEdited) await send(call, place, signal);
      }),
    );
  };
}

/**
 * Where one person of a group reads what no other does: their chat with the bot. What they answer there is said in that
 * conversation, so nothing with buttons can be for one person of a group.
 * @throws DeliveryError `unsayable_reply`
 */
export function asideFrom(place: TelegramPlace, to: string, reply: Reply): TelegramPlace {
  if (isPrivate(place) && place.chat === to) return place;
  if (isPrivate(place) || !/^[1-9]\d*$/.test(to)) throw unsayable('telegram', 'not_a_member');
  if (reply.type === 'choices') throw unsayable('telegram', 'private_buttons');
  return { chat: to };
}
