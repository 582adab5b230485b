import { formatReply } from '../format.ts';
import { formatSpan } from '../internal/event-words.ts';
import type { Reply } from '../reply.ts';
import { formatMessage } from './transcript-message.ts';
import { formatOperator, operatorIn } from './transcript-operator.ts';
import { formatService } from './transcript-service.ts';
import type { Transcript, TranscriptLine } from './transcript.ts';

/** The text that `parseTranscript` makes the same of again. It ends with the end of a line. */
export function formatTranscript(transcript: Transcript): string {
  return transcript.map((line) => `${formatLine(line)}\n`).join('');
}

export function formatLine(line: TranscriptLine): string {
  switch (line.kind) {
    case 'message':
      return trimmed(`${userPrefix(line)}> ${indented(formatMessage(line.message))}`);
    case 'event': {
      const operator = formatOperator(line.event, line.user);
      if (operator !== undefined) return `${operator.name}> ${indented(operator.content)}`;
      return trimmed(`${userPrefix(line)}>> ${indented(formatMessage(line.event))}`);
    }
    case 'again':
      return `${userPrefix(line)}> [again]`;
    case 'reply':
      return trimmed(`${userPrefix(line)}< ${indented(typeable(line.text))}`);
    case 'state':
      return `${userPrefix(line)}= ${line.path}`;
    case 'happening':
      return `${userPrefix(line)}! ${line.what}${line.why === undefined ? '' : `: ${line.why}`}`;
    case 'time':
      return `@ +${formatSpan(line.ms)}`;
    case 'moment':
      return `@ ${new Date(line.at).toISOString()}`;
    case 'crash':
      return '@ crash';
    case 'service':
    case 'deadline':
      return `~ ${formatService(line)}`;
    case 'comment':
      return line.text === '' ? '#' : `# ${line.text}`;
    case 'blank':
      return '';
  }
}

function userPrefix({ user }: { readonly user?: string }): string {
  if (user === undefined) return '';
  const isPlain = /^[^\s"#<>=!@]+$/u.test(user) && user.isWellFormed();
  return isPlain && operatorIn(user) === undefined ? user : JSON.stringify(user);
}

/** Without the spaces at the ends of lines. With a flag, `$` takes more for the end of a line than we do. */
function trimmed(lines: string): string {
  return lines.replaceAll(/ +(?=\n|$)/gu, '');
}

function indented(text: string): string {
  return text.replaceAll('\n', '\n  ');
}

/**
 * A text as one can type it: without the spaces of Unicode that are not on a keyboard (Intl puts one before “PM”), and
 * without white space at the end of a line, which is invisible.
 */
export function typeable(text: string): string {
  return text
    .replaceAll(/[\u00a0\u202f]/gu, ' ')
    .split(/\r?\n/u)
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/\n+$/u, '');
}

/** A reply as a transcript has it. */
export function inWords(reply: Reply): string {
  const to = reply.type === 'handoff' || reply.type === 'raw' ? undefined : reply.to;
  return typeable(`${to === undefined ? '' : `[to ${to}] `}${formatReply(reply)}`);
}
