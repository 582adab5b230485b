import { type KeysOf, checkOptions } from '../internal/closed.ts';
import type { AnyStateMachine } from 'xstate';
import { type Clock, systemClock } from '../clock.ts';
import { type Codec, openRecord } from '../context/record/envelope.ts';
import { jsonCodec } from '../context/record/json-codec.ts';
import { seenEntries } from '../context/record/seen-log.ts';
import { createEngine } from '../dialogue/engine/engine.ts';
import { eventLabel } from '../dialogue/engine/event-label.ts';
import { formatSpan } from '../internal/event-words.ts';
import type { StoredRecord } from '../persist/persister.ts';
import type { Reply } from '../reply.ts';
import { inspectRecord } from '../context/record/inspect.ts';
import type { Incoming } from '../runner/calls.ts';
import type { Runner } from '../runner/runner.ts';
import { Offers } from './converse-offers.ts';
import { Recorder, pauseLine } from './recorder.ts';
import { formatState } from './converse-state.ts';
import type { Transcript, TranscriptLine } from './transcript.ts';
import { formatTranscript, inWords } from './transcript-format.ts';

/** Options of `recordTranscript()`: whose messages are noted, and by which clock. */
export interface RecordOptions {
  /** The only user who is listened to, and goes without a name. Default: all of them, each with their openid as name. */
  readonly openid?: string | undefined;
  /** The runner's clock. Default: the clock on the wall. */
  readonly clock?: Clock | undefined;
  /**
   * Keeps the `raw` of messages, for a dialogue that reads it. Default false: it is all that the platform sent, and may
   * hold what belongs in no file.
   */
  readonly raw?: boolean | undefined;
}

const KEYS = { openid: null, clock: null, raw: null } satisfies KeysOf<RecordOptions>;

/** A transcript that grows with what a runner hears and says. */
export interface Recording {
  /** The same runner, which notes what it is handed: give this one to a webhook. */
  readonly runner: Runner;
  /** What happened so far; of over 10 000 lines, the last. It holds what users said. */
  readonly transcript: Transcript;
  /** The same as a text. */
  readonly text: string;
  /** Ends it. The runner continues. */
  stop(): void;
}

/** Writes a transcript of what a live runner hears and says. */
export function recordTranscript(runner: Runner, options: RecordOptions = {}): Recording {
  checkOptions('recordTranscript()', options, KEYS);
  const { openid: only, clock = systemClock, raw: keepsRaw = false } = options;
  const recorder = new Recorder({ clock, only, raw: keepsRaw });
  const { runner: recorded, stop } = recorder.listen(runner);
  return {
    runner: recorded,
    get transcript() {
      return recorder.transcript;
    },
    get text() {
      return formatTranscript(recorder.transcript);
    },
    stop,
  };
}

/** One thing out of a log of yours. */
export interface LogEntry {
  /** Epoch ms. */
  readonly at: number;
  /** Undefined where the log is about one user. */
  readonly openid?: string;
  /** What the user said then. */
  readonly message?: Incoming;
  /** What was said to the user then. */
  readonly replies?: readonly Reply[];
}

/** The transcript of a log in which messages and replies were kept, in the order of their times. */
export function fromLog(entries: Iterable<LogEntry>): Transcript {
  const lines: TranscriptLine[] = [];
  let last: number | undefined;
  const offers = new Map<string | undefined, Offers>();
  for (const { at, openid, message, replies = [] } of [...entries].sort((a, b) => a.at - b.at)) {
    const named = openid === undefined ? {} : { user: openid };
    const pause = pauseLine(last, at);
    if (pause !== undefined) lines.push(pause);
    // The remainder is added to a later time, so that errors do not add up.
    if (pause?.kind === 'moment') last = pause.at;
    else if (pause?.kind === 'time') last = (last ?? 0) + pause.ms;
    const own = offers.get(openid) ?? new Offers();
    offers.set(openid, own);
    if (message !== undefined) {
      lines.push({ kind: 'message', ...named, message: own.unnamed(message) });
    }
    own.note(replies);
    for (const reply of replies) lines.push({ kind: 'reply', ...named, text: inWords(reply) });
  }
  return lines;
}

/** Options of `fromRecord()`: the dialogue, and how the record is decoded. */
export interface FromRecordOptions {
  /** The dialogue that it is a conversation with. */
  readonly dialogue: AnyStateMachine;
  /** What the record is encoded with. Default `jsonCodec`. */
  readonly codec?: Codec | undefined;
}

const FROM_RECORD_KEYS = { dialogue: null, codec: null } satisfies KeysOf<FromRecordOptions>;

/**
 * What a stored record still tells of its conversation, to be read: what was said to the last messages that came with an
 * id, where the dialogue stands, and what it waits for. What users said is not kept, so it cannot be played.
 * @throws PersistError `corrupt` where it does not open
 */
export function fromRecord(
  record: Pick<StoredRecord, 'openid' | 'body'>,
  options: FromRecordOptions,
): Transcript {
  checkOptions('fromRecord()', options, FROM_RECORD_KEYS);
  const { dialogue, codec = jsonCodec } = options;
  const opened = openRecord(record, codec);
  const found = inspectRecord(opened, createEngine(dialogue));
  const { savedAt, timers, services } = found;
  const comment = (text: string): TranscriptLine => ({ kind: 'comment', text });
  return [
    ...seenEntries(opened.seen).flatMap(({ id, replies }): TranscriptLine[] => [
      comment(`the message ${id}`),
      ...replies.map((reply) => ({ kind: 'reply', text: inWords(reply) }) as const),
    ]),
    ...opened.outbox.flatMap(({ reply }): TranscriptLine[] => [
      comment('not handed over yet'),
      { kind: 'reply', text: inWords(reply) },
    ]),
    comment(`as of ${new Date(savedAt).toISOString()}`),
    { kind: 'state', path: formatState(found.dialogue, dialogue) },
    ...timers.map(({ type, dueAt }) =>
      comment(
        `${eventLabel(type, dialogue)} is due ${dueAt <= savedAt ? 'now' : `in ${formatSpan(dueAt - savedAt)}`}`,
      ),
    ),
    ...services.map(({ src }) => comment(`the service ${src} is running`)),
  ];
}
