export const botInfo = {
  id: 1,
  is_bot: true,
  first_name: 'Survey',
  username: 'survey_bot',
  can_join_groups: false,
  can_read_all_group_messages: false,
  supports_inline_queries: false,
};

let updates = 0;

/** A text message as Telegram sends it: the chat of a user is their number, from 1 on. */
export function textUpdate(user: number, text: string): object {
  updates += 1;
  const from = { id: user + 1, is_bot: false, first_name: 'U' };
  return {
    update_id: updates,
    message: {
      message_id: updates,
      date: 1_700_000_000,
      chat: { id: user + 1, type: 'private', first_name: 'U' },
      from,
      text,
    },
  };
}
