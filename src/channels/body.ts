import type { Clock } from '../clock.ts';
import { MessageError, UsageError } from '../errors.ts';
import { withDeadline } from '../internal/async.ts';
import type { ReadingRoom } from './reading-room.ts';

export interface BodyLimits {
  readonly maxBytes: number;
  /** The room that all bodies together have while they are read. */
  readonly room: ReadingRoom;
  /** Epoch milliseconds at which waiting for the rest ends. */
  readonly deadlineAt: number;
  readonly clock: Clock;
}

const FIRST_CAPACITY = 8192;
const EMPTY = new Uint8Array();

/**
 * The bytes of a request's body. What a `content-length` claims plays no part: reading stops at the byte too many.
 * @throws MessageError `body_too_large`, `too_many_bodies`, `body_timeout`, or `body_interrupted` where the client hung up
 * @throws UsageError `body_already_read`
 */
export async function readBody(request: Request, limits: BodyLimits): Promise<Uint8Array> {
  if (request.bodyUsed || request.body?.locked) throw bodyAlreadyRead();
  if (!request.body) return new Uint8Array();
  const { deadlineAt, clock } = limits;
  const received = new Received(limits);
  const reader = request.body.getReader();
  const onPass = (): Promise<never> => Promise.reject(bodyTimedOut());
  try {
    return await withDeadline(readAll(reader, received), { clock, at: deadlineAt, onPass });
  } catch (error) {
    // Not awaited: the source may never answer, and the answer to the platform does not depend on it.
    reader.cancel().catch(() => {});
    throw error;
  } finally {
    received.end();
  }
}

async function readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  received: Received,
): Promise<Uint8Array> {
  for (;;) {
    const { done, value } = await reader.read().catch((): never => {
      throw bodyInterrupted();
    });
    if (done) return received.bytes;
    received.add(value);
  }
}

/** The part of a body that has arrived. It takes room until `end`. */
export class Received {
  readonly #maxBytes: number;
  readonly #room: ReadingRoom;
  // One growing buffer rather than a list of chunks: a million chunks of one byte would take a hundred times their size.
  #buffer: Uint8Array = EMPTY;
  #length = 0;
  #isEnded = false;

  constructor({ maxBytes, room }: Pick<BodyLimits, 'maxBytes' | 'room'>) {
    this.#maxBytes = maxBytes;
    this.#room = room;
  }

  get bytes(): Uint8Array {
    return this.#buffer.length === this.#length
      ? this.#buffer
      : this.#buffer.subarray(0, this.#length);
  }

  /**
   * Adds what has arrived.
   * @throws MessageError `body_too_large`, `too_many_bodies`; `body_interrupted` for a chunk that is no bytes, which a stream
   *   of a program may hold
   */
  add(chunk: unknown): void {
    if (!(chunk instanceof Uint8Array)) throw bodyInterrupted();
    const length = this.#length + chunk.byteLength;
    if (length > this.#maxBytes) throw bodyTooLarge(this.#maxBytes);
    if (this.#isEnded) return;
    if (this.#length === 0) {
      // Most bodies are one chunk. It is copied: the source may write its next chunk into the same buffer.
      this.#room.take(length);
      this.#buffer = new Uint8Array(chunk);
    } else {
      if (length > this.#buffer.length) this.#grow(length);
      this.#buffer.set(chunk, this.#length);
    }
    this.#length = length;
  }

  /** Gives the room back: the body is complete, or the webhook no longer waits for the rest. */
  end(): void {
    if (!this.#isEnded) this.#room.leave(this.#buffer.length);
    this.#isEnded = true;
  }

  #grow(length: number): void {
    const capacity = Math.max(length, this.#buffer.length * 2, FIRST_CAPACITY);
    const size = Math.min(capacity, this.#maxBytes);
    this.#room.take(size - this.#buffer.length);
    const grown = new Uint8Array(size);
    grown.set(this.bytes);
    this.#buffer = grown;
  }
}

/** For a body whose bytes are gone: other code has read it. */
export function bodyAlreadyRead(): UsageError {
  return new UsageError(
    'body_already_read',
    'The body of a webhook request was read before the webhook saw it, so its bytes are gone. Mount the webhook before body parsers such as express.json(), or let the parser keep the bytes as a Buffer in req.rawBody.',
  );
}

export function bodyTooLarge(maxBytes: number): MessageError {
  return new MessageError(
    'body_too_large',
    `A body is at most ${maxBytes} bytes long; this is not. See maxBodyBytes of createWebhook().`,
  );
}

export function bodyTimedOut(): MessageError {
  return new MessageError('body_timeout', 'The rest of a body did not arrive in time.', {
    retryable: true,
  });
}

export function bodyInterrupted(): MessageError {
  return new MessageError('body_interrupted', 'A body ended before it was whole.', {
    retryable: true,
  });
}
