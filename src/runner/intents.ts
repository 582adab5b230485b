import type { Clock } from '../clock.ts';
import { type Data, freezeCopy } from '../internal/plain-data.ts';
import { NONE } from '../context/record/record.ts';
import type { Engine } from '../dialogue/engine/engine.ts';
import { checkIntents } from '../dialogue/engine/intents.ts';
import type { IntentRecognizer, RecognizeAbout, Recognizer } from '../dialogue/text/recognizers.ts';
import { ColloquyError } from '../errors.ts';
import type { MaybePromise } from '../internal/maybe.ts';
import { type IntentMessage, type Message, isSpoken, textOf } from '../message.ts';
import type { Reporter } from './events.ts';
import type { RunnerOptions } from './options.ts';
import { type NamedMatch, readCandidates, readVerdict } from '../dialogue/text/intent-match.ts';

/** What a message may mean, the surest first. */
export type RecognizedIntents = readonly IntentMessage[];

/** What recognition needs of the runner. */
export interface RecognitionPorts {
  readonly clock: Clock;
  readonly recognizeMs: number;
  /** The most bytes that the values of an intent may take as JSON. */
  readonly maxBytes: number;
  readonly reporter: Pick<Reporter, 'error'>;
}

/** So many meanings of a message are tried. */
const MAX_MEANINGS = 16;

/** One function to ask: for the intent it recognises, or for several at once. */
type Source =
  | { readonly intent: string; readonly ask: IntentRecognizer }
  | { readonly intent: undefined; readonly ask: Recognizer };

interface Found extends NamedMatch {
  readonly source: Source;
}

/** @returns undefined where there is nothing that could recognise anything */
export function createRecognition(
  engine: Engine,
  { recognizers = {}, recognize }: Pick<RunnerOptions, 'recognizers' | 'recognize'>,
  ports: RecognitionPorts,
): Recognition | undefined {
  checkIntents(recognizers, false);
  const named = new Map([...engine.intents.named, ...Object.entries(recognizers)]);
  const several = recognize === undefined ? engine.intents.recognizers : [recognize];
  const sources: Source[] = [];
  for (const [intent, ask] of named) if (ask !== undefined) sources.push({ intent, ask });
  for (const ask of several) sources.push({ intent: undefined, ask });
  if (sources.length === 0) return undefined;
  const types = [...engine.declared].filter((type) => type.startsWith('intent.'));
  const names = [...named.keys(), ...types.map((type) => type.slice('intent.'.length))];
  return new Recognition(sources, [...new Set(names)], ports);
}

/**
 * Finds out what messages mean. All recognizers are asked at once; those that answer at once make nobody wait. Whatever
 * a recognizer does wrong is reported, and then it found nothing.
 */
export class Recognition {
  readonly #sources: readonly Source[];
  readonly #intents: readonly string[];
  readonly #ports: RecognitionPorts;
  /** Ends each of the recognitions that wait for an answer. */
  readonly #waiting = new Set<() => void>();
  #isStopped = false;

  constructor(sources: readonly Source[], intents: readonly string[], ports: RecognitionPorts) {
    this.#sources = sources;
    this.#intents = Object.freeze(intents);
    this.#ports = ports;
  }

