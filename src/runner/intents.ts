import type { Clock } from '../clock.ts';
import { type Data, freezeCopy } from '../internal/plain-data.ts';
import type { Holders } from '../context/holders.ts';
import { NONE } from '../context/record/record.ts';
import type { Engine, Snapshot } from '../dialogue/engine/engine.ts';
import { checkIntents } from '../dialogue/engine/intents.ts';
import { ColloquyError } from '../errors.ts';
import { type MaybePromise, isThenable } from '../internal/maybe.ts';
import { type IntentMessage, type Message, isSpoken, textOf } from '../message.ts';
import { About, type RecognizedAt, type Source } from './recognize-about.ts';
import type { Reporter } from './events.ts';
import type { RunnerOptions } from './options.ts';
import { type NamedMatch, readCandidates, readVerdict } from '../dialogue/text/intent-match.ts';

/** What was recognised in a message. */
export interface Recognized {
  /** The surest first. */
  readonly intents: readonly IntentMessage[];
  /** The recognizers that were called. */
  readonly asked: readonly Source[];
}

/** Those that may be called where the dialogue stands. */
interface Askable extends Recognized {
  /** The intents that a state may take. */
  readonly takes: readonly string[];
}

interface RecognitionOptions {
  readonly clock: Clock;
  readonly recognizeMs: number;
  /** The maximum size of the values of an intent, in bytes of JSON. */
  readonly maxBytes: number;
  readonly reporter: Pick<Reporter, 'error'>;
  /** The holders of the store. Undefined if no lane waits for the recognizers. */
  readonly holders?: Holders;
}

interface RecognitionPorts extends Omit<RecognitionOptions, 'holders'> {
  readonly holders: Holders | undefined;
  readonly engine: Pick<Engine, 'takes' | 'question' | 'persist'>;
}

/** The maximum of intents that are tried for one message. */
const MAX_INTENTS = 16;

interface Found extends NamedMatch {
  readonly source: Source;
}

/** @returns undefined if there are no recognizers */
export function createRecognition(
  engine: Engine,
  { recognizers = {}, recognize }: Pick<RunnerOptions, 'recognizers' | 'recognize'>,
  ports: RecognitionOptions,
): Recognition | undefined {
  checkIntents(recognizers, false);
  const named = new Map([...engine.intents.named, ...Object.entries(recognizers)]);
  const several = recognize === undefined ? engine.intents.recognizers : [recognize];
  const sources: Source[] = [];
  for (const [intent, ask] of named)
    if (ask !== undefined) sources.push({ intent, ask, habit: {} });
  for (const ask of several) sources.push({ intent: undefined, ask, habit: {} });
  if (sources.length === 0) return undefined;
  const types = [...engine.declared].filter((type) => type.startsWith('intent.'));
  const names = [...named.keys(), ...types.map((type) => type.slice('intent.'.length))];
  return new Recognition(sources, [...new Set(names)], { holders: undefined, ...ports, engine });
}

/**
 * Recognises the intents of messages. It calls all recognizers at the same time, but for those of which no state takes what
 * they find, and waits only for those that return a promise. An error of a recognizer is reported, and counts as no intent.
 */
export class Recognition {
  readonly #sources: readonly Source[];
  readonly #intents: readonly string[];
  readonly #ports: RecognitionPorts;
  readonly #anywhere: Askable;
  readonly #askable = new WeakMap<Snapshot, Askable>();
  /** Functions that end the recognitions under way. */
  readonly #waiting = new Set<() => void>();
  #isStopped = false;

  constructor(sources: readonly Source[], intents: readonly string[], ports: RecognitionPorts) {
    this.#sources = sources;
    this.#intents = Object.freeze(intents);
    this.#anywhere = { takes: intents, asked: sources, intents: NONE };
    this.#ports = ports;
  }

  /**
   * The intents of the message. Never throws. The time limit counts from the message's arrival. When it passes, the intents
   * found so far count, and the missing recognizers are reported. If it has passed already, because the message waited
   * behind a slow one, the recognizers get an aborted signal.
   * @param place undefined to find out what the message means anywhere
   */
  recognize(
    openid: string,
    message: Message,
    place: RecognizedAt | undefined,
  ): MaybePromise<Recognized> {
    // An intent needs no recognition, and an event by which no user spoke has no intents.
    if (message.type.startsWith('intent.') || !isSpoken(message)) return NOTHING;
    const askable = place === undefined ? this.#anywhere : this.#askableIn(place.snapshot);
    const { takes, asked } = askable;
    if (asked.length === 0) return askable;
    const { clock, recognizeMs } = this.#ports;
    const now = clock.now();
    const endsAt = Math.min(message.receivedAt ?? now, now) + recognizeMs;
    const about = new About({ openid, intents: this.#intents, takes }, place, this.#ports);
    const recognizing = new Recognizing(message, about, askable);
    const isOver = this.#isStopped || endsAt <= now;
    if (isOver) About.abort(about);
    for (const source of asked) this.#ask(source, recognizing);
    if (recognizing.missing === undefined) return this.#recognized(recognizing);
    if (isOver || this.#isStopped) return this.#end(recognizing);
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        this.#waiting.delete(end);
        resolve(this.#end(recognizing));
      };
      const cancel = clock.wake(endsAt, end);
      this.#waiting.add(end);
      recognizing.onComplete = end;
    });
  }

  /** Whether all recognizers were called that may be called where the dialogue stands now. */
  isEnough({ asked }: Recognized, snapshot: Snapshot): boolean {
    if (asked.length === this.#sources.length) return true;
    return this.#askableIn(snapshot).asked.every((source) => asked.includes(source));
  }

  #askableIn(snapshot: Snapshot): Askable {
    let askable = this.#askable.get(snapshot);
    if (askable === undefined) {
      const takes = this.#intents.filter(this.#ports.engine.takes(snapshot));
      const asked = this.#sources.filter(({ intent }) =>
        intent === undefined ? takes.length > 0 : takes.includes(intent),
      );
      askable = { takes: Object.freeze(takes), asked, intents: NONE };
      this.#askable.set(snapshot, askable);
    }
    return askable;
  }

