import { MessageError } from '../errors.ts';

/**
 * The bytes of all bodies that are being read at a time. Without a bound over all of them, a few hundred slow senders, whom
 * nothing has proven yet, would fill the memory with bodies of which each is within the limit.
 */
export class ReadingRoom {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** @throws MessageError `too_many_bodies` where there is no room for so many bytes more */
  take(bytes: number): void {
    if (this.#bytes + bytes > this.#maxBytes) {
      throw new MessageError(
        'too_many_bodies',
        `The bodies that are being read take ${this.#maxBytes} bytes at most, and there is no room for another one. It can be sent again; see maxReadingBytes of createWebhook().`,
        { retryable: true },
      );
    }
    this.#bytes += bytes;
  }

  leave(bytes: number): void {
    this.#bytes -= bytes;
  }
}
