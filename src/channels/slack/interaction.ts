import type { Message } from '../../message.ts';
import { share } from '../../internal/shared-data.ts';
import type { Inbound } from '../reception.ts';
import { type Fields, fieldsOf, given, listOf, nameOf, stringOf } from '../../internal/fields.ts';
import { toPlace, threadOf } from './address.ts';
import type { Form } from './form.ts';
import { type SlackListener, inboundOf, slackPersonOf } from './inbound.ts';
import { pressedMessage } from './message-id.ts';
import { MAX_TEXT, fromMrkdwn } from './mrkdwn.ts';
import { ASKING, isFor, withoutOwner } from './posts.ts';

/** Slack puts no more elements into a block. */
const MAX_ACTIONS = 25;

/**
 * What a user did with buttons and the like: an action each, and a text for what they typed into a field. A shortcut is an
 * entry of a menu. A form that was sent is an `event.unknown` by which a person speaks to the bot; a form that was closed is
 * one by which they do not. What Slack asks while a user types into a menu gets no answer.
 */
export function interactionsOf(hearing: SlackListener, payload: Fields): readonly Inbound[] {
  const { type } = payload;
  const message = fieldsOf(payload['message']);
  const container = fieldsOf(payload['container']);
  const user = fieldsOf(payload['user']);
  const place = toPlace({
    team: fieldsOf(payload['team'])['id'] ?? user['team_id'],
    channel: nameOf(fieldsOf(payload['channel'])['id']) ?? nameOf(container['channel_id']),
    user: user['id'],
    // What is done with a message of others is not said in their thread.
    thread:
      type === 'message_action'
        ? undefined
        : threadOf({ ...given({ ts: container['message_ts'] }), ...container, ...message }),
  });
  if (place === undefined || type === 'block_suggestion') return [];
  const from = slackPersonOf(place.user, user);
  const responseUrl = nameOf(payload['response_url']);
  const common = { place, from, responseUrl };
  if (type !== 'block_actions') {
    const said = { ...toEvent(payload), raw: payload };
    return [inboundOf(hearing, { ...common, message: said, id: nameOf(payload['trigger_id']) })];
  }
  const actions = listOf(payload['actions']).slice(0, MAX_ACTIONS);
  const raw = actions.length > 1 ? share(payload) : payload;
  const messageId = pressedMessage(payload);
  return actions
    .map((each) => fieldsOf(each))
    .filter((action) => isFor(place.user, action))
    .map((action) => {
      const moment = nameOf(action['action_ts']);
      const name = stringOf(action['action_id']) ?? '';
      const id = moment === undefined ? undefined : `action:${moment}:${name}`.slice(0, 512);
      const said = { ...(toTyped(action) ?? toAction(action, messageId)), raw };
      return inboundOf(hearing, { ...common, message: said, id });
    });
}

function toEvent(payload: Fields): Message {
  const key = nameOf(payload['callback_id']) ?? nameOf(fieldsOf(payload['view'])['callback_id']);
  switch (payload['type']) {
    case 'shortcut':
    case 'message_action':
      return { type: 'event.menu', ...given({ key }) };
    default:
      return {
        type: 'event.unknown',
        ...given({ key: key ?? nameOf(payload['type']) }),
        spoken: payload['type'] === 'view_submission',
      };
  }
}

/** What was typed into a field of a message is said as any other text. */
function toTyped(action: Fields): Message | undefined {
  const text = stringOf(action['value']);
  return action['type'] === 'plain_text_input' && text !== undefined
    ? { type: 'message.text', text }
    : undefined;
}

function toAction(action: Fields, messageId: string | undefined): Message {
  const option = fieldsOf(action['selected_option']);
  const value = nameOf(action['value']) ?? nameOf(option['value']);
  const { text } = fieldsOf(action['text'] ?? option['text']);
  return value === undefined
    ? { type: 'message.unknown' }
    : {
        type: 'message.action',
        value,
        ...given({ label: nameOf(text), asking: askingOf(action), messageId }),
      };
}

/** Which question a button belongs to: '' where it is not known, undefined where it is none of a question. */
function askingOf(action: Fields): string | undefined {
  const block = withoutOwner(stringOf(action['block_id']) ?? '');
  if (block.startsWith(ASKING)) return nameOf(block.slice(ASKING.length));
  // As choices were said before their buttons named the question.
  return /^choice:\d+$/.test(stringOf(action['action_id']) ?? '') ? '' : undefined;
}

/**
 * A slash command is said as it was typed, to the app alone: it is in no thread, and Slack shows it to no other user. Slack
 * writes its text as it writes messages.
 */
export function commandOf(hearing: SlackListener, form: Form): readonly Inbound[] {
  const place = toPlace({
    team: form.get('team_id'),
    channel: form.get('channel_id'),
    user: form.get('user_id'),
  });
  if (place === undefined) return [];
  const typed = form.get('text') ?? '';
  const text = [form.get('command'), typed.length > MAX_TEXT ? typed : fromMrkdwn(typed)]
    .filter((each) => each)
    .join(' ');
  // Among the fields is a token of the app that is to be forgotten.
  const raw = Object.fromEntries([...form].filter(([name]) => name !== 'token'));
  return [
    inboundOf(hearing, {
      place,
      from: slackPersonOf(place.user, { name: form.get('user_name') }),
      message: { type: 'message.text', text, raw },
      id: nameOf(form.get('trigger_id')),
      responseUrl: nameOf(form.get('response_url')),
    }),
  ];
}
