import type { Cancel, Clock } from '../../clock.ts';
import type { RunnerEvents } from '../../runner/events.ts';
import type { Runner } from '../../runner/runner.ts';
import type { DraftView } from '../wire-models.ts';
import type { Redaction } from './redaction.ts';

/** The least time between two drafts of a service that pages get: a model adds a word a hundred times a second. */
const PAUSE_MS = 100;
/** A longer draft is cut, in UTF-16 code units. */
const LONGEST_DRAFT = 20_000;

interface DraftLogOptions {
  readonly runner: Runner;
  readonly redaction: Redaction;
  /** The time by which it pauses. */
  readonly clock: Clock;
  readonly onDraft: (draft: DraftView) => void;
}

/** The draft of a service that runs. */
interface Shown {
  readonly openid: string;
  draft: DraftView;
  isTold: boolean;
  /** Ends the pause after the draft that was sent last; undefined outside of a pause. */
  endPause: Cancel | undefined;
}

/** The drafts of services that run, the newest of each. */
export class DraftLog {
  readonly #options: DraftLogOptions;
  readonly #shown = new Map<string, Shown>();
  readonly #off: () => void;

  constructor(options: DraftLogOptions) {
    this.#options = options;
    this.#off = options.runner.on('draft', (event) => this.#change(event));
  }

  get drafts(): readonly DraftView[] {
    return [...this.#shown.values()].map(({ draft }) => draft);
  }

  /** Ends the watch, and takes each draft off. */
  close(): void {
    this.#off();
    for (const [id, { openid }] of this.#shown) this.#change({ openid, id, text: '' });
  }

  #change({ openid, id, text }: RunnerEvents['draft']): void {
    const shown = this.#shown.get(id);
    const draft = this.#viewOf(openid, id, text);
    if (text === '') {
      shown?.endPause?.();
      this.#shown.delete(id);
      if (shown !== undefined) this.#options.onDraft(draft);
      return;
    }
    const next = shown ?? { openid, draft, isTold: false, endPause: undefined };
    next.draft = draft;
    next.isTold = false;
    this.#shown.set(id, next);
    if (next.endPause === undefined) this.#tell(next);
  }

  #tell(shown: Shown): void {
    const { clock, onDraft } = this.#options;
    shown.isTold = true;
    shown.endPause = clock.wake(clock.now() + PAUSE_MS, () => {
      shown.endPause = undefined;
      if (!shown.isTold) this.#tell(shown);
    });
    onDraft(shown.draft);
  }

  #viewOf(openid: string, id: string, text: string): DraftView {
    const { redaction } = this.#options;
    return {
      openid: redaction.openid(openid),
      id: redaction.id(id),
      length: text.length,
      ...(!redaction.isRedacted && { text: text.slice(0, LONGEST_DRAFT) }),
    };
  }
}
