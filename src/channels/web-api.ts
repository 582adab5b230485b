import { type ColloquyError, DeliveryError } from '../errors.ts';
import { untilAborted } from '../internal/async.ts';
import { JSON_HEADERS } from './receptions.ts';

/** As `fetch` of the platform, with a text as its `body`; a test, or a program behind a proxy, gives another. */
export type Fetch = (
  url: string,
  init: RequestInit & { readonly body: string },
) => Promise<Response>;

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** What its body is in JSON; undefined where it is none, or longer than any of them. */
  readonly data: unknown;
}

interface ApiCall {
  /** The channel that asks, for errors. */
  readonly channel: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
  /** The maximum of bytes of its answer. Default 256 KiB. */
  readonly maxAnswerBytes?: number;
  /** What is thrown where no answer came, for one word that says why. Default: that a reply may not have arrived. */
  readonly noAnswer?: (reason: string) => ColloquyError;
}

/** No answer of an interface for messages is near it. */
const MAX_ANSWER_BYTES = 256 * 1024;

/**
 * Posts JSON to the interface of a platform.
 * @throws DeliveryError `push_failed`, retryable, where no answer came. It holds nothing of the error beneath, whose text may be an
 * address with a token in it, but its code.
 */
export async function postJson(fetch: Fetch, call: ApiCall): Promise<ApiAnswer> {
  const { channel, url, headers, body, signal, maxAnswerBytes = MAX_ANSWER_BYTES } = call;
  try {
    // A `fetch` that the program gives may ignore the signal.
    const response = await untilAborted(
      fetch(url, {
        method: 'POST',
        headers: { ...JSON_HEADERS, ...headers },
        body,
        signal,
        // A redirect would carry the secret to an address that is not configured.
        redirect: 'manual',
      }),
      signal,
    );
    const text = await untilAborted(readText(response, maxAnswerBytes), signal);
    return { status: response.status, headers: response.headers, data: toData(text) };
  } catch (error) {
    const reason = signal.aborted ? 'aborted' : codeOf(error);
    throw call.noAnswer?.(reason) ?? noAnswer(channel, reason);
  }
}

/**
 * What a call needs before it can be made.
 * @throws DeliveryError `push_failed`, retryable, where the signal is aborted first
 */
export async function whileWanted<T>(
  work: Promise<T>,
  { channel, signal }: Pick<ApiCall, 'channel' | 'signal'>,
): Promise<T> {
  try {
    return await untilAborted(work, signal);
  } catch (error) {
    throw signal.aborted ? noAnswer(channel, 'aborted') : error;
  }
}

function noAnswer(channel: string, reason: string): DeliveryError {
  return new DeliveryError(
    'push_failed',
    `No answer came from the interface of ${channel} (${reason}), so a reply may not have arrived. It can be tried again.`,
    { retryable: true, details: { channel, reason } },
  );
}

async function readText(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > maxBytes) return '';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function toData(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Where Node.js says why: `ECONNREFUSED`, `UND_ERR_SOCKET`. */
function codeOf(error: unknown): string {
  for (const each of [error, (error as { cause?: unknown } | null | undefined)?.cause]) {
    const code = (each as { code?: unknown } | null | undefined)?.code;
    if (typeof code === 'string' && /^[A-Z_]{1,64}$/.test(code)) return code;
  }
  return 'no_answer';
}
