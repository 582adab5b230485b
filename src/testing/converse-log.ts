import { ColloquyError } from '../errors.ts';
import { messageOf } from '../internal/causes.ts';
import type { Reply } from '../reply.ts';
import type { Turn } from '../runner/events.ts';
import type { HappeningLine, Transcript, TranscriptLine } from './transcript.ts';
import { inWords } from './transcript-format.ts';

/** The maximum of lines that a log keeps; the first leave first. */
const MAX_LINES = 10_000;
/** The number of lines that leave at a time. */
const CUT = 1000;

/** Outcomes that nothing else in a transcript tells of. */
const NOTED: ReadonlySet<string> = new Set(['unhandled', 'stale', 'shed']);

/** The user that a line is about. */
export interface NamedUser {
  readonly named: { readonly user?: string };
}

/** What happened in a conversation, as the lines of a transcript. */
export class ConversationLog {
  readonly #lines: TranscriptLine[] = [];
  /** The line of each error: where the error turns out to be why a turn failed, its line says so. */
  readonly #errors = new WeakMap<object, { what: string }>();
  #left = 0;

  get transcript(): Transcript {
    if (this.#left === 0) return this.#lines;
    const text = `${this.#left} lines before it are left out`;
    return [{ kind: 'comment', text }, ...this.#lines];
  }

  /** How many lines there have been. */
  get length(): number {
    return this.#left + this.#lines.length;
  }

  since(length: number): Transcript {
    return this.#lines.slice(Math.max(length - this.#left, 0));
  }

  add(line: TranscriptLine): void {
    this.#lines.push(line);
    if (this.#lines.length <= MAX_LINES) return;
    this.#lines.splice(0, CUT);
    this.#left += CUT;
  }

  /** Time goes by: to be called with how much of it, when that is known. What happens in it is written below. */
  time(): (ms: number) => void {
    let line = this.#lines.at(-1) as { kind: string; ms: number } | undefined;
    if (line?.kind !== 'time') {
      line = { kind: 'time', ms: 0 };
      this.add(line as TranscriptLine);
    }
    const passing = line;
    return (ms) => void (passing.ms += ms);
  }

  /** Takes lines away. */
  drop(isGone: (line: TranscriptLine) => boolean): void {
    const kept = this.#lines.filter((line) => !isGone(line));
    this.#lines.splice(0, this.#lines.length, ...kept);
  }

  tell(user: NamedUser, replies: readonly Reply[]): void {
    for (const reply of replies) this.add({ kind: 'reply', ...user.named, text: inWords(reply) });
  }

  tellTurn(user: NamedUser, turn: Turn): void {
    this.tell(user, turn.replies);
    const { outcome } = turn;
    if (NOTED.has(outcome)) this.happened(user, outcome);
    else this.tellFailure(user, turn);
  }

  tellFailure(user: NamedUser, { outcome, error }: Turn): void {
    if (outcome !== 'failed') return;
    const told = typeof error === 'object' && error !== null ? this.#errors.get(error) : undefined;
    if (told === undefined) this.happened(user, 'failed', error);
    else told.what = 'failed';
  }

  happened(user: NamedUser | undefined, what: string, error?: unknown): void {
    const why = error === undefined ? {} : { why: reasonOf(error) };
    const line: { -readonly [Key in keyof HappeningLine]: HappeningLine[Key] } = {
      kind: 'happening',
      ...user?.named,
      what,
      ...why,
    };
    if (typeof error === 'object' && error !== null) this.#errors.set(error, line);
    this.add(line);
  }
}

/** An error in a line: the code of ours, and what was thrown. */
export function reasonOf(error: unknown): string {
  if (!ColloquyError.is(error)) return messageOf(error);
  const { cause, code } = error;
  return cause === undefined ? code : `${code}: ${messageOf(cause)}`;
}
