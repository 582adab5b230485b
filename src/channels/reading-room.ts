import { MessageError } from '../errors.ts';

/**
 * Limits the bytes of all bodies that are being read at the same time. Without this limit, a few hundred slow senders that are
 * not proven yet could fill the memory, each with a body that is within the limit of one body.
 */
export class ReadingRoom {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Takes room for `bytes` more.
   * @throws MessageError `too_many_bodies` if there is no room for them
   */
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

  /** Gives room back. */
  leave(bytes: number): void {
    this.#bytes -= bytes;
  }
}
