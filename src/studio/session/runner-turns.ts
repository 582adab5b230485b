import { insideOf } from '../../runner/reporting/inside.ts';
import { ConversationViews } from '../observe/conversation-view.ts';
import { NOTHING_HIDDEN } from '../observe/redaction.ts';
import { RunnerWatch } from '../observe/runner-watch.ts';
import { TurnRing } from '../observe/turn-ring.ts';
import type { Process } from '../../testing/converse-process.ts';
import type { StudioEvent } from '../server/desk.ts';
import type { TurnEntry } from '../wire.ts';

/** The turns of a session, over all of its processes, one after the other. */
export class RunnerTurns {
  readonly #ring = new TurnRing();
  readonly #emit: (event: StudioEvent) => void;
  /** Of the process that runs. */
  #watch: RunnerWatch | undefined;

  /** @param emit gets what happens */
  constructor(emit: (event: StudioEvent) => void) {
    this.#emit = emit;
  }

  /** The number of the last turn; 0 if there was none. */
  get last(): number {
    return this.#ring.last;
  }

  /** The turns that are kept with what belongs to them, and how each conversation stands. */
  get events(): readonly StudioEvent[] {
    return this.#watch?.backlog() ?? [];
  }

  at(turn: number): TurnEntry | undefined {
    return this.#ring.turns.find((entry) => entry.turn === turn);
  }

  /** Follows the runner of a process. @returns a function that ends it */
  follow({ runner }: Process): () => void {
    const watch = new RunnerWatch(runner, { ring: this.#ring });
    watch.subscribe(this.#emit);
    this.#watch = watch;
    return () => watch.close();
  }

  /** Turns after this one never happened, and no conversation is shown until `show` does. */
  rewind(turn: number): void {
    const shown = this.#ring.conversations.map(({ openid }) => openid);
    this.#ring.rewind(turn);
    for (const openid of shown) this.#emit({ name: 'gone', data: { openid } });
    this.#emit({ name: 'rewound', data: { turn } });
  }

  /** Shows how these conversations stand. */
  async show({ runner }: Process, openids: readonly string[]): Promise<void> {
    const inside = insideOf(runner);
    const views = new ConversationViews(inside, NOTHING_HIDDEN);
    for (const openid of openids) {
      const view = views.of(await inside.core.read(openid));
      if (view === undefined) continue;
      this.#ring.stands(view);
      this.#emit({ name: 'conversation', data: view });
    }
  }
}