  /**
   * What the message may mean. Never throws. Time counts from the message's arrival: when it is over, what was found
   * until then counts, and what is missing is reported. Where it is over before it began, as for a message that waited
   * behind a slow one, recognizers are given a signal that is aborted already.
   */
  recognize(openid: string, message: Message): MaybePromise<RecognizedIntents> {
    // An intent is one already, and what nobody said means nothing.
    if (message.type.startsWith('intent.') || !isSpoken(message)) return NONE;
    const { clock, recognizeMs } = this.#ports;
    const now = clock.now();
    const endsAt = Math.min(message.receivedAt ?? now, now) + recognizeMs;
    const recognizing = new Recognizing(openid, message, this.#intents);
    const isOver = this.#isStopped || endsAt <= now;
    if (isOver) About.abort(recognizing.about);
    for (const source of this.#sources) this.#ask(source, recognizing);
    if (recognizing.missing === undefined) return this.#meanings(recognizing);
    if (isOver) return this.#end(recognizing);
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

  /** Ends what is waiting, and lets nothing wait any more. */
  stop(): void {
    this.#isStopped = true;
    for (const end of this.#waiting) end();
  }

  #ask(source: Source, recognizing: Recognizing): void {
    let answer: unknown;
    try {
      answer = source.ask(recognizing.message, recognizing.about);
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
    // Too late; it has been reported as missing.
    if (recognizing.isOver) return;
    note();
    recognizing.missing?.delete(source);
    if (recognizing.missing?.size === 0) recognizing.onComplete();
  }

  /** Takes down what an answer names. */
  #note(source: Source, recognizing: Recognizing, answer: unknown): void {
    try {
      if (source.intent !== undefined) {
        const { intent } = source;
        const found = readVerdict(answer);
        if (found !== undefined) recognizing.found.push({ ...found, intent, source });
        return;
      }
      let unknown = 0;
      for (const { intent, ...found } of readCandidates(answer)) {
        if (this.#intents.includes(intent)) recognizing.found.push({ ...found, intent, source });
        else unknown += 1;
      }
      if (unknown > 0)
        this.#ports.reporter.error(unknownIntents(recognizing.openid, unknown), recognizing.openid);
    } catch (cause) {
      this.#failed(source, recognizing, cause);
    }
  }

  /** Time is over, or everybody has answered. */
  #end(recognizing: Recognizing): RecognizedIntents {
    recognizing.isOver = true;
    const missing = [...(recognizing.missing ?? NONE)];
    if (missing.length > 0) About.abort(recognizing.about);
    for (const source of missing) {
      const { openid } = recognizing;
      const error = new ColloquyError(
        'recognizer_timeout',
        'A recognizer had not answered when its time was over, or the runner stopped, so the message was taken without it. Make it quicker, or raise `recognizeMs` and `deadlineMs`.',
        { retryable: true, openid, details: detailsOf(source) },
      );
      this.#ports.reporter.error(error, openid);
    }
    return this.#meanings(recognizing);
  }

  /** What was found, as events: each intent once, the surest first, among equals in the order of declaration. */
  #meanings(recognizing: Recognizing): RecognizedIntents {
    const { found, message } = recognizing;
    if (found.length === 0) return NONE;
    const placeOf = ({ intent }: Found): number => this.#intents.indexOf(intent);
    const orderOf = ({ source }: Found): number => this.#sources.indexOf(source);
    found.sort((a, b) => b.score - a.score || placeOf(a) - placeOf(b) || orderOf(a) - orderOf(b));
    const words: unknown = textOf(message);
    const text = typeof words === 'string' ? words : '';
    const meanings = new Map<string, IntentMessage>();
    for (const { intent, score, values: given, source } of found) {
      if (meanings.has(intent)) continue;
      try {
        const values =
          given === undefined ? NO_VALUES : freezeCopy(given as Data, this.#ports.maxBytes).data;
        const { receivedAt } = message;
        const type = `intent.${intent}` as const;
        meanings.set(intent, {
          type,
          text,
          score,
          values,
          message,
          ...(receivedAt !== undefined && { receivedAt }),
        });
      } catch (cause) {
        this.#failed(source, recognizing, cause);
      }
      if (meanings.size === MAX_MEANINGS) break;
    }
    return [...meanings.values()];
  }

  #failed(source: Source, { openid }: Recognizing, cause: unknown): void {
    const error = new ColloquyError(
      'recognizer_failed',
      'A recognizer threw, or answered with something else than it may; see the cause. The message was taken without it.',
      { openid, cause, details: detailsOf(source) },
    );
    this.#ports.reporter.error(error, openid);
  }
}

const NO_VALUES: Readonly<Record<string, unknown>> = Object.freeze({});

/** The recognition of one message. */
class Recognizing {
  readonly openid: string;
  readonly message: Message;
  readonly about: About;
  readonly found: Found[] = [];
  /** Who has not answered yet; undefined where everybody answered at once. */
  missing: Set<Source> | undefined;
  /** Whether answers come too late. */
  isOver = false;
  onComplete = (): void => {};

  constructor(openid: string, message: Message, intents: readonly string[]) {
    this.openid = openid;
    this.message = message;
    this.about = new About(openid, intents);
  }
}

/** Makes the signal when it is asked for: most recognizers answer at once and never look at it. */
class About implements RecognizeAbout {
  readonly openid: string;
  readonly intents: readonly string[];
  #controller: AbortController | undefined;
  #isAborted = false;

  constructor(openid: string, intents: readonly string[]) {
    this.openid = openid;
    this.intents = intents;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isAborted) this.#controller.abort();
    return this.#controller.signal;
  }

  static abort(about: About): void {
    about.#isAborted = true;
    about.#controller?.abort();
  }
}

function isThenable(answer: unknown): answer is PromiseLike<unknown> {
  return (
    typeof answer === 'object' &&
    answer !== null &&
    typeof (answer as { then?: unknown }).then === 'function'
  );
}

/** The names themselves may be the user's words. */
function unknownIntents(openid: string, count: number): ColloquyError {
  return new ColloquyError(
    'unknown_intent',
    `A recognizer named ${count} intents that the dialogue does not declare, and they were dropped. It is told which there are: \`about.intents\`.`,
    { openid, details: { recognizer: 'recognize', count } },
  );
}

function detailsOf({
  intent,
}: Source): { readonly intent: string } | { readonly recognizer: string } {
  return intent === undefined ? { recognizer: 'recognize' } : { intent };
}
