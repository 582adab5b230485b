import type { Habit, Holder, Holders } from '../../context/holders.ts';
import { stateOf } from '../../context/record/inspect.ts';
import { NONE } from '../../context/record/record.ts';
import type { Engine, Snapshot } from '../../dialogue/engine/engine.ts';
import {
  type HistoryEntry,
  type HistoryTurn,
  entriesOf,
} from '../../dialogue/text/history-turns.ts';
import type {
  IntentRecognizer,
  OpenQuestion,
  OpenSlot,
  RecognizeAbout,
  Recognizer,
} from '../../dialogue/text/recognizers.ts';
import type { Standing } from '../../dialogue/text/standing.ts';
import type { Data } from '../../internal/plain-data.ts';
import { freezeCopy } from '../../internal/frozen-copy.ts';
import type { Message } from '../../message.ts';

/** Where the dialogue stands when a message is recognised. */
export interface RecognizedAt {
  readonly snapshot: Snapshot;
  /** The user's dictionary. */
  readonly data: object;
  /** Epoch ms. */
  readonly now: number;
  /** What was said before. */
  readonly history?: readonly HistoryTurn[] | undefined;
}

/** A recognizer: of one intent, or of several at once. */
export type Source = {
  readonly habit: Habit;
  /** Whether it is that of a form. */
  readonly isOfForm?: true;
} & (
  | { readonly intent: string; readonly ask: IntentRecognizer }
  | { readonly intent: undefined; readonly ask: Recognizer }
);

interface AboutPorts {
  readonly engine: Pick<Engine, 'question' | 'slots' | 'persist'>;
  /** Undefined if no lane waits for the recognizers. */
  readonly holders: Holders | undefined;
}

const NOWHERE: Standing = Object.freeze({ status: 'active', value: {}, children: {} });

/** Makes what few recognizers use only when they ask for it. */
export class About implements RecognizeAbout {
  readonly openid: string;
  readonly intents: readonly string[];
  readonly takes: readonly string[];
  readonly #place: RecognizedAt | undefined;
  readonly #ports: AboutPorts;
  /** The holders of the recognizers that the lane waits for, and of some that have answered. */
  readonly #holders: Holder[] = [];
  #context: Data | undefined;
  #controller: AbortController | undefined;
  #isAborted = false;

  constructor(
    known: Pick<RecognizeAbout, 'openid' | 'intents' | 'takes'>,
    place: RecognizedAt | undefined,
    ports: AboutPorts,
  ) {
    this.openid = known.openid;
    this.intents = known.intents;
    this.takes = known.takes;
    this.#place = place;
    this.#ports = ports;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isAborted) this.#controller.abort();
    return this.#controller.signal;
  }

  get dialogue(): Standing {
    return this.#place === undefined
      ? NOWHERE
      : stateOf(this.#ports.engine.persist(this.#place.snapshot));
  }

  get question(): OpenQuestion | undefined {
    if (this.#place === undefined) return undefined;
    const { snapshot, now } = this.#place;
    return this.#ports.engine.question(snapshot, this.context, now);
  }

  get slots(): readonly OpenSlot[] {
    if (this.#place === undefined) return NONE;
    const { snapshot, now } = this.#place;
    return this.#ports.engine.slots(snapshot, this.context, now);
  }

  get history(): readonly HistoryEntry[] {
    return entriesOf(this.#place?.history ?? NONE);
  }

  get context(): Data {
    const data = (this.#place?.data ?? {}) as Data;
    // That of a dialogue that has just begun is not frozen yet, and one with a Date or a Map never is.
    this.#context ??= Object.isFrozen(data)
      ? data
      : freezeCopy(data, Number.POSITIVE_INFINITY).data;
    return this.#context;
  }

  /** Asks one recognizer. */
  static ask(about: About, source: Source, message: Message): unknown {
    const { ask, habit } = source;
    const name = source.intent ?? (source.isOfForm ? 'form' : 'recognize');
    const { openid } = about;
    const { holders } = about.#ports;
    if (holders === undefined) return ask(message, about);
    return holders.hold<unknown>(
      { openid, kind: 'recognizer', name, habit },
      () => ask(message, about),
      (holder) => about.#holders.push(holder),
    );
  }

  /** Aborts the signal. From now on, the lane waits for no recognizer. */
  static abort(about: About): void {
    for (const holder of about.#holders) holder.end();
    about.#isAborted = true;
    about.#controller?.abort();
  }
}
