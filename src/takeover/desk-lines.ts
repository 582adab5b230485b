import type { Reply } from '../reply.ts';
import { type DeskCustomer, nameOfCustomer } from './desk-context.ts';
import type { SayPhrase } from './desk-words.ts';
import type { TakeoverLine, TakeoverNote } from './notes.ts';
import { indented } from './readable.ts';

/** What was said in a conversation, as its operator reads it. */

/** What the operator reads who has a conversation now. */
export function beginning(say: SayPhrase, note: TakeoverNote): string {
  const lines = note.kind === 'taken' ? note.lines : [];
  // Of all that is one reply, each line is of somebody, and a picture is an address.
  const said = lines.map(({ image, text, ...line }) => {
    const whole = image === undefined ? text : `${text} ${image}`;
    return inWords(say, note, { ...line, text: indented(whole) });
  });
  return [say('begun', { name: nameOfCustomer(note) }), ...said].join('\n');
}

/** A line as the operator reads it. */
export function lineOnDesk(say: SayPhrase, note: DeskCustomer, line: TakeoverLine): string | Reply {
  const { image } = line;
  return image === undefined ? inWords(say, note, line) : { type: 'image', url: image };
}

function inWords(say: SayPhrase, note: DeskCustomer, line: TakeoverLine): string {
  const { from, name, text } = line;
  if (from === 'bot') return say('bot', { text });
  return say('said', { name: name ?? (from === 'customer' ? nameOfCustomer(note) : ''), text });
}
