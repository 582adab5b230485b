import type { Clock } from '../../clock.ts';

/** The bytes of events that may wait for a page. One that is slower is closed, and begins again when it comes back. */
const MAX_WAITING_BYTES = 8_388_608;
const HEARTBEAT_MS = 15_000;
/** After how many milliseconds a page that lost its stream comes back. */
const RETRY_MS = 1000;

const encoder = new TextEncoder();

/**
 * The stream of events to one page. What was before the page came is taken as it is sent, and has no limit; what happens
 * afterwards waits for it.
 */
export class PageStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #clock: Clock;
  readonly #onEnd: () => void;
  readonly #before: Iterator<string>;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #wake = (): void => {};
  #cancelBeat = (): void => {};
  #isEnded = false;

  constructor(before: Iterable<string>, clock: Clock, onEnd: () => void) {
    this.#clock = clock;
    this.#onEnd = onEnd;
    this.#before = before[Symbol.iterator]();
    this.#waiting.push(`retry: ${RETRY_MS}\n\n`);
    this.body = new ReadableStream<Uint8Array>(
      {
        pull: async (to) => {
          const text = await this.#next();
          if (text === undefined) to.close();
          else to.enqueue(encoder.encode(text));
        },
        cancel: () => this.end(),
      },
      { highWaterMark: 0 },
    );
    this.#beat();
  }

  /** Sends one event, as text of the stream. */
  send(text: string): void {
    if (this.#isEnded) return;
    this.#waiting.push(text);
    this.#waitingBytes += text.length;
    if (this.#waitingBytes > MAX_WAITING_BYTES) this.end();
    this.#wake();
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#waiting = [];
    this.#cancelBeat();
    this.#wake();
    this.#onEnd();
  }

  async #next(): Promise<string | undefined> {
    for (;;) {
      if (this.#isEnded) return undefined;
      const before = this.#before.next();
      if (before.done !== true) return before.value;
      const texts = this.#waiting;
      if (texts.length > 0) {
        this.#waiting = [];
        this.#waitingBytes = 0;
        return texts.join('');
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** A proxy closes a connection on which nothing is said for long. */
  #beat(): void {
    this.#cancelBeat = this.#clock.wake(this.#clock.now() + HEARTBEAT_MS, () => {
      if (this.#waiting.length === 0) this.send(':\n\n');
      this.#beat();
    });
  }
}
