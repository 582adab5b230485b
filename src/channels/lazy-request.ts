import type { Clock } from '../clock.ts';
import { UsageError } from '../errors.ts';
import type { BodyLimits } from './body.ts';
import type { ChannelLimits } from './channel.ts';
import type { ChannelRequest } from './reception.ts';
import type { RawRequest } from './raw-handler.ts';
import { ReadingRoom } from './reading-room.ts';

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_READING_BYTES = 32 * 1024 * 1024;
const BODY_TIMEOUT_MS = 3000;

interface ReadingOptions {
  readonly maxBodyBytes?: number | undefined;
  readonly maxReadingBytes?: number | undefined;
}

/** The limits by which a webhook reads bodies. */
export interface BodyReading extends Omit<BodyLimits, 'deadlineAt'> {
  readonly timeoutMs: number;
}

/**
 * The limits of a webhook: those of its options, else those of its channel, else the defaults.
 * @throws UsageError `bad_option`
 */
export function readingOf(
  limits: ChannelLimits = {},
  { maxBodyBytes, maxReadingBytes = MAX_READING_BYTES }: ReadingOptions,
  clock: Clock,
): BodyReading {
  const maxBytes = maxBodyBytes ?? limits.maxBodyBytes ?? MAX_BODY_BYTES;
  if (!Number.isInteger(maxBytes) || maxBytes < 1) {
    throw new UsageError('bad_option', '`maxBodyBytes` is a whole number of bytes over 0.');
  }
  if (!Number.isInteger(maxReadingBytes) || maxReadingBytes < maxBytes) {
    throw new UsageError(
      'bad_option',
      `\`maxReadingBytes\` is a whole number of bytes, and at least those of the longest body, ${maxBytes}.`,
    );
  }
  const room = new ReadingRoom(maxReadingBytes);
  return { maxBytes, room, clock, timeoutMs: limits.bodyTimeoutMs ?? BODY_TIMEOUT_MS };
}

/**
 * A request as its channel sees it. Each part is made only when the channel reads it. It is a class because V8 takes long to make
 * an object with getters.
 */
export class LazyRequest implements ChannelRequest {
  readonly method: string;
  readonly receivedAt: number;
  readonly readBody: () => Promise<Uint8Array>;
  readonly #incoming: RawRequest;

  constructor(incoming: RawRequest, receivedAt: number, reading: BodyReading) {
    this.method = incoming.method;
    this.receivedAt = receivedAt;
    this.#incoming = incoming;
    let body: Promise<Uint8Array> | undefined;
    this.readBody = () => (body ??= readOnce(incoming, receivedAt, reading));
  }

  get url(): URL {
    return this.#incoming.url;
  }

  get query(): URLSearchParams {
    return this.#incoming.query;
  }

  get headers(): Headers {
    return this.#incoming.headers;
  }
}

function readOnce(
  incoming: RawRequest,
  receivedAt: number,
  { maxBytes, room, clock, timeoutMs }: BodyReading,
): Promise<Uint8Array> {
  const body = incoming.readBody({ maxBytes, room, clock, deadlineAt: receivedAt + timeoutMs });
  // If the channel does not await the body and it fails, the unhandled rejection must not end the process.
  body.catch(ignore);
  return body;
}

function ignore(): void {}
