import type { Clock } from '../clock.ts';
import { MessageError, UsageError } from '../errors.ts';

export interface BodyLimits {
  readonly maxBytes: number;
  /** Epoch milliseconds at which waiting for the rest ends. */
  readonly deadlineAt: number;
  readonly clock: Clock;
}

const FIRST_CAPACITY = 8192;

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
  let cancelWake = (): void => {};
  const late = new Promise<never>((_, reject) => {
    cancelWake = clock.wake(deadlineAt, () => reject(timedOut()), { holdsProcess: true });
  });
  // One growing buffer rather than a list of chunks: a million chunks of one byte would take a hundred times their size.
  let buffer = new Uint8Array(Math.min(FIRST_CAPACITY, maxBytes));
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await Promise.race([read(reader), late]);
      if (done) return buffer.subarray(0, length);
      // A Request made in the process may stream anything.
      if (!(value instanceof Uint8Array)) throw interrupted();
      if (length + value.byteLength > maxBytes) throw tooLarge(maxBytes);
      if (length + value.byteLength > buffer.length) {
        const wanted = Math.max(length + value.byteLength, buffer.length * 2);
        const grown = new Uint8Array(Math.min(wanted, maxBytes));
        grown.set(buffer.subarray(0, length));
        buffer = grown;
      }
      buffer.set(value, length);
      length += value.byteLength;
    }
  } catch (error) {
    // Not awaited: the source may never answer, and the answer to the platform does not depend on it.
    reader.cancel().catch(() => {});
    throw error;
  } finally {
    cancelWake();
  }
}

async function read(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<{ readonly done: boolean; readonly value?: unknown }> {
  try {
    return await reader.read();
  } catch {
    throw interrupted();
  }
}

/** For a body that somebody else has consumed, so that its bytes are gone. */
export function bodyAlreadyRead(): UsageError {
  return new UsageError(
    'body_already_read',
    'The body of a webhook request was read before the webhook saw it, so its bytes are gone. Mount the webhook before body parsers such as express.json(), or let the parser keep the bytes as a Buffer in req.rawBody.',
  );
}

function tooLarge(maxBytes: number): MessageError {
  return new MessageError(
    'body_too_large',
    `A body is at most ${maxBytes} bytes long; this is not.`,
  );
}

function timedOut(): MessageError {
  return new MessageError('body_timeout', 'The rest of a body did not arrive in time.', {
    retryable: true,
  });
}

function interrupted(): MessageError {
  return new MessageError('body_interrupted', 'A body ended before it was whole.', {
    retryable: true,
  });
}
