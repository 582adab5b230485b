import type { AnyStateMachine } from 'xstate';
import { converse } from './converse.ts';
import { isChat, environmentOf } from './environment-of.ts';
import type { Chat } from './converse-chat.ts';
import type { ConverseOptions } from './converse-options.ts';
import { matchesState } from './converse-state.ts';
import { lineDiff } from './line-diff.ts';
import { stubOf } from './transcript-service.ts';
import {
  type HappeningLine,
  type NumberedLine,
  type ReplyLine,
  type Transcript,
  type TranscriptLine,
  badLine,
  parseNumbered,
} from './transcript.ts';
import { formatLine, formatTranscript } from './transcript-format.ts';

/** The result of a played transcript. */
export interface Played {
  /** Whether all of it went as it is written. */
  readonly same: boolean;
  /** What really happened, with the comments where they were: to be written over a transcript that is out of date. */
  readonly transcript: Transcript;
  /** The same as a text. */
  readonly text: string;
  /** The number of the first line that went differently. */
  readonly line: number | undefined;
  /** Where it went differently, to be read: `-` before what is written, `+` before what happened. Empty where `same`. */
  readonly diff: string;
}

/** The maximum of lines that are shown before the first difference, and after it. */
const SHOWN_BEFORE = 12;
const SHOWN_AFTER = 20;

/**
 * Plays a transcript: sends what its users say, lets its time pass, and compares what it says of the rest with what
 * happens. A transcript that begins with a moment begins then.
 * @example
 * await playTranscript('> hi\n< What is your name?\n> Ann\n< Hello Ann.\n', survey);
 * @param on a dialogue, or a chat to continue
 * @throws UsageError `bad_transcript`, before anything is played
 */
export async function playTranscript<Dialogue extends AnyStateMachine>(
  transcript: string | Transcript,
  on: Dialogue | Chat<never, never> | Chat,
  options: ConverseOptions<Dialogue> = {},
): Promise<Played> {
  const text = typeof transcript === 'string' ? transcript : formatTranscript(transcript);
  const lines = parseNumbered(text);
  const first = lines.find(({ line }) => line.kind !== 'comment' && line.kind !== 'blank')?.line;
  const start = first?.kind === 'moment' ? { now: first.at } : {};
  const chat = isChat(on) ? on : converse(on as Dialogue, { ...start, ...options });
  for (const { line, number } of lines) checkServices(line, number, chat as Chat);
  const play = new Play(chat as Chat);
  for (const line of lines) await play.take(line);
  play.settle();
  return play.end();
}

/** A line that is written, and what happened in its place. */
interface Pair {
  readonly number: number | undefined;
  readonly written: TranscriptLine | undefined;
  readonly happened: TranscriptLine | undefined;
}

class Play {
  readonly #chat: Chat;
  readonly #pairs: Pair[] = [];
  /** What happened and was not compared yet. */
  #happened: TranscriptLine[] = [];
  /** Comments and empty lines wait for what is said before them and is not written. */
  #asides: NumberedLine[] = [];
  #seen: number;

  constructor(chat: Chat) {
    this.#chat = chat;
    this.#seen = environmentOf(chat).log.length;
  }

