import { stateOf } from '../context/record/inspect.ts';
import type { Engine, Snapshot } from '../dialogue/engine/engine.ts';
import type { OpenQuestion, RecognizeAbout } from '../dialogue/text/recognizers.ts';
import type { Standing } from '../dialogue/text/standing.ts';
import { type Data, freezeCopy } from '../internal/plain-data.ts';

/** Where the dialogue stands when a message is recognised. */
export interface RecognizedAt {
  readonly snapshot: Snapshot;
  /** The user's dictionary. */
  readonly data: object;
  /** Epoch ms. */
  readonly now: number;
}

const NOWHERE: Standing = Object.freeze({ status: 'active', value: {}, children: {} });

/** Makes what few recognizers use only when they ask for it. */
export class About implements RecognizeAbout {
  readonly openid: string;
  readonly intents: readonly string[];
  readonly takes: readonly string[];
  readonly #place: RecognizedAt | undefined;
  readonly #engine: Pick<Engine, 'question' | 'persist'>;
  #context: Data | undefined;
  #controller: AbortController | undefined;
  #isAborted = false;

  constructor(
    known: Pick<RecognizeAbout, 'openid' | 'intents' | 'takes'>,
    place: RecognizedAt | undefined,
    engine: Pick<Engine, 'question' | 'persist'>,
  ) {
    this.openid = known.openid;
    this.intents = known.intents;
    this.takes = known.takes;
    this.#place = place;
    this.#engine = engine;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isAborted) this.#controller.abort();
    return this.#controller.signal;
  }

  get dialogue(): Standing {
    return this.#place === undefined
      ? NOWHERE
      : stateOf(this.#engine.persist(this.#place.snapshot));
  }

  get question(): OpenQuestion | undefined {
    if (this.#place === undefined) return undefined;
    const { snapshot, now } = this.#place;
    return this.#engine.question(snapshot, this.context, now);
  }

  get context(): Data {
    const data = (this.#place?.data ?? {}) as Data;
    // That of a dialogue that has just begun is not frozen yet, and one with a Date or a Map never is.
    this.#context ??= Object.isFrozen(data)
      ? data
      : freezeCopy(data, Number.POSITIVE_INFINITY).data;
    return this.#context;
  }

  static abort(about: About): void {
    about.#isAborted = true;
    about.#controller?.abort();
  }
}
