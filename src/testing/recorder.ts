import type { Clock } from '../clock.ts';
import type { TraceChannel } from '../internal/tracing.ts';
import type { Reply } from '../reply.ts';
import { channels } from '../runner/reporting/trace.ts';
import type { RunnerEvents } from '../runner/events.ts';
import type { Incoming } from '../runner/calls.ts';
import type { Runner } from '../runner/runner.ts';
import { ConversationLog, type NamedUser } from './converse-log.ts';
import { Offers } from './converse-offers.ts';
import type { Transcript, TranscriptLine } from './transcript.ts';

/** The maximum of users whose last message and offers are remembered. */
const MAX_OPENIDS = 10_000;
/** Less than this between two lines goes unsaid. */
const LEAST_PAUSE_MS = 1000;

/** The line that says when a moment is; undefined for one so soon after the last that this goes unsaid. */
export function pauseLine(
  last: number | undefined,
  now: number,
  unitMs: number = LEAST_PAUSE_MS,
): TranscriptLine | undefined {
  if (last === undefined) return { kind: 'moment', at: now };
  const ms = Math.round((now - last) / unitMs) * unitMs;
  return now - last < unitMs ? undefined : { kind: 'time', ms };
}

export interface RecorderOptions {
  readonly clock: Clock;
  /** The only user who is listened to. */
  readonly only?: string | undefined;
  /** The user who goes without a name. */
  readonly main?: string | undefined;
  /** Whether the `raw` of messages is kept. */
  readonly raw?: boolean;
  /** Whether times are written to the millisecond, for a clock that stands still. Default: in whole seconds. */
  readonly isExact?: boolean;
}

/** What a recorder has written down, and what it has to know to continue from there. */
export interface RecorderState {
  readonly lines: Transcript;
  /** The moment at the end of the lines, as their reader adds it up. */
  readonly told: number | undefined;
  readonly offers: ReadonlyMap<string, Offers>;
}

