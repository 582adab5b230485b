import { watchDialogue } from '../../dialogue/engine/inspection.ts';
import { eventLabel } from '../../dialogue/engine/event-label.ts';
import { ColloquyError } from '../../errors.ts';
import { elapsed } from '../../internal/stopwatch.ts';
import { textOf } from '../../message.ts';
import type { Turn } from '../../runner/events.ts';
import { type TurnTrace, channels } from '../../runner/reporting/trace.ts';
import type { RunnerInside } from '../../runner/reporting/inside.ts';
import type { TracedStep, TurnEntry } from '../wire.ts';
import type { ConversationViews } from './conversation-view.ts';
import type { Redaction } from './redaction.ts';
import { timerName } from './timer-name.ts';
import { LONGEST_WAY, wayOf } from './way.ts';

/** The longest label; a text may be as long as a book. */
const LONGEST_LABEL = 200;

interface TurnLogOptions {
  readonly runner: object;
  readonly inside: RunnerInside;
  readonly views: ConversationViews;
  readonly redaction: Redaction;
  /** Milliseconds with fractions, by which phases are measured. */
  readonly elapsed?: (() => number) | undefined;
  readonly onTurn: (turn: Omit<TurnEntry, 'turn'>) => void;
}

/** What is known of a turn while it runs. */
interface OpenTurn {
  readonly at: number;
  readonly phases: { name: string; ms: number }[];
  way: readonly TracedStep[];
  phase: string;
  since: number;
}

/** Makes an entry of each turn of a runner, from what it traces and from what its dialogue walks through. */
export class TurnLog {
  readonly #options: TurnLogOptions;
  readonly #elapsed: () => number;
  readonly #open = new WeakMap<TurnTrace, OpenTurn>();
  readonly #ends: (() => void)[] = [];
  /** The turn that is in its step. A step is synchronous, so that there is one at most, of any runner of the process. */
  #stepping: TurnTrace | undefined;

  constructor(options: TurnLogOptions) {
    this.#options = options;
    this.#elapsed = options.elapsed ?? elapsed;
    const { runner, inside } = options;
    const start = (trace: TurnTrace): void => {
      if (trace.runner === runner) this.#begin(trace);
    };
    const phase = (trace: TurnTrace): void => this.#enter(trace);
    const end = (trace: TurnTrace): void => {
      if (trace.runner === runner) this.#end(trace);
    };
    channels.start.subscribe(start);
    channels.phase.subscribe(phase);
    channels.end.subscribe(end);
    const { dialogue } = inside.engine;
    this.#ends.push(
      () => void channels.start.unsubscribe(start),
      () => void channels.phase.unsubscribe(phase),
      () => void channels.end.unsubscribe(end),
      watchDialogue(dialogue, (step) => {
        const open = this.#stepping && this.#open.get(this.#stepping);
        if (open === undefined || open.way.length >= LONGEST_WAY) return;
        const way = wayOf(step, dialogue, options.views.boxOf);
        open.way = [...open.way, ...way].slice(0, LONGEST_WAY);
      }),
    );
  }

  close(): void {
    for (const end of this.#ends.splice(0)) end();
  }

  #begin(trace: TurnTrace): void {
    const at = this.#options.inside.core.clock.now();
    this.#open.set(trace, { at, phases: [], way: [], phase: 'lane', since: this.#elapsed() });
  }

  #enter(trace: TurnTrace): void {
    this.#stepping = trace.phase === 'step' ? trace : undefined;
    if (trace.phase === 'step') {
      // What another caller does with the dialogue later is not of this turn.
      queueMicrotask(() => {
        if (this.#stepping === trace) this.#stepping = undefined;
      });
    }
    const open = this.#open.get(trace);
    if (open !== undefined) this.#endPhase(open, trace.phase);
  }

  #endPhase(open: OpenTurn, next: string): void {
    const now = this.#elapsed();
    const ms = Math.max(Math.round((now - open.since) * 1000) / 1000, 0);
    const last = open.phases.at(-1);
    if (last?.name === open.phase) last.ms += ms;
    else open.phases.push({ name: open.phase, ms });
    open.phase = next;
    open.since = now;
  }

  #end(trace: TurnTrace): void {
    const open = this.#open.get(trace);
    const { turn } = trace;
    // A timer or a service that was out of date did nothing.
    if (open === undefined || turn === undefined) return;
    this.#endPhase(open, '');
    const { views, redaction, onTurn } = this.#options;
    const { cause, id } = trace;
    const message = trace.message && redaction.message(trace.message);
    const before = views.of(trace.recordBefore);
    const after = views.of(trace.recordAfter ?? trace.recordBefore);
    onTurn({
      openid: redaction.openid(trace.openid),
      at: open.at,
      cause,
      ...(message && { message }),
      label: this.#labelOf(trace),
      ...(id !== undefined && { id: redaction.id(id) }),
      outcome: turn.outcome,
      replies: turn.replies.map((reply) => redaction.reply(reply)),
      ...(turn.error !== undefined && { error: shownError(turn, redaction) }),
      phases: open.phases,
      way: open.way,
      ...(before && { before }),
      ...(after && { after }),
    });
  }

  #labelOf({ cause, message, about = '' }: TurnTrace): string {
    const { dialogue } = this.#options.inside.engine;
    if (cause === 'timer') return timerName(about, dialogue);
    if (cause === 'service') return about;
    if (message === undefined) return cause;
    const text = this.#options.redaction.isRedacted ? undefined : textOf(message);
    if (text === undefined || text === '') return eventLabel(message.type, dialogue);
    return text.length > LONGEST_LABEL ? `${text.slice(0, LONGEST_LABEL - 1)}…` : text;
  }
}

/**
 * An error of this library says nothing of a user. But a program throws errors of the same classes, from a persister or a channel
 * of its own, and may say in them what it likes: where users are hidden, only the class and the code are shown.
 */
export function shownError(
  { error }: Pick<Turn, 'error'>,
  { isRedacted }: Redaction,
): { readonly code: string; readonly text: string } {
  const code = ColloquyError.is(error) ? error.code : 'error';
  if (isRedacted) return { code, text: error instanceof Error ? error.name : typeof error };
  if (!ColloquyError.is(error)) {
    return {
      code,
      text: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    };
  }
  const { cause, message } = error;
  const why = cause instanceof Error ? ` ${cause.name}: ${cause.message}` : '';
  return { code, text: `${message}${why}` };
}
