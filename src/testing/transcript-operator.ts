import type { OutsideEvent } from '../runner/calls.ts';
import type { Fail } from './transcript-time.ts';

/** What an operator does in a transcript: `op> Hello!`, `op:bob> [take]`, and to another user `ann/op> Hello!`. */

const NAME = /^(?:(.+)\/)?op(?::(.+))?$/su;
const OPERATOR = 'op';
const TYPE = 'event.operator';
const DONE = /^\[(take|leave|back)(?: (.+))?\]$/su;

/** Whose line it is, by the name before the mark; undefined for a line that is of no operator. */
export function operatorIn(
  name: string | undefined,
): { readonly user?: string; readonly by: string } | undefined {
  const [, user, by = OPERATOR] = NAME.exec(name ?? '') ?? [];
  if (name === undefined || !NAME.test(name)) return undefined;
  return { by, ...(user !== undefined && { user }) };
}

/** What the operator does, as the event that it is. */
export function parseOperator(by: string, content: string, fail: Fail): OutsideEvent {
  if (content.startsWith('\\')) return event(by, { does: 'say', text: content.slice(1) });
  const [, done, text] = DONE.exec(content) ?? [];
  if (done === undefined) {
    if (/^\[.*\]$/su.test(content)) {
      return fail(
        'is of an operator, who says a text, or [take], [leave] or [back]; before a text in brackets put a backslash',
      );
    }
    return event(by, { does: 'say', text: content });
  }
  if (done !== 'back' && text !== undefined) return fail(`has words behind [${done}]`);
  return event(by, {
    does: done === 'back' ? 'return' : done,
    ...(text !== undefined && { text }),
  });
}

/** The name and the content of such a line; undefined for another event, and for what the line could not say. */
export function formatOperator(
  given: OutsideEvent,
  user: string | undefined,
): { readonly name: string; readonly content: string } | undefined {
  const { type, by, does, text, ...more } = given as Readonly<Record<string, unknown>>;
  if (type !== TYPE || typeof by !== 'string' || Object.keys(more).length > 0) return undefined;
  const content = contentOf(does, text);
  const name = `${user === undefined ? '' : `${user}/`}${by === OPERATOR ? 'op' : `op:${by}`}`;
  const read = operatorIn(name);
  const isSame = read?.by === by && read.user === user;
  return content === undefined || !isSame ? undefined : { name, content };
}

function contentOf(does: unknown, text: unknown): string | undefined {
  if (does === 'say') {
    if (typeof text !== 'string' || text.trim() === '' || text !== text.trim()) return undefined;
    return text.startsWith('[') || text.startsWith('\\') ? `\\${text}` : text;
  }
  const word = does === 'return' ? 'back' : does;
  if (word !== 'take' && word !== 'leave' && word !== 'back') return undefined;
  if (text === undefined) return `[${word}]`;
  const isPlain = typeof text === 'string' && text !== '' && !text.includes('\n');
  return word === 'back' && isPlain ? `[back ${text}]` : undefined;
}

function event(by: string, done: object): OutsideEvent {
  return { type: TYPE, by, ...done } as OutsideEvent;
}
