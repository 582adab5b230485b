import type { ColloquyError } from '../../errors.ts';
import { fieldsOf, stringOf } from '../../internal/fields.ts';
import { parsedJson } from '../parsed.ts';
import { type ModelFailure, modelFailed } from '../failure.ts';
import { failureReasonOf, retryAfterOf } from '../failure-reason.ts';
import type { ServerSettings } from './settings.ts';

/** Of what a provider says in an error, a cause holds no more. */
const MAX_CAUSE_LENGTH = 2000;

/** Adds the name of the model, and takes the key out of what the provider said: some quote it. */
export function failed(
  { name, secrets }: ServerSettings,
  { cause, ...failure }: Omit<ModelFailure, 'model'>,
): ColloquyError {
  if (cause === undefined) return modelFailed({ model: name, ...failure });
  return modelFailed({ model: name, ...failure, cause: withoutSecrets(cause, secrets) });
}

/** A new error: the one below may hold the request with its headers. */
function withoutSecrets(cause: unknown, secrets: readonly string[]): Error {
  let text = textOf(cause);
  for (const secret of secrets) text = text.replaceAll(secret, '[secret]');
  return new Error(text.slice(0, MAX_CAUSE_LENGTH));
}

function textOf(cause: unknown): string {
  if (typeof cause === 'string') return cause;
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : `a ${typeof cause}`;
}

/** The failure that an answer with a status other than 2xx stands for. */
export function failureOfStatus(
  settings: ServerSettings,
  { status, headers }: Response,
  text: string,
): ColloquyError {
  const { error } = fieldsOf(parsedJson(text)?.value);
  const retryAfterMs = retryAfterOf(headers.get('retry-after'), settings.clock.now());
  return failed(settings, {
    status,
    reason: failureReasonOf(status, error),
    ...(retryAfterMs !== undefined && { details: { retryAfterMs } }),
    cause: text,
  });
}

/** The failure that an `error` within a stream stands for. */
export function failureInStream(settings: ServerSettings, error: unknown): ColloquyError {
  const { code, message } = fieldsOf(error);
  const status = typeof code === 'number' ? code : 500;
  return failed(settings, {
    reason: failureReasonOf(status, error),
    cause: stringOf(message) ?? JSON.stringify(error),
  });
}
