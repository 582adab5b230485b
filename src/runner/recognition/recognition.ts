import type { Clock } from '../../clock.ts';
import type { Holders } from '../../context/holders.ts';
import { NONE } from '../../context/record/record.ts';
import type { Engine, Snapshot } from '../../dialogue/engine/engine.ts';
import type { Recognizer } from '../../dialogue/text/recognizers.ts';
import { checkIntents } from '../../dialogue/engine/intents.ts';
import { ColloquyError } from '../../errors.ts';
import { type MaybePromise, abandon, isThenable } from '../../internal/maybe.ts';
import { type Message, isSpoken } from '../../message.ts';
import { About, type RecognizedAt, type Source } from './about.ts';
import {
  type Askable,
  type Recognized,
  Recognizing,
  detailsOf,
  unknownIntents,
} from './recognizing.ts';
import type { Reporter } from '../reporting/reporter.ts';
import type { RunnerOptions } from '../options.ts';
import { readCandidates, readVerdict } from '../../dialogue/text/intent-match.ts';

interface RecognitionOptions {
  readonly clock: Clock;
  readonly recognizeMs: number;
  /** The maximum size of the values of an intent, in bytes of JSON. */
  readonly maxBytes: number;
  readonly reporter: Pick<Reporter, 'error'>;
  /** The holders of the store. Undefined if no lane waits for the recognizers. */
  readonly holders?: Holders;
  /** Whether a recognizer may take time. Default true; otherwise one that does is not asked again, and finds nothing. */
  readonly waits?: boolean;
}

interface RecognitionPorts extends Omit<RecognitionOptions, 'holders'> {
  readonly holders: Holders | undefined;
  /** Stands in for the recognizers of forms, too. */
  readonly recognize: Recognizer | undefined;
  readonly engine: Pick<
    Engine,
    'takes' | 'leads' | 'question' | 'form' | 'slots' | 'isRead' | 'persist'
  >;
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
  if (sources.length === 0 && !engine.understands) return undefined;
  const types = [...engine.declared].filter((type) => type.startsWith('intent.'));
  const names = [...named.keys(), ...types.map((type) => type.slice('intent.'.length))];
  const all = { holders: undefined, ...ports, engine, recognize };
  return new Recognition(sources, [...new Set(names)], all);
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
  /** By the recognizer of a form. */
  readonly #ofForms = new Map<Recognizer, Source>();
  /** Those that take time, where no time is to be waited. */
  readonly #slow = new Set<Source>();
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
    const { takes } = askable;
    const asked = this.#neededOf(askable, message, place);
    if (asked.length === 0) return askable;
    const { clock, recognizeMs } = this.#ports;
    const now = clock.now();
    const endsAt = Math.min(message.receivedAt ?? now, now) + recognizeMs;
    const about = new About({ openid, intents: this.#intents, takes }, place, this.#ports);
    const recognizing = new Recognizing(message, about, askable);
    const isOver = this.#isStopped || endsAt <= now;
    if (isOver) About.abort(about);
    for (const source of asked) {
      if (!this.#isSpared(source, recognizing, place)) this.#ask(source, recognizing);
    }
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

  /** Those that are worth a call. That of a form finds nothing in a button, or in an answer that is read as a whole. */
  #neededOf(
    { asked }: Askable,
    message: Message,
    place: RecognizedAt | undefined,
  ): readonly Source[] {
    const ofForm = asked.at(-1);
    if (ofForm === undefined || place === undefined || !ofForm.isOfForm) return asked;
    const { snapshot, data: context, now } = place;
    const isNeeded =
      message.type !== 'message.action' &&
      !this.#ports.engine.isRead(snapshot, message, { context, now });
    return isNeeded ? asked : asked.slice(0, -1);
  }

  /** Whether a recognizer is left out of those that are worth a call. That of a form comes last, behind a whole command. */
  #isSpared(source: Source, { found }: Recognizing, place: RecognizedAt | undefined): boolean {
    if (this.#slow.has(source)) return true;
    if (!source.isOfForm || place === undefined) return false;
    const leads = this.#ports.engine.leads(place.snapshot);
    return found.some(({ intent, score }) => score === 1 && intent !== undefined && leads(intent));
  }

  /** Whether all recognizers were called that may be called where the dialogue stands now. */
  isEnough({ asked }: Recognized, snapshot: Snapshot): boolean {
    return this.#askableIn(snapshot).asked.every((source) => asked.includes(source));
  }

  #askableIn(snapshot: Snapshot): Askable {
    let askable = this.#askable.get(snapshot);
    if (askable === undefined) {
      const takes = this.#intents.filter(this.#ports.engine.takes(snapshot));
      const asked = this.#sources.filter(({ intent }) =>
        intent === undefined ? takes.length > 0 : takes.includes(intent),
      );
      const ofForm = this.#ofForm(snapshot);
      if (ofForm !== undefined && !asked.some(({ ask }) => ask === ofForm.ask)) asked.push(ofForm);
      askable = { takes: Object.freeze(takes), asked, intents: NONE };
      this.#askable.set(snapshot, askable);
    }
    return askable;
  }

  #ofForm(snapshot: Snapshot): Source | undefined {
    const own = this.#ports.engine.form(snapshot)?.understand;
    const ask = own && (this.#ports.recognize ?? own);
    if (ask === undefined) return undefined;
    const known = this.#ofForms.get(ask);
    if (known !== undefined) return known;
    const source: Source = { intent: undefined, ask, habit: {}, isOfForm: true };
    this.#ofForms.set(ask, source);
    return source;
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
    if (this.#ports.waits === false) {
      this.#slow.add(source);
      return abandon(answer);
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
        const isKnown = intent === undefined || this.#intents.includes(intent);
        if (isKnown) recognizing.found.push({ ...found, intent, source });
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

  #recognized(recognizing: Recognizing): Recognized {
    const order = { intents: this.#intents, sources: this.#sources };
    return recognizing.result(order, this.#ports.maxBytes, (source, cause) =>
      this.#failed(source, recognizing, cause),
    );
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
