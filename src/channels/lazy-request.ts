import type { Clock } from '../clock.ts';
import { UsageError } from '../errors.ts';
import type { BodyLimits } from './body.ts';
import type { ChannelLimits, ChannelRequest } from './channel.ts';
import type { RawRequest } from './raw-handler.ts';
import { ReadingRoom } from './reading-room.ts';

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_READING_BYTES = 32 * 1024 * 1024;
const BODY_TIMEOUT_MS = 3000;

interface ReadingOptions {
  readonly maxBodyBytes?: number | undefined;
  readonly maxReadingBytes?: number | undefined;
}

/** How bodies are read. */
export interface BodyReading extends Omit<BodyLimits, 'deadlineAt'> {
  readonly timeoutMs: number;
}

/** @throws UsageError `bad_option` */
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

/** What a channel is asked about. Nothing of it is made before it is looked at. */
export function lazyRequest(
  incoming: RawRequest,
  receivedAt: number,
  { timeoutMs, ...limits }: BodyReading,
): ChannelRequest {
  let body: Promise<Uint8Array> | undefined;
  return {
    method: incoming.method,
    receivedAt,
    get url() {
      return incoming.url;
    },
    get query() {
      return incoming.query;
    },
    get headers() {
      return incoming.headers;
    },
    readBody() {
      if (body === undefined) {
        body = incoming.readBody({ ...limits, deadlineAt: receivedAt + timeoutMs });
        // A channel that does not wait for what it asked for must not end the process.
        body.catch(() => {});
      }
      return body;
    },
  };
}