/** Writes down what a live runner hears and says, as the lines of a transcript. */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #log = new ConversationLog();
  readonly #offers: Map<string, Offers>;
  readonly #lastIds = new Map<string, string>();
  #told: number | undefined;

  /** @param from where an earlier recorder was, to continue from there */
  constructor(options: RecorderOptions, from?: RecorderState) {
    this.#options = options;
    for (const line of from?.lines ?? []) this.#log.add(line);
    this.#told = from?.told;
    this.#offers = new Map(
      [...(from?.offers ?? [])].map(([name, offers]) => [name, offers.copy()]),
    );
  }

  get transcript(): Transcript {
    return [...this.#log.transcript];
  }

  /** The last line. */
  get last(): TranscriptLine | undefined {
    return this.#log.transcript.at(-1);
  }

  /** Whether a message with this id would be the last one of the user once more. */
  isLast(openid: string, id: string): boolean {
    return this.#lastIds.get(openid) === id;
  }

  /** Adds a line about what the runner does not tell, as a crash. */
  note(line: TranscriptLine): void {
    this.#pass();
    this.#log.add(line);
  }

  get state(): RecorderState {
    const offers = [...this.#offers].map(([name, own]) => [name, own.copy()] as const);
    return { lines: this.transcript, told: this.#told, offers: new Map(offers) };
  }

  /** What a user sees to choose from. */
  offersOf(openid: string): Offers {
    return this.#offers.get(openid) ?? new Offers();
  }

  /** Everything of a user is deleted: the conversation begins again for them, and so do its lines. */
  forget(openid: string): void {
    const { user } = this.#userOf(openid).named;
    this.#log.drop(
      (line) => IS_OF_USER.has(line.kind) && (line as NamedUser['named']).user === user,
    );
    this.#offers.delete(openid);
    this.#lastIds.delete(openid);
  }

  /** Begins to listen. @returns the same runner, which notes what it is handed; and what ends it */
  listen(runner: Runner): { readonly runner: Runner; stop(): void } {
    let isOn = true;
    const listensTo = (openid: string): boolean => isOn && this.#listensTo(openid);
    const happened = (openid: string | undefined, what: string, error?: unknown): void => {
      if (openid === undefined ? isOn : listensTo(openid)) this.#happened(openid, what, error);
    };
    const offs = [
      runner.on('turn', (turn) => {
        if (listensTo(turn.openid)) this.#turn(turn);
      }),
      runner.on('reply', ({ openid, reply }) => {
        if (listensTo(openid)) this.#reply(openid, reply);
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
      if (listensTo(openid)) this.#hear(openid, message, options?.id);
      return taken(openid, runner.handle(openid, message, options));
    };
    const send: Runner['send'] = (openid, event, options) => {
      if (listensTo(openid)) {
        this.#pass();
        this.#log.add({ kind: 'event', ...this.#userOf(openid).named, event });
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
      stop() {
        isOn = false;
        for (const off of offs) off();
      },
    };
  }

  #listensTo(openid: string): boolean {
    const { only } = this.#options;
    return only === undefined || only === openid;
  }

  #userOf(openid: string): NamedUser {
    const { only, main } = this.#options;
    return { named: only === undefined && main !== openid ? { user: openid } : {} };
  }

  /** Times are rounded to seconds. The remainder is added to a later time, so that errors do not add up. */
  #pass(): void {
    const { clock, isExact } = this.#options;
    const line = pauseLine(this.#told, clock.now(), isExact === true ? 1 : LEAST_PAUSE_MS);
    if (line === undefined) return;
    this.#log.add(line);
    if (line.kind === 'moment') this.#told = line.at;
    else if (line.kind === 'time') this.#told = (this.#told ?? 0) + line.ms;
  }

  #hear(openid: string, message: Incoming, id: string | undefined): void {
    this.#pass();
    const { named } = this.#userOf(openid);
    const isAgain = id !== undefined && this.#lastIds.get(openid) === id;
    const kept = this.#options.raw === true ? message : withoutRaw(message);
    const unnamed = this.#offers.get(openid)?.unnamed(kept) ?? kept;
    this.#log.add(
      isAgain ? { kind: 'again', ...named } : { kind: 'message', ...named, message: unnamed },
    );
    this.#lastIds.delete(openid);
    if (id !== undefined) setWithin(this.#lastIds, openid, id);
  }

  #turn(turn: RunnerEvents['turn']): void {
    this.#pass();
    this.#note(turn.openid, turn.replies);
    const user = this.#userOf(turn.openid);
    if (turn.cause === 'message') this.#log.tellTurn(user, turn);
    // Its replies are written when they are pushed.
    else if (turn.cause === 'event') this.#log.tellTurn(user, { ...turn, replies: [] });
    else this.#log.tellFailure(user, turn);
  }

  #reply(openid: string, reply: Reply): void {
    this.#pass();
    this.#note(openid, [reply]);
    this.#log.tell(this.#userOf(openid), [reply]);
  }

  #happened(openid: string | undefined, what: string, error: unknown): void {
    this.#pass();
    this.#log.happened(openid === undefined ? undefined : this.#userOf(openid), what, error);
  }

  #note(openid: string, replies: readonly Reply[]): void {
    if (replies.every(({ type }) => type !== 'choices')) return;
    const own = this.offersOf(openid);
    own.note(replies);
    setWithin(this.#offers, openid, own);
  }
}

const IS_OF_USER: ReadonlySet<string> = new Set([
  'message',
  'event',
  'again',
  'reply',
  'state',
  'happening',
] satisfies TranscriptLine['kind'][]);

function withoutRaw(message: Incoming): Incoming {
  if (typeof message === 'string') return message;
  const { raw: _raw, ...rest } = message as { readonly raw?: unknown };
  return rest as Incoming;
}

/** Remembers something of a user, and forgets it of the one who was heard least recently. */
function setWithin<Value>(map: Map<string, Value>, openid: string, value: Value): void {
  map.delete(openid);
  map.set(openid, value);
  if (map.size > MAX_OPENIDS) map.delete(map.keys().next().value ?? '');
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
