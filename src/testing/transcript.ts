import { UsageError } from '../errors.ts';
import type { Incoming, OutsideEvent } from '../runner/calls.ts';
import { operatorIn, parseOperator } from './transcript-operator.ts';
import { parseMessage } from './transcript-message.ts';
import { type DeadlineLine, type ServiceLine, parseService } from './transcript-service.ts';
import { type Fail, parseSpan } from './transcript-time.ts';

/**
 * A conversation as people write it down and read it.
 *
 *     # a comment
 *     > hi                      what the user says; [image], [button yes], [follow], … for what is no text
 *     >> [payment order-7]      what another program reports about the user; what the bot says to it is pushed
 *     < How many are you?       what the bot says; the further lines of a text are indented by two spaces
 *     @ +1h30m                  time goes by, in d, h, m, s and ms
 *     = booking.people          where the dialogue stands, or what that is within
 *     ! expired                 what else became of it: expired, unhandled, failed, …
 *     bob> hi                   what another user says; the same for bob<, bob= and bob!
 *     op> Hello!                what an operator says who has taken over; also [take], [leave], [back], [back its result];
 *                               op:eve> of an operator with a name, bob/op> to another user
 *     ~ book gives {"id":7}     how the next call of a service goes: gives, fails, hangs; after 9s
 *     ~ deadline 5s             how long answers wait for services
 */
export type Transcript = readonly TranscriptLine[];

/** One line of a transcript, or a text of several lines. */
export type TranscriptLine =
  | SaidLine
  | SentLine
  | {
      /** The last message of the user is delivered once more. */
      readonly kind: 'again';
      /** Undefined for the main user of the transcript. */
      readonly user?: string;
    }
  | ReplyLine
  | StateLine
  | HappeningLine
  | ServiceLine
  | DeadlineLine
  | {
      /** Time passes. */
      readonly kind: 'time';
      /** Milliseconds. */
      readonly ms: number;
    }
  | {
      /** It is this time. */
      readonly kind: 'moment';
      /** Epoch milliseconds. */
      readonly at: number;
    }
  | {
      /** The process ends without a word, and another one starts. */
      readonly kind: 'crash';
    }
  | {
      /** A comment, which changes nothing. */
      readonly kind: 'comment';
      /** What it says. */
      readonly text: string;
    }
  | {
      /** An empty line, which changes nothing. */
      readonly kind: 'blank';
    };

/** A message of a user. */
export interface SaidLine {
  readonly kind: 'message';
  /** Undefined for the main user of the transcript. */
  readonly user?: string;
  /** The message; a text stands as it is. */
  readonly message: Incoming;
}

/** An event from outside, as `runner.send` takes it. */
export interface SentLine {
  readonly kind: 'event';
  /** Undefined for the main user of the transcript. */
  readonly user?: string;
  /** The event. */
  readonly event: OutsideEvent;
}

/** A reply to a user. */
export interface ReplyLine {
  readonly kind: 'reply';
  /** Undefined for the main user of the transcript. */
  readonly user?: string;
  /** As `formatReply` has it, in spaces that can be typed. */
  readonly text: string;
}

/** Where the dialogue stands. */
export interface StateLine {
  readonly kind: 'state';
  /** Undefined for the main user of the transcript. */
  readonly user?: string;
  /** The state, or one that it is within: `booking.date`. */
  readonly path: string;
}

/** What else became of a message or of the conversation. */
export interface HappeningLine {
  readonly kind: 'happening';
  /** Undefined for the main user of the transcript. */
  readonly user?: string;
  /** One word: `expired`. */
  readonly what: string;
  /** Why, where that is worth saying. */
  readonly why?: string;
}

/** A line, and where it stands in the text. */
export interface NumberedLine {
  readonly line: TranscriptLine;
  /** From 1. */
  readonly number: number;
}

/**
 * Reads the text of a transcript, as a file holds it, for `playTranscript`.
 * @example
 * const lines = parseTranscript('> hi\n< What is your name?\n');
 * console.log(lines.length); // → 2
 * @throws UsageError `bad_transcript` for what is no transcript; `details.line` is the number of the line
 */
