import { type Fields, fieldsOf, nameOf } from '../../internal/fields.ts';
import { momentOf, slackIdOf } from './address.ts';

/** Where a message stands: its channel, and the moment by which Slack numbers it there. */
export interface PostedAt {
  readonly channel: string;
  readonly ts: string;
}

/** `<channel>:<moment>` of the message with a button that was pressed; undefined where Slack lets no app change it. */
export function pressedMessage(payload: Fields): string | undefined {
  const {
    channel_id: inChannel,
    message_ts: ts,
    is_ephemeral: isEphemeral,
  } = fieldsOf(payload['container']);
  const channel = slackIdOf(inChannel ?? fieldsOf(payload['channel'])['id']);
  const moment = momentOf(ts);
  if (isEphemeral === true || channel === undefined || moment === undefined) return undefined;
  return `${channel}:${moment}`;
}

/** The message that an id of `pressedMessage` names. */
export function messageNamed(id: string | undefined): PostedAt | undefined {
  const [channel, ts] = (nameOf(id) ?? '').split(':');
  const [name, moment] = [slackIdOf(channel), momentOf(ts)];
  return name === undefined || moment === undefined ? undefined : { channel: name, ts: moment };
}
