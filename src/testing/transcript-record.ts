import { type KeysOf, checkOptions } from '../internal/closed.ts';
import type { AnyStateMachine } from 'xstate';
import { type Clock, systemClock } from '../clock.ts';
import { type Codec, openRecord } from '../context/record/envelope.ts';
import { jsonCodec } from '../context/record/json-codec.ts';
import { seenEntries } from '../context/record/seen-log.ts';
import { createEngine } from '../dialogue/engine/engine.ts';
import { eventLabel } from '../dialogue/engine/event-label.ts';
import { formatSpan } from '../internal/event-words.ts';
import type { TraceChannel } from '../internal/tracing.ts';
import type { StoredRecord } from '../persist/persister.ts';
import type { Reply } from '../reply.ts';
import { inspectRecord } from '../context/record/inspect.ts';
import { channels } from '../runner/events.ts';
import type { Incoming } from '../runner/options.ts';
import type { Runner } from '../runner/runner.ts';
import { ConversationLog, type NamedUser } from './converse-log.ts';
import { Offers } from './converse-offers.ts';
import { formatState } from './converse-state.ts';
import { type Transcript, type TranscriptLine, formatTranscript, inWords } from './transcript.ts';

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

export interface Recording {
  /** The same runner, which notes what it is handed: give this one to a webhook. */
  readonly runner: Runner;
  /** What happened so far; of over 10 000 lines, the last. It holds what users said. */
  readonly transcript: Transcript;
  readonly text: string;
  /** Ends it. The runner continues. */
  stop(): void;
}

/** Less than this between two lines goes unsaid. */
const LEAST_PAUSE_MS = 1000;

/** The line that says when a moment is; undefined for one so soon after the last that this goes unsaid. */
function pauseLine(last: number | undefined, now: number): TranscriptLine | undefined {
  if (last === undefined) return { kind: 'moment', at: now };
  const ms = Math.round((now - last) / 1000) * 1000;
  return now - last < LEAST_PAUSE_MS ? undefined : { kind: 'time', ms };
}

/** Writes a transcript of what a live runner hears and says. */
export function recordTranscript(runner: Runner, options: RecordOptions = {}): Recording {
  checkOptions('recordTranscript()', options, KEYS);
  const { openid: only, clock = systemClock, raw: keepsRaw = false } = options;
  const log = new ConversationLog();
  const lastIds = new Map<string, string>();
  const offers = new Map<string, Offers>();
  let isOn = true;
  let last: number | undefined;
  const listensTo = (openid: string): boolean => isOn && (only === undefined || only === openid);
  const userOf = (openid: string): NamedUser => ({
    named: only === undefined ? { user: openid } : {},
  });
  const happened = (openid: string | undefined, what: string, error?: unknown): void => {
    if (openid !== undefined && !listensTo(openid)) return;
    pass();
    log.happened(openid === undefined ? undefined : userOf(openid), what, error);
  };
  const pass = (): void => {
    const now = clock.now();
    const line = pauseLine(last, now);
    if (line === undefined) return;
    log.add(line);
    last = now;
  };
  const hear = (openid: string, message: Incoming, id: string | undefined): void => {
    pass();
    const { named } = userOf(openid);
    const isAgain = id !== undefined && lastIds.get(openid) === id;
    const kept = keepsRaw ? message : withoutRaw(message);
    const unnamed = offers.get(openid)?.unnamed(kept) ?? kept;
    log.add(
      isAgain ? { kind: 'again', ...named } : { kind: 'message', ...named, message: unnamed },
    );
    lastIds.delete(openid);
    if (id === undefined) return;
    lastIds.set(openid, id);
    if (lastIds.size > MAX_OPENIDS) lastIds.delete(lastIds.keys().next().value ?? '');
  };
  const note = (openid: string, replies: readonly Reply[]): void => {
    if (replies.every(({ type }) => type !== 'choices')) return;
    const own = offers.get(openid) ?? new Offers();
    own.note(replies);
    offers.delete(openid);
    offers.set(openid, own);
    if (offers.size > MAX_OPENIDS) offers.delete(offers.keys().next().value ?? '');
  };
  const offs = [
    runner.on('turn', (turn) => {
      if (!listensTo(turn.openid)) return;
      pass();
      note(turn.openid, turn.replies);
      if (turn.cause === 'message') log.tellTurn(userOf(turn.openid), turn);
      // Its replies are written when they are pushed.
      else if (turn.cause === 'event') log.tellTurn(userOf(turn.openid), { ...turn, replies: [] });
      else log.tellFailure(userOf(turn.openid), turn);
    }),
    runner.on('reply', ({ openid, reply }) => {
      if (!listensTo(openid)) return;
      pass();
      note(openid, [reply]);
      log.tell(userOf(openid), [reply]);
    }),
    // A listener of the runner's own event would make heard what no one of the program takes.
    subscribed(channels.failed, runner, ({ openid, error }) => happened(openid, 'error', error)),
    subscribed(channels.expired, runner, ({ openid }) => happened(openid, 'expired')),
  ];
  /** What is refused has no turn. */
  const taken = <Ended>(openid: string, turn: Promise<Ended>): Promise<Ended> => {
    turn.catch((error: unknown) => happened(openid, 'refused', error));
    return turn;
  };
  const handle: Runner['handle'] = (openid, message, options) => {
    if (listensTo(openid)) hear(openid, message, options?.id);
    return taken(openid, runner.handle(openid, message, options));
  };
  const send: Runner['send'] = (openid, event, options) => {
    if (listensTo(openid)) {
      pass();
      log.add({ kind: 'event', ...userOf(openid).named, event });
    }
    return taken(openid, runner.send(openid, event, options));
  };
  return {
    runner: new Proxy(runner, {
      get(target, name) {
        if (name === 'handle') return handle;
        if (name === 'send') return send;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    }),
    get transcript() {
      return [...log.transcript];
    },
    get text() {
      return formatTranscript(log.transcript);
    },
    stop() {
      isOn = false;
      for (const off of offs) off();
    },
  };
}

/** Listens to what a runner publishes beside its events. @returns a function that ends it */
function subscribed<About extends { readonly runner: object }>(
  channel: TraceChannel<About>,
  runner: Runner,
  listener: (about: About) => void,
): () => void {
  const subscriber = (about: About): void => {
    if (about.runner === runner) listener(about);
  };
  channel.subscribe(subscriber);
  return () => void channel.unsubscribe(subscriber);
}

function withoutRaw(message: Incoming): Incoming {
  if (typeof message === 'string') return message;
  const { raw: _raw, ...rest } = message as { readonly raw?: unknown };
  return rest as Incoming;
}

/** The maximum of users whose last message and offers are remembered. */
const MAX_OPENIDS = 10_000;

/** One thing out of a log of yours. */
export interface LogEntry {
  /** Epoch ms. */
  readonly at: number;
  /** Undefined where the log is about one user. */
  readonly openid?: string;
  readonly message?: Incoming;
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
    last = at;
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
  const {
    savedAt,
    timers,
    services,
    dialogue: standing,
  } = inspectRecord(opened, createEngine(dialogue));
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
    { kind: 'state', path: formatState(standing, dialogue) },
    ...timers.map(({ type, dueAt }) =>
      comment(
        `${eventLabel(type, dialogue)} is due ${dueAt <= savedAt ? 'now' : `in ${formatSpan(dueAt - savedAt)}`}`,
      ),
    ),
    ...services.map(({ src }) => comment(`the service ${src} is running`)),
  ];
}