  async take(numbered: NumberedLine): Promise<void> {
    const { line, number } = numbered;
    if (line.kind === 'comment' || line.kind === 'blank') {
      this.#asides.push(numbered);
      return;
    }
    if (line.kind === 'reply' || line.kind === 'happening') {
      const happened = this.#happened.shift();
      if (happened !== undefined) this.#putAsides();
      const isAsWritten = happened !== undefined && isSame(this.#unnamed(line), happened);
      this.#pairs.push({ number, written: line, happened: isAsWritten ? line : happened });
      return;
    }
    this.settle();
    if (line.kind === 'state') {
      const { state } = this.#userOf(line);
      const happened = matchesState(state, line.path) ? line : { ...line, path: state };
      this.#pairs.push({ number, written: line, happened });
      return;
    }
    this.#pairs.push({ number, written: line, happened: line });
    await this.#do(line, number);
    const { log } = environmentOf(this.#chat);
    this.#happened = log
      .since(this.#seen)
      .filter(({ kind }) => kind === 'reply' || kind === 'happening');
    this.#seen = log.length;
  }

  /** Takes what happened and is not written. */
  settle(): void {
    for (const happened of this.#happened.splice(0)) {
      this.#pairs.push({ number: undefined, written: undefined, happened });
    }
    this.#putAsides();
  }

  end(): Played {
    const transcript = this.#pairs.flatMap(({ happened }) => happened ?? []);
    const index = this.#pairs.findIndex(({ written, happened }) => written !== happened);
    const same = index < 0;
    const line = same ? undefined : this.#pairs.slice(index).find((pair) => pair.number)?.number;
    return {
      same,
      transcript,
      text: formatTranscript(transcript),
      line,
      diff: same ? '' : this.#diff(index),
    };
  }

  async #do(line: TranscriptLine, number: number): Promise<void> {
    const environment = environmentOf(this.#chat);
    switch (line.kind) {
      case 'message': {
        const chat = this.#userOf(line);
        // A button is pressed where it was shown last.
        const message = environment.user(chat.openid).offers.pressed(line.message);
        return void (await chat.send(message));
      }
      case 'event': {
        const user = environment.user(this.#userOf(line).openid);
        return environment.report(user, line.event);
      }
      case 'again':
        return void (await this.#userOf(line).redeliver());
      case 'crash':
        return environment.crash();
      case 'time':
        return environment.advance(line.ms);
      case 'moment': {
        const ms = line.at - environment.time.now();
        if (ms >= 0) return environment.advance(ms);
        throw badLine(number, 'names a moment that is over; give converse() a `now` before it.');
      }
      case 'service':
        return environment.services.queue(line.name, stubOf(line));
      case 'deadline':
        environment.deadlineMs = line.ms;
        return;
      default:
    }
  }

  #userOf({ user }: { readonly user?: string }): Chat {
    return user === undefined ? this.#chat : this.#chat.user(user);
  }

  /** The main user of the chat may be named, too. */
  #unnamed(line: ReplyLine | HappeningLine): TranscriptLine {
    const { user, ...rest } = line;
    return user === this.#chat.openid ? rest : line;
  }

  #putAsides(): void {
    for (const { line, number } of this.#asides.splice(0)) {
      this.#pairs.push({ number, written: line, happened: line });
    }
  }

  #diff(index: number): string {
    const from = Math.max(index - SHOWN_BEFORE, 0);
    const shown = this.#pairs.slice(from, index + SHOWN_AFTER);
    const textsOf = (which: 'written' | 'happened'): string[] =>
      shown.flatMap(({ [which]: line }) =>
        line === undefined ? [] : formatLine(line).split('\n'),
      );
    const diff = lineDiff(textsOf('written'), textsOf('happened'));
    const lines = [diff.replaceAll(/^ {2}$/gmu, '')];
    const { length } = this.#pairs;
    if (from > 0) lines.unshift('  …');
    if (index + SHOWN_AFTER < length) lines.push('  …');
    return lines.join('\n');
  }
}

/** @throws UsageError `bad_transcript` where a line is about services that are not there */
function checkServices(line: TranscriptLine, number: number, chat: Chat): void {
  const { services, hasChannel } = environmentOf(chat);
  if (line.kind === 'service' && !services.names.has(line.name)) {
    const names = [...services.names].map((name) => `'${name}'`).join(', ') || 'none';
    throw badLine(number, `names a service that the dialogue does not have; it has ${names}.`);
  }
  if (line.kind === 'deadline' && hasChannel) {
    throw badLine(
      number,
      'sets a deadline, and what goes through a channel has that of its platform.',
    );
  }
}

/** Why something happened need not be written. */
function isSame(written: TranscriptLine, happened: TranscriptLine): boolean {
  if (written.kind === 'happening' && happened.kind === 'happening' && written.why === undefined) {
    return written.what === happened.what && written.user === happened.user;
  }
  return formatLine(written) === formatLine(happened);
}
