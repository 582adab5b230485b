import type { Cancel, Clock } from '../clock.ts';

/**
 * The conversations that left memory while this process works on a service of theirs. In memory, the record itself
 * says when to tell the other processes that somebody is still at it; these have to be remembered by name. No more of
 * them are kept than there are services running.
 */
export class Heartbeats {
  readonly #clock: Clock;
  readonly #beat: (openid: string) => void;
  readonly #waiting = new Map<string, Cancel>();

  /** @param beat is called when it is time to look after one of them */
  constructor(clock: Clock, beat: (openid: string) => void) {
    this.#clock = clock;
    this.#beat = beat;
  }

  /** The openids that wait. */
  get openids(): string[] {
    return [...this.#waiting.keys()];
  }

  /** Looks after `openid` at `at`, unless it comes back to memory before. */
  expect(openid: string, at: number): void {
    this.forget(openid);
    const cancel = this.#clock.wake(at, () => {
      this.#waiting.delete(openid);
      this.#beat(openid);
    });
    this.#waiting.set(openid, cancel);
  }

  forget(openid: string): void {
    const cancel = this.#waiting.get(openid);
    if (cancel === undefined) return;
    cancel();
    this.#waiting.delete(openid);
  }

  close(): void {
    for (const openid of this.openids) this.forget(openid);
  }
}
