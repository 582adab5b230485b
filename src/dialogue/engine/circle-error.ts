import { StepError } from '../../errors.ts';
import type { Snapshot } from './child-ref.ts';

/** What XState says when a machine takes transitions without an end. */
const IN_CIRCLES = /^Infinite loop detected/u;

/** The last snapshots of a macrostep, so that an error can name the states of a circle. */
export class Trail {
  readonly #last: Snapshot[] = [];
  #count = 0;

  add(snapshot: Snapshot): void {
    this.#last[this.#count % MAX_LAST] = snapshot;
    this.#count += 1;
  }

  clear(): void {
    if (this.#count === 0) return;
    this.#last.length = 0;
    this.#count = 0;
  }

  /** A clear error in place of the one of XState's about a circle; any other error stays as it is. */
  errorOf(thrown: unknown, dialogue: string): unknown {
    if (!(thrown instanceof Error) || !IN_CIRCLES.test(thrown.message)) return thrown;
    const states = [...new Set(this.#last.map(statesOf))].map((state) => `'${state}'`).toSorted();
    const where = states.length === 0 ? '' : ` through ${states.join(', ')}`;
    return new StepError(
      'not_stable',
      `Dialogue '${dialogue}' went in circles${where} and never rested, so the turn changed nothing: give an \`always\` or an event that it raises there a guard.`,
      { details: { dialogue, states } },
    );
  }
}

const MAX_LAST = 16;

/** As `booking.date`; the regions of a parallel state with commas. */
export function statesOf(snapshot: Snapshot | undefined): string {
  const innermost = snapshot?._nodes.filter(({ type }) => type === 'atomic' || type === 'final');
  return (innermost ?? []).map(({ path }) => path.join('.')).join(', ');
}
