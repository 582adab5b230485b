import type { Message } from '../../message.ts';
import type { Inbound } from '../channel.ts';
import { type Fields, fieldsOf, given, listOf, nameOf, stringOf } from '../fields.ts';
import { addressOf, threadOf, toOpenid } from './address.ts';
import { ASKING } from './posts.ts';

/** Slack puts no more elements into a block. */
const MAX_ACTIONS = 25;

/** What a user did with buttons and the like: an action each; anything else, as a form that was sent, is an `event.unknown`. */
export function interactionsOf(prefix: string, payload: Fields): readonly Inbound[] {
  const message = fieldsOf(payload['message']);
  const container = fieldsOf(payload['container']);
  const channel = nameOf(fieldsOf(payload['channel'])['id']) ?? nameOf(container['channel_id']);
  const user = fieldsOf(payload['user']);
  const { thread_ts, message_ts: ts } = container;
  const thread = channel && threadOf({ ...given({ thread_ts, ts }), ...message }, channel);
  const address = addressOf({
    team: fieldsOf(payload['team'])['id'] ?? user['team_id'],
    channel,
    user: user['id'],
    thread,
  });
  if (address === undefined) return [];
  const openid = toOpenid(prefix, address);
  if (payload['type'] !== 'block_actions') {
    return [
      {
        openid,
        message: { type: 'event.unknown', raw: payload },
        ...given({ id: nameOf(payload['trigger_id']) }),
      },
    ];
  }
  const actions = listOf(payload['actions']).slice(0, MAX_ACTIONS);
  return actions.map((each) => {
    const action = fieldsOf(each);
    const moment = nameOf(action['action_ts']);
    const name = stringOf(action['action_id']) ?? '';
    const id = moment === undefined ? undefined : `action:${moment}:${name}`.slice(0, 512);
    return { openid, message: { ...toAction(action), raw: payload }, ...given({ id }) };
  });
}

function toAction(action: Fields): Message {
  const option = fieldsOf(action['selected_option']);
  const value = nameOf(action['value']) ?? nameOf(option['value']);
  const { text } = fieldsOf(action['text'] ?? option['text']);
  return value === undefined
    ? { type: 'message.unknown' }
    : {
        type: 'message.action',
        value,
        ...given({ label: nameOf(text), asking: askingOf(action) }),
      };
}

/** Which question a button belongs to: '' where it is not known, undefined where it is none of a question. */
function askingOf(action: Fields): string | undefined {
  const block = stringOf(action['block_id']) ?? '';
  if (block.startsWith(ASKING)) return nameOf(block.slice(ASKING.length));
  // As choices were said before their buttons named the question.
  return /^choice:\d+$/.test(stringOf(action['action_id']) ?? '') ? '' : undefined;
}

/** A slash command is said as it was typed, to the app alone: it is in no thread. */
export function commandOf(prefix: string, form: URLSearchParams): readonly Inbound[] {
  const address = addressOf({
    team: form.get('team_id'),
    channel: form.get('channel_id') ?? undefined,
    user: form.get('user_id'),
  });
  if (address === undefined) return [];
  const text = [form.get('command'), form.get('text')].filter((each) => each).join(' ');
  // Among the fields is a token of the app that is to be forgotten.
  const raw = Object.fromEntries([...form].filter(([name]) => name !== 'token'));
  return [
    {
      openid: toOpenid(prefix, address),
      message: { type: 'message.text', text, raw },
      ...given({ id: nameOf(form.get('trigger_id')) }),
    },
  ];
}
