import { failureOf } from '../../testing/services.ts';
import { type ServiceLine, formatService } from '../../testing/transcript-service.ts';
import type { Transcript, TranscriptLine } from '../../testing/transcript.ts';
import type { LoggedCall } from './call-log.ts';

/** Lines that make something happen; the others tell what happened. */
const DOING: ReadonlySet<TranscriptLine['kind']> = new Set([
  'message',
  'event',
  'again',
  'crash',
  'time',
  'moment',
]);

/**
 * The lines of a conversation, with how the calls of services went before the line that set each off. Of one service, the
 * calls stand in the order in which they were made.
 */
export function withServices(lines: Transcript, calls: readonly LoggedCall[]): Transcript {
  const before = new Map<number, TranscriptLine[]>();
  for (const call of calls) {
    const at = callPlace(lines, call);
    if (at !== undefined) before.set(at, [...(before.get(at) ?? []), serviceLine(call)]);
  }
  return lines.flatMap((line, index) => [...(before.get(index) ?? []), line]);
}

/** The index of the line before which a call is written; undefined for one that came after these lines. */
function callPlace(lines: Transcript, { line }: LoggedCall): number | undefined {
  if (line === undefined) return 0;
  const last = lines.indexOf(line);
  if (last < 0) return undefined;
  const doing = lines.findLastIndex(({ kind }, index) => index <= last && DOING.has(kind));
  // A transcript begins with the moment at which it begins.
  return Math.max(doing, 1);
}

/** How a call went, as a line of a transcript. */
export function serviceLine({ name, startedAt, end }: LoggedCall): TranscriptLine {
  if (end === undefined) return { kind: 'service', name, does: 'hangs' };
  const { how, at } = end;
  const after = at > startedAt ? { afterMs: at - startedAt } : {};
  if ('error' in how) {
    const { message } = (how.error ?? {}) as { readonly message?: unknown };
    const isSaid = typeof message === 'string' && message !== failureOf(name);
    return { kind: 'service', name, does: 'fails', ...(isSaid && { what: message }), ...after };
  }
  const { output: what } = how;
  const line: ServiceLine = {
    kind: 'service',
    name,
    does: 'gives',
    ...(what !== undefined && { what }),
    ...after,
  };
  try {
    formatService(line);
    return line;
  } catch {
    return { kind: 'comment', text: `${name} gives something that cannot be written down` };
  }
}

/** The same with one line in place of several in which nothing but time goes by. */
export function withWholeTimes(lines: Transcript): Transcript {
  const whole: TranscriptLine[] = [];
  for (const line of lines) {
    const last = whole.at(-1);
    if (line.kind === 'time' && last?.kind === 'time') {
      whole[whole.length - 1] = { kind: 'time', ms: last.ms + line.ms };
    } else whole.push(line);
  }
  return whole;
}

/** The lines of one user, who is the main one then, and of what all share. */
export function linesOfUser(lines: Transcript, openid: string, main: string): Transcript {
  return lines.flatMap((line) => {
    if (!OF_USER.has(line.kind)) return [line];
    const { user = main, ...own } = line as { readonly user?: string } & TranscriptLine;
    return user === openid ? [own as TranscriptLine] : [];
  });
}

const OF_USER: ReadonlySet<TranscriptLine['kind']> = new Set([
  'message',
  'event',
  'again',
  'reply',
  'state',
  'happening',
]);
