import { type Fields, fieldsOf, listOf, nameOf } from '../fields.ts';

/** The block under a question to one person begins with their name. Ids of blocks hold 255 characters. */
const PREFIX = 'for:';
const END = '|';

/** The post with the user whose buttons these are; unchanged where they are for all. */
export function postFor(user: string | undefined, post: Fields): Fields {
  if (user === undefined || post['blocks'] === undefined) return post;
  const blocks = listOf(post['blocks']).map((each) => {
    const block = fieldsOf(each);
    if (block['type'] !== 'actions') return each;
    return { ...block, block_id: PREFIX + user + END + (nameOf(block['block_id']) ?? '') };
  });
  return { ...post, blocks };
}

/** Whether a button is for this person: in a thread everybody sees the buttons of everybody. */
export function isFor(user: string, action: Fields): boolean {
  const id = nameOf(action['block_id']);
  return id === undefined || !id.startsWith(PREFIX) || id.startsWith(PREFIX + user + END);
}

/** The id of a block as it was before `postFor`. */
export function withoutOwner(id: string): string {
  return id.startsWith(PREFIX) ? id.slice(id.indexOf(END) + 1) : id;
}
