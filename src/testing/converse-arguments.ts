import { types } from 'node:util';
import { UsageError } from '../errors.ts';
import type { Person } from '../message.ts';
import type { Reply } from '../reply.ts';

/** What the methods of a chat take: a caller in JavaScript learns which argument is missing or wrong. */

/** @throws UsageError `bad_option` */
function need(isRight: boolean, takes: string, given: unknown): void {
  if (isRight) return;
  const came =
    given === null || given === undefined ? String(given) : `a value of type ${typeof given}`;
  throw new UsageError('bad_option', `${takes}, not ${came}.`);
}

export function needWords(given: unknown, call: string, name: string): void {
  const isText = typeof given === 'string' && given !== '';
  need(isText, `${call} takes \`${name}\`, a text that is not empty`, given);
}

export function isMessageLike(given: unknown): boolean {
  return typeof given === 'string' || (typeof given === 'object' && given !== null);
}

export function needMessage(given: unknown, call: string): void {
  const takes = `${call} takes \`message\`, a text or an object with a \`type\``;
  need(isMessageLike(given), takes, given);
}

export function needEvent(given: unknown, call: string): void {
  const isEvent = typeof given === 'object' && given !== null;
  need(isEvent, `${call} takes \`event\`, an object with a \`type\``, given);
}

export function needReply(given: unknown, call: string): asserts given is Reply {
  const isReply = typeof given === 'object' && given !== null && 'type' in given;
  need(isReply, `${call} takes \`reply\`, one of \`chat.said\`, before \`option\``, given);
}

export function needOption(given: unknown, call: string): void {
  const isOption = typeof given === 'string' || typeof given === 'number';
  need(isOption, `${call} takes \`option\`: a value, a label, or a number from 1`, given);
}

export function needContext(given: unknown, call: string): void {
  need(typeof given === 'object' && given !== null, `${call} takes \`context\`, an object`, given);
}

export function needExpected(given: unknown, call: string): void {
  const isExpected = typeof given === 'string' || types.isRegExp(given);
  need(isExpected, `${call} takes \`expected\`, a text or a pattern`, given);
}

export function needPerson(given: unknown, call: string): Person {
  const { id, name } = (typeof given === 'string' ? { id: given } : (given ?? {})) as {
    readonly [Key in keyof Person]?: unknown;
  };
  const isId = typeof id === 'string' && id !== '';
  const isName = name === undefined || typeof name === 'string';
  need(
    isId && isName,
    `${call} takes \`person\`, an id or an object with an \`id\` and perhaps a \`name\``,
    given,
  );
  return typeof given === 'string' ? { id: given } : (given as Person);
}
