import type { Reply } from './reply.ts';

/**
 * A reply as plain text, for terminals, logs and channels without buttons: of choices a numbered list, of what is no
 * text its kind in brackets and what can be read of it. Several lines, none of them empty but those of the texts in it.
 * @example
 * console.log(formatReply({ type: 'choices', text: 'Which?', options: [{ value: 'red' }, { value: 'blue' }] }));
 * // → Which?
 * // → 1. red
 * // → 2. blue
 */
export function formatReply(reply: Reply): string {
  switch (reply.type) {
    case 'text':
      return reply.text;
    case 'image':
      return words('[image]', reply.alt, reply.url);
    case 'voice':
      return words('[voice]', reply.url);
    case 'video':
    case 'music':
      return words(`[${reply.type}]`, reply.title, reply.url);
    case 'news':
      return reply.articles.map(({ title, url }) => words('[article]', title, url)).join('\n');
    case 'choices': {
      const options = reply.options.map(
        ({ value, label = value }, index) => `${index + 1}. ${label}`,
      );
      return [...(reply.text === '' ? [] : [reply.text]), ...options].join('\n');
    }
    case 'handoff':
      return words('[handoff]', reply.to);
    case 'raw':
      return words('[raw]', reply.channel);
  }
}

function words(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' ');
}