  /** Ends the recognitions under way. Later ones wait for no recognizer. */
  stop(): void {
    this.#isStopped = true;
    for (const end of this.#waiting) end();
  }

  #ask(source: Source, recognizing: Recognizing): void {
    let answer: unknown;
    try {
      answer = About.ask(recognizing.about, source, recognizing.message);
      if (!isThenable(answer)) return this.#note(source, recognizing, answer);
    } catch (cause) {
      return this.#failed(source, recognizing, cause);
    }
    recognizing.missing ??= new Set();
    recognizing.missing.add(source);
    void this.#await(source, recognizing, answer);
  }

  async #await(
    source: Source,
    recognizing: Recognizing,
    answer: PromiseLike<unknown>,
  ): Promise<void> {
    let note: () => void;
    try {
      const settled = await answer;
      note = () => this.#note(source, recognizing, settled);
    } catch (cause) {
      note = () => this.#failed(source, recognizing, cause);
    }
    // It is too late, and was reported as missing.
    if (recognizing.isOver) return;
    note();
    recognizing.missing?.delete(source);
    if (recognizing.missing?.size === 0) recognizing.onComplete();
  }

  /** Records the intents in an answer. */
  #note(source: Source, recognizing: Recognizing, answer: unknown): void {
    try {
      if (source.intent !== undefined) {
        const { intent } = source;
        const found = readVerdict(answer);
        if (found !== undefined) recognizing.found.push({ ...found, intent, source });
        return;
      }
      const { openid } = recognizing.about;
      let unknown = 0;
      for (const { intent, ...found } of readCandidates(answer)) {
        if (this.#intents.includes(intent)) recognizing.found.push({ ...found, intent, source });
        else unknown += 1;
      }
      if (unknown > 0) this.#ports.reporter.error(unknownIntents(openid, unknown), openid);
    } catch (cause) {
      this.#failed(source, recognizing, cause);
    }
  }

  /** The time limit has passed, or all recognizers have answered. */
  #end(recognizing: Recognizing): Recognized {
    recognizing.isOver = true;
    const missing = [...(recognizing.missing ?? NONE)];
    if (missing.length > 0) About.abort(recognizing.about);
    for (const source of missing) {
      const { openid } = recognizing.about;
      const error = new ColloquyError(
        'recognizer_timeout',
        'A recognizer had not answered at the time limit, or when the runner stopped, so the runner took the message without it. Make it faster, or raise `recognizeMs` and `deadlineMs`.',
        { retryable: true, openid, details: detailsOf(source) },
      );
      this.#ports.reporter.error(error, openid);
    }
    return this.#recognized(recognizing);
  }

  /** The intents as events: each once, the surest first, equal ones in the order of declaration. */
  #recognized(recognizing: Recognizing): Recognized {
    const { found, message, askable } = recognizing;
    if (found.length === 0) return askable;
    const placeOf = ({ intent }: Found): number => this.#intents.indexOf(intent);
    const orderOf = ({ source }: Found): number => this.#sources.indexOf(source);
    found.sort((a, b) => b.score - a.score || placeOf(a) - placeOf(b) || orderOf(a) - orderOf(b));
    const words: unknown = textOf(message);
    const text = typeof words === 'string' ? words : '';
    const intents = new Map<string, IntentMessage>();
    for (const { intent, score, values: given, source } of found) {
      if (intents.has(intent)) continue;
      try {
        const values = freezeCopy((given ?? {}) as Data, this.#ports.maxBytes).data;
        const { receivedAt, from, raw } = message;
        intents.set(intent, {
          type: `intent.${intent}`,
          text,
          score,
          values,
          message,
          ...(from !== undefined && { from }),
          ...(raw !== undefined && { raw }),
          ...(receivedAt !== undefined && { receivedAt }),
        });
      } catch (cause) {
        this.#failed(source, recognizing, cause);
      }
      if (intents.size === MAX_INTENTS) break;
    }
    return { intents: [...intents.values()], asked: askable.asked };
  }

  #failed(source: Source, { about: { openid } }: Recognizing, cause: unknown): void {
    const error = new ColloquyError(
      'recognizer_failed',
      'A recognizer threw, or answered with something else than it may; see the cause. The message was taken without it.',
      { openid, cause, details: detailsOf(source) },
    );
    this.#ports.reporter.error(error, openid);
  }
}

const NOTHING: Recognized = Object.freeze({ intents: NONE, asked: NONE });

class Recognizing {
  readonly message: Message;
  readonly about: About;
  readonly askable: Askable;
  readonly found: Found[] = [];
  /** The recognizers that have not answered; undefined if none returned a promise. */
  missing: Set<Source> | undefined;
  /** Whether it is too late for answers. */
  isOver = false;
  onComplete = (): void => {};

  constructor(message: Message, about: About, askable: Askable) {
    this.message = message;
    this.about = about;
    this.askable = askable;
  }
}

/** It does not quote the names: they may be the user's words. */
function unknownIntents(openid: string, count: number): ColloquyError {
  return new ColloquyError(
    'unknown_intent',
    `A recognizer named ${count} intents that the dialogue does not declare, and they were dropped. \`about.intents\` lists the declared ones.`,
    { openid, details: { recognizer: 'recognize', count } },
  );
}

function detailsOf({ intent }: Source): Readonly<Record<string, string>> {
  return intent === undefined ? { recognizer: 'recognize' } : { intent };
}
