import { untilAborted } from '../../internal/async.ts';
import { keyHeader } from '../key-header.ts';
import type { ModelRequest } from '../model.ts';
import { failed, failureOfStatus } from './failures.ts';
import { GrowingBytes } from './growing-bytes.ts';
import { toBody } from './request.ts';
import type { ServerSettings } from './settings.ts';

/** No error of a provider is longer. */
const MAX_ERROR_BYTES = 64 * 1024;

export interface ServerCall {
  readonly request: ModelRequest;
  readonly isStreamed: boolean;
  readonly signal: AbortSignal;
}

/**
 * The answer to a call, whose body is still to be read.
 * @throws ColloquyError `model_failed` for a failure of the network, a redirect, and a status that is not 2xx
 * @throws the reason of the signal once that is aborted
 */
export async function postCall(
  settings: ServerSettings,
  { request, isStreamed, signal }: ServerCall,
): Promise<Response> {
  signal.throwIfAborted();
  const { key } = request;
  const init = {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: isStreamed ? 'text/event-stream' : 'application/json',
      ...settings.headers,
      ...(key !== undefined && { 'idempotency-key': await keyHeader(key) }),
    },
    body: toBody(settings, request, isStreamed),
    signal,
    // A redirect would carry the key and what users say to an address that the program has not named.
    redirect: 'manual',
  } as const;
  let response: Response;
  try {
    // A `fetch` that the program gives may ignore the signal.
    response = await untilAborted(settings.fetch(settings.url, init), signal);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const network = networkCodeOf(error);
    throw failed(settings, { reason: 'unavailable', details: { network }, cause: error });
  }
  const { status, type } = response;
  if (response.ok) return response;
  if (type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    void response.body?.cancel().catch(() => {});
    throw failed(settings, { reason: 'bad_request', status, details: { problem: 'redirect' } });
  }
  throw failureOfStatus(settings, response, await errorText(response, signal));
}

/** The bytes of an answer, up to the maximum of them. */
export async function* answerParts(
  settings: ServerSettings,
  response: Response,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { maxAnswerBytes: maxBytes } = settings;
  let length = 0;
  for await (const part of bytesOf(settings, response, signal)) {
    length += part.byteLength;
    if (length > maxBytes) {
      const details = { problem: 'too_large', maxBytes };
      throw failed(settings, { reason: 'bad_answer', status: response.status, details });
    }
    yield part;
  }
}

/** The whole text of an answer. */
export async function textOfAnswer(
  settings: ServerSettings,
  response: Response,
  signal: AbortSignal,
): Promise<string> {
  const bytes = new GrowingBytes();
  for await (const part of answerParts(settings, response, signal)) bytes.add(part);
  return bytes.take();
}

async function* bytesOf(
  settings: ServerSettings,
  response: Response,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  let isWhole = false;
  try {
    for (;;) {
      const read = await untilAborted(reader.read(), signal);
      isWhole = read.done;
      if (read.done) return;
      yield read.value;
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw cutOff(settings, response.status, error);
  } finally {
    // Not awaited: the other side may never answer.
    if (!isWhole) reader.cancel().catch(() => {});
  }
}

/** The failure of an answer that ended before it was whole. */
export function cutOff(settings: ServerSettings, status: number, cause?: unknown): Error {
  const details = { problem: 'cut_off' };
  return failed(settings, { reason: 'bad_answer', status, details, cause });
}

/** What a provider says of an error. What is too long is cut; the status is known anyway. */
async function errorText(response: Response, signal: AbortSignal): Promise<string> {
  const bytes = new GrowingBytes();
  let length = 0;
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  try {
    while (length < MAX_ERROR_BYTES) {
      const { done, value } = await untilAborted(reader.read(), signal);
      if (done) break;
      length += value.byteLength;
      bytes.add(value.subarray(0, MAX_ERROR_BYTES));
    }
  } catch {
    if (signal.aborted) throw signal.reason;
  }
  reader.cancel().catch(() => {});
  return bytes.take();
}

/** Where Node.js says why: `ECONNREFUSED`, `UND_ERR_SOCKET`. */
function networkCodeOf(error: unknown): string {
  for (const each of [error, (error as { cause?: unknown } | null | undefined)?.cause]) {
    const code = (each as { code?: unknown } | null | undefined)?.code;
    if (typeof code === 'string' && /^[A-Z_]{1,64}$/u.test(code)) return code;
  }
  return 'no_answer';
}
