import { type Fields, fieldsOf, listOf, nameOf } from '../fields.ts';

/** The block under a question to one person names them. Ids of blocks hold 255 characters. */
const PREFIX = 'for:';

/** The post with the name of whom its buttons are for; as it is where they are for all. */
export function postFor(user: string | undefined, post: Fields): Fields {
  if (user === undefined || post['blocks'] === undefined) return post;
  const blocks = listOf(post['blocks']).map((each) => {
    const block = fieldsOf(each);
    return block['type'] === 'actions' && block['block_id'] === undefined
      ? { ...block, block_id: PREFIX + user }
      : each;
  });
  return { ...post, blocks };
}

/** Whether a button is for this person: in a thread everybody sees the buttons of everybody. */
export function isFor(user: string, action: Fields): boolean {
  const block = nameOf(action['block_id']);
  return block === undefined || !block.startsWith(PREFIX) || block === PREFIX + user;
}
