import type { RunningService } from '../context/record/record.ts';
import type { ServiceResult } from './services.ts';

export interface Ended {
  readonly service: RunningService;
  readonly result: ServiceResult;
}

/** The services that a turn waits for before it answers, and what they brought so far. */
export class Following {
  readonly #running = new Map<string, RunningService>();
  #ended: Ended[] = [];
  #isOver = false;
  #wake = (): void => {};

  /** Whether nothing is left to wait for. */
  get isDone(): boolean {
    return this.#running.size === 0;
  }

  /** The services that have not ended, and what ended and was not taken yet. */
  get left(): { readonly running: readonly RunningService[]; readonly ended: readonly Ended[] } {
    const ended = this.#ended;
    const tokens = new Set(ended.map(({ service }) => service.token));
    return {
      ended,
      running: [...this.#running.values()].filter(({ token }) => !tokens.has(token)),
    };
  }

  add(service: RunningService): void {
    this.#running.set(service.token, service);
  }

  /** Waits no longer for a service, because it was stopped. */
  drop(token: string): void {
    this.#running.delete(token);
    this.#ended = this.#ended.filter(({ service }) => service.token !== token);
  }

  end(service: RunningService, result: ServiceResult): void {
    this.#ended.push({ service, result });
    this.#wake();
  }

  /** The time for waiting is over. */
  expire(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** The next service that ended; undefined when time is over first. */
  async next(): Promise<Ended | undefined> {
    while (this.#ended.length === 0 && !this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const ended = this.#ended.shift();
    if (ended !== undefined) this.#running.delete(ended.service.token);
    return ended;
  }
}
