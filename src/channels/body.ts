import type { Clock } from '../clock.ts';
import { MessageError, UsageError } from '../errors.ts';
import { withDeadline } from '../internal/async.ts';

export interface BodyLimits {
  readonly maxBytes: number;
  /** Epoch milliseconds at which waiting for the rest ends. */
  readonly deadlineAt: number;
  readonly clock: Clock;
}

const FIRST_CAPACITY = 8192;
const EMPTY = new Uint8Array();

/**
 * The bytes of a request's body. What a `content-length` claims plays no part: reading stops at the byte too many.
 * @throws MessageError `body_too_large`, `body_timeout`, or `body_interrupted` where the client hung up
 * @throws UsageError `body_already_read`
 */
export async function readBody(
  request: Request,
  { maxBytes, deadlineAt, clock }: BodyLimits,
): Promise<Uint8Array> {
  if (request.bodyUsed || request.body?.locked) throw bodyAlreadyRead();
  if (!request.body) return new Uint8Array();
  const reader = request.body.getReader();
  const onPass = (): Promise<never> => Promise.reject(bodyTimedOut());
  try {
    return await withDeadline(readAll(reader, maxBytes), { clock, at: deadlineAt, onPass });
  } catch (error) {
    // Not awaited: the source may never answer, and the answer to the platform does not depend on it.
    reader.cancel().catch(() => {});
    throw error;
  }
}

async function readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array> {
  const received = new Received(maxBytes);
  for (;;) {
    const { done, value } = await reader.read().catch((): never => {
      throw bodyInterrupted();
    });
    if (done) return received.bytes;
    received.add(value);
  }
}

export class Received {
  readonly #maxBytes: number;
  // One growing buffer rather than a list of chunks: a million chunks of one byte would take a hundred times their size.
  #buffer: Uint8Array = EMPTY;
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): Uint8Array {
    return this.#buffer.length === this.#length
      ? this.#buffer
      : this.#buffer.subarray(0, this.#length);
  }

  /** @throws MessageError `body_too_large`; `body_interrupted` for what is no bytes, which any stream may hold */
  add(chunk: unknown): void {
    if (!(chunk instanceof Uint8Array)) throw bodyInterrupted();
    const length = this.#length + chunk.byteLength;
    if (length > this.#maxBytes) {
      const problem = `A body is at most ${this.#maxBytes} bytes long; this is not.`;
      throw new MessageError('body_too_large', problem);
    }
    if (this.#length === 0) {
      // Most bodies are one chunk. It is copied: the source may write its next chunk into the same buffer.
      this.#buffer = new Uint8Array(chunk);
    } else {
      if (length > this.#buffer.length) this.#grow(length);
      this.#buffer.set(chunk, this.#length);
    }
    this.#length = length;
  }

  #grow(length: number): void {
    const capacity = Math.max(length, this.#buffer.length * 2, FIRST_CAPACITY);
    const grown = new Uint8Array(Math.min(capacity, this.#maxBytes));
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
