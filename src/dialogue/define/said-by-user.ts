import { textOf } from '../../message.ts';
import { addressing } from './answer-reading.ts';

/** What a state hears that takes everything that the user says, in words. */

/** A guard for every message but a button of a question that is over. */
export const isSaidByUser: (args: { readonly event: { readonly type: string } }) => boolean =
  /* @__PURE__ */ addressing(
    ({ event }: { readonly event: { readonly type: string } }) =>
      event.type !== 'message.action' || !('asking' in event),
  );

/** A message in words: what the user said, or what kind of thing was sent. */
export function saidInWords(message: { readonly type: string }): string {
  const text = textOf(message);
  if (typeof text === 'string' && text.trim() !== '') return text;
  const kind = message.type.replace(/^message\./u, '');
  const { label, url, name, emoji, latitude, longitude } = message as Readonly<
    Record<string, unknown>
  > & { readonly type: string };
  const place = kind === 'location' ? [latitude, longitude].join(', ') : undefined;
  const more = [label, name, emoji, place, kind === 'link' ? url : undefined];
  const known = more.filter((each) => typeof each === 'string' && each !== '');
  return `(${[kind, ...known].join(': ')})`;
}