export function parseTranscript(text: string): Transcript {
  return parseNumbered(text).map(({ line }) => line);
}

interface Block {
  readonly number: number;
  readonly head: string;
  readonly more: string[];
}

export function parseNumbered(text: string): readonly NumberedLine[] {
  const blocks: Block[] = [];
  for (const [index, raw] of text.split(/\r?\n/u).entries()) {
    const line = raw.trimEnd();
    if (!line.startsWith('  ')) {
      blocks.push({ number: index + 1, head: line, more: [] });
      continue;
    }
    // Empty lines before an indented one belong to the same text.
    let empty = 0;
    while (blocks.at(-1)?.head === '') {
      blocks.pop();
      empty += 1;
    }
    const block = blocks.at(-1);
    if (block === undefined || !HAS_TEXT.test(block.head)) {
      const problem = 'is indented, and no text is before it that it could belong to';
      throw badLine(index + 1, `${problem}: ${line}`);
    }
    block.more.push(...Array.from({ length: empty }, () => ''), line.slice(2));
  }
  // The end of the last line does not begin another line.
  if (blocks.at(-1)?.head === '') blocks.pop();
  return blocks.map((block) => ({ line: parseBlock(block), number: block.number }));
}

const HEAD = /^([^\s"#<>=!@]+|"(?:[^"\\]|\\.)*")?(>>|[<>=!@])(?: (.*))?$/su;
const HAS_TEXT = /^(?:[^\s"#<>=!@]+|"(?:[^"\\]|\\.)*")?(?:>>|[<>])(?: |$)/u;

function parseBlock({ number, head, more }: Block): TranscriptLine {
  if (head === '') return { kind: 'blank' };
  if (head.startsWith('#')) return { kind: 'comment', text: head.replace(/^# ?/u, '') };
  const fail = (problem: string): never => {
    throw badLine(number, `${problem}: ${head}`);
  };
  if (head.startsWith('~ ')) return parseService(head.slice(2), fail);
  const [, name, mark, content = ''] = HEAD.exec(head) ?? [];
  const operator = mark === '>' ? operatorIn(name) : undefined;
  if (operator !== undefined && content !== '') {
    const { by, ...of } = operator;
    return { kind: 'event', ...of, event: parseOperator(by, [content, ...more].join('\n'), fail) };
  }
  const user = name === undefined ? {} : { user: nameIn(name, fail) };
  if (mark === '<') return { kind: 'reply', ...user, text: [content, ...more].join('\n') };
  if (mark !== undefined && content === '') return fail('says nothing');
  switch (mark) {
    case '>': {
      const text = [content, ...more].join('\n');
      if (text === '[again]') return { kind: 'again', ...user };
      return { kind: 'message', ...user, message: parseMessage(text, fail) };
    }
    case '>>': {
      const event = parseMessage([content, ...more].join('\n'), fail);
      if (typeof event === 'string' || event.type.startsWith('message.')) {
        return fail(
          'reports what only a user says; write [payment order-7] or [{"type":"event.…"}]',
        );
      }
      return { kind: 'event', ...user, event: event as OutsideEvent };
    }
    case '=':
      return { kind: 'state', ...user, path: content.trim() };
    case '!': {
      const [, what, why] = /^([a-z]\w*)(?:: (.+))?$/su.exec(content) ?? [];
      if (what === undefined) return fail('should name what happened in one word, as expired');
      return { kind: 'happening', ...user, what, ...(why !== undefined && { why }) };
    }
    case '@':
      if (name !== undefined) return fail('is about the time, which is the same for every user');
      if (content === 'crash') return { kind: 'crash' };
      return parseSpan(content, fail);
    default:
      return fail('begins with none of > >> < @ = ! ~ and #, and a space');
  }
}

function nameIn(name: string, fail: Fail): string {
  if (!name.startsWith('"')) return name;
  try {
    return JSON.parse(name) as string;
  } catch {
    return fail('has a name in quotes that is no string of JSON');
  }
}

export function badLine(number: number, problem: string): UsageError {
  return new UsageError('bad_transcript', `Line ${number} of the transcript ${problem}`, {
    details: { line: number },
  });
}
