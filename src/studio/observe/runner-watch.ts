import { type Clock, systemClock } from '../../clock.ts';
import { elapsed } from '../../internal/stopwatch.ts';
import type { Reply } from '../../reply.ts';
import { channels } from '../../runner/reporting/trace.ts';
import { insideOf } from '../../runner/reporting/inside.ts';
import type { Runner } from '../../runner/runner.ts';
import type { StudioEvent } from '../server/desk.ts';
import type { TurnEntry } from '../wire.ts';
import { ConversationViews } from './conversation-view.ts';
import { DraftLog } from './draft-log.ts';
import { ModelLog } from './model-log.ts';
import { NOTHING_HIDDEN, type Redaction } from './redaction.ts';
import { TurnLog, shownError } from './turn-log.ts';
import { TurnRing } from './turn-ring.ts';

export interface WatchOptions {
  /** Where turns are kept, so that another runner can continue with them. Default: a new one. */
  readonly ring?: TurnRing | undefined;
  /** Default: nothing is hidden. */
  readonly redaction?: Redaction | undefined;
  /** Milliseconds with fractions, by which phases are measured. Default: the time of the machine. */
  readonly elapsed?: (() => number) | undefined;
  /** The clock of the pauses between drafts. Default: that of the system. */
  readonly clock?: Clock | undefined;
}

/**
 * Watches what a runner does, beside any number of others that do: its turns, the calls of models and the drafts in them, and
 * how its conversations stand. It changes nothing, takes no replies and reads no record from a persister. A runner that is not watched pays nothing.
 */
export class RunnerWatch {
  readonly ring: TurnRing;
  readonly #redaction: Redaction;
  readonly #views: ConversationViews;
  readonly #log: TurnLog;
  readonly #models: ModelLog;
  readonly #drafts: DraftLog;
  readonly #listeners = new Set<(event: StudioEvent) => void>();
  readonly #offs: (() => void)[] = [];
  /** The conversations that changed since the last events. */
  #changed = new Set<string>();
  readonly #core: ReturnType<typeof insideOf>['core'];

  /** @throws UsageError `bad_option` for anything that createRunner() has not returned */
  constructor(runner: Runner, options: WatchOptions = {}) {
    const inside = insideOf(runner);
    this.ring = options.ring ?? new TurnRing();
    this.#redaction = options.redaction ?? NOTHING_HIDDEN;
    this.#views = new ConversationViews(inside, this.#redaction);
    this.#core = inside.core;
    this.#log = new TurnLog({
      runner,
      inside,
      views: this.#views,
      redaction: this.#redaction,
      elapsed: options.elapsed,
      onTurn: (turn) => this.#add(turn),
    });
    this.#models = new ModelLog({
      inside,
      redaction: this.#redaction,
      ring: this.ring.calls,
      elapsed: options.elapsed ?? elapsed,
      onCall: (data) => this.#publish({ name: 'model', data }),
    });
    this.#drafts = new DraftLog({
      runner,
      redaction: this.#redaction,
      clock: options.clock ?? systemClock,
      onDraft: (data) => this.#publish({ name: 'draft', data }),
    });
    const { events } = inside.core;
    const said = (about: { runner: object; openid: string; replies: readonly Reply[] }): void => {
      if (about.runner === runner) this.#say(about.openid, about.replies);
    };
    channels.said.subscribe(said);
    this.#offs.push(
      () => void channels.said.unsubscribe(said),
      events.on('save', ({ openid }) => this.#note(openid)),
      events.on('expire', ({ openid }) => this.#gone(openid)),
      events.on('flush', ({ openid }) => this.#gone(openid)),
      // What is kept under the new openid was saved.
      events.on('move', ({ from }) => this.#gone(from)),
      // A message that found no room has no turn.
      runner.on('turn', ({ outcome, openid, id, cause }) => {
        if (outcome === 'shed') this.#addBare(openid, { cause, outcome, label: cause, id });
      }),
    );
    const failed = ({ error, ...about }: { runner: object; error: unknown }): void => {
      if (about.runner !== runner) return;
      this.#publish({ name: 'problem', data: shownError({ error }, this.#redaction) });
    };
    // Not by a listener of 'error': an error that no listener takes still becomes a warning of the process.
    channels.failed.subscribe(failed);
    this.#offs.push(() => void channels.failed.unsubscribe(failed));
  }

  /** What is kept, as a page that opens gets it. */
  backlog(): readonly StudioEvent[] {
    return [
      ...this.ring.turns.map((data) => ({ name: 'turn', data }) as const),
      ...this.ring.calls.entries.map((data) => ({ name: 'model', data }) as const),
      ...this.#drafts.drafts.map((data) => ({ name: 'draft', data }) as const),
      ...this.ring.conversations.map((data) => ({ name: 'conversation', data }) as const),
    ];
  }

  /** The listener must not throw. */
  subscribe(listener: (event: StudioEvent) => void): () => void {
    const own = (event: StudioEvent): void => listener(event);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  close(): void {
    this.#log.close();
    this.#models.close();
    this.#drafts.close();
    for (const off of this.#offs.splice(0)) off();
    this.#listeners.clear();
  }

  #publish(event: StudioEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #add(turn: Omit<TurnEntry, 'turn'>): void {
    const entry = this.ring.add(turn);
    this.#publish({ name: 'turn', data: entry });
    this.#models.turnEnded(entry.openid, entry.turn);
  }

  /** `runner.say()`: no turn, and yet said. */
  #say(openid: string, replies: readonly Reply[]): void {
    const hidden = replies.map((reply) => this.#redaction.reply(reply));
    this.#addBare(openid, {
      cause: 'event',
      outcome: 'replied',
      label: 'runner.say()',
      replies: hidden,
    });
  }

  #addBare(
    openid: string,
    about: Pick<TurnEntry, 'cause' | 'outcome' | 'label'> & {
      readonly id?: string | undefined;
      readonly replies?: readonly Reply[];
    },
  ): void {
    const { id, replies = [], ...rest } = about;
    this.#add({
      openid: this.#redaction.openid(openid),
      at: this.#core.clock.now(),
      ...rest,
      ...(id !== undefined && { id: this.#redaction.id(id) }),
      replies,
      phases: [],
      way: [],
    });
  }

  /** Several commits of one turn are one news. */
  #note(openid: string): void {
    this.#changed.add(openid);
    if (this.#changed.size === 1) queueMicrotask(() => this.#tellChanged());
  }

  #tellChanged(): void {
    const changed = this.#changed;
    this.#changed = new Set();
    for (const openid of changed) {
      const view = this.#views.of(this.#core.records.cached(openid)?.record);
      if (view === undefined) continue;
      this.ring.stands(view);
      this.#publish({ name: 'conversation', data: view });
    }
  }

  #gone(openid: string): void {
    this.#changed.delete(openid);
    const name = this.#redaction.openid(openid);
    if (this.ring.gone(name)) this.#publish({ name: 'gone', data: { openid: name } });
  }
}
