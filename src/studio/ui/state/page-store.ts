import type { PageState } from './page-state.ts';

/** Holds the state of the page, and says when it is another one. */
export class PageStore {
  #state: PageState;
  readonly #listeners = new Set<() => void>();

  constructor(first: PageState) {
    this.#state = first;
  }

  get state(): PageState {
    return this.#state;
  }

  change(by: (state: PageState) => PageState): void {
    const next = by(this.#state);
    if (next === this.#state) return;
    this.#state = next;
    for (const listener of this.#listeners) listener();
  }

  set(part: Partial<PageState>): void {
    this.change((state) => ({ ...state, ...part }));
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
